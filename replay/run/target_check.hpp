#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "replay/run/session_runner.hpp"

namespace understudy::replay {

/// What is known of production, and what the user lets pass.
struct InterlockOptions {
    std::uint64_t recorded_system_identifier = 0;  ///< of the capture; 0: not recorded
    std::optional<std::uint64_t> production_id;    ///< --production-id ID
    bool production_id_none = false;               ///< --production-id none
    std::set<std::string> allowed;                 ///< --allow, by name
};

/// The interlock ("Never production" in the design): asks every data connection whether its database may be replayed
/// into, and until one has been told for each database, what in it could act outside (foreign servers, enabled
/// subscriptions, untrusted languages, extensions that reach out).
///
/// Thread-safe; must outlive the replay.
class TargetCheck {
public:
    explicit TargetCheck(InterlockOptions options) : options_(std::move(options)) {}

    /// Errors: Errc::refused, with what to do; Errc::io and Errc::end_of_file when the connection broke.
    net::asio::awaitable<Result<void>> check(net::PgStream& stream);
    /// The identifier of the server checked first; 0 before.
    [[nodiscard]] std::uint64_t system_identifier() const;

private:
    InterlockOptions options_;
    mutable std::mutex mutex_;
    std::set<Bytes> cleared_;  // databases whose hazards were listed and let pass
    std::uint64_t system_identifier_ = 0;
};

}  // namespace understudy::replay
