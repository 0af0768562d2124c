#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

/// One line of the audit log: who did what, from where, and what came of it.
struct AuditEntry {
    std::string who;  ///< a token's name; empty: nobody that is known
    std::string role;
    std::string peer;
    std::string what;  ///< "POST /api/v1/…", "token add …"
    int status = 0;    ///< of the answer; 0: it is about to be done
    std::string detail;
};

/// STATE/audit.log: JSON, a line each, mode 0600, only ever appended to. A file that has grown beyond kMaxBytes is kept
/// under another name, and a new one begun.
class AuditFile {
public:
    static constexpr std::uintmax_t kMaxBytes = 64U << 20U;

    explicit AuditFile(std::string path) : path_(std::move(path)) {}
    /// Errors: Errc::io: then nothing must be done that should have been written down.
    Result<void> append(const AuditEntry& entry, Timestamp now);
    /// The last lines, oldest first.
    [[nodiscard]] std::string tail(std::size_t lines) const;

private:
    std::string path_;
};

}  // namespace understudy::app
