#pragma once

#include <optional>
#include <vector>

#include "compare/analysis/observed.hpp"
#include "compare/analysis/root.hpp"
#include "compare/analysis/sql_names.hpp"

namespace understudy::compare {

/// Prepared statements, portals and cursors that only the baseline has, since what was to make them failed on the other
/// side: later errors about them (26000, 34000) follow from that failure. Of one session.
class LostNames {
public:
    static constexpr std::size_t kMaxNames = 10'000;

    /// The step failed, or was skipped, because of `root`: what it would have made is lost.
    void lose(const StepContext* asked, std::uint32_t step, const Root& root);
    /// What the step's error follows from; nothing when it stands for itself.
    [[nodiscard]] const Root* root_of(const StepContext* asked, std::uint32_t step, const StepResult& other) const;
    /// A name that was made anew is not lost any more.
    void on_success(const StepContext* asked, std::uint32_t step);
    /// Turns differences of the exchange just compared into their cells.
    void resolve(const std::vector<CellId>& cells);
    [[nodiscard]] bool empty() const { return names_.empty(); }

private:
    struct Lost {
        SqlName what;
        Root root;
    };
    std::vector<Lost> names_;
};

}  // namespace understudy::compare
