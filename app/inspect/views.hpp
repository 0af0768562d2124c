#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/inspect/file_report.hpp"
#include "app/inspect/list_view.hpp"
#include "app/inspect/statement_table.hpp"
#include "app/inspect/step_filter.hpp"

namespace understudy::app::inspect {

struct ViewOptions {
    std::string what = "summary";  ///< summary, sessions, exchanges, statements, timeline
    bool json = false;
    std::uint64_t limit = 0;  ///< entries shown; 0: all
    StatementOrder order = StatementOrder::time;
    FilterOptions filter;                ///< not of a summary
    std::optional<ExchangeId> exchange;  ///< instead of `what`
    bool follow = false;                 ///< one capture, of sessions or exchanges
    store::KeyRing keys;                 ///< for encrypted captures
};

/// Shows what the files hold. `flush` is called where a reader of a growing file waits.
/// Errors: of the first file that cannot be read; Errc::usage for an exchange that is not there.
Result<void> show(const std::vector<std::string>& files, const ViewOptions& options, const Output& out,
                  const std::function<void()>& flush);

/// Reads every file and says what is damaged; false when anything is.
bool verify(const std::vector<std::string>& files, const store::KeyRing& keys, bool json, const Output& out);

}  // namespace understudy::app::inspect
