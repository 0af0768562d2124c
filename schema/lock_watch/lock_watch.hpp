#pragma once

#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "schema/lock_watch/observation.hpp"

namespace understudy::schema::lock_watch {

struct WatchOptions {
    /// Between two looks. When the server takes its time to answer, the pause is several times as long as that.
    Duration interval = Duration::milliseconds(20);
};

/// Watches a database while a migration runs there: a thread with a control connection of its own, which only reads.
///
///     UNDERSTUDY_TRY(const auto watch, LockWatch::start(conninfo, {{}, "my migration"}));
///     … run the migration; its sessions say application_name=my migration …
///     UNDERSTUDY_TRY(const MigrationObservation seen, watch->stop());
class LockWatch {
public:
    /// Returns once the first look is done: what begins now is seen. Errors: those of ControlConnection::open(), and
    /// Errc::io when the server refuses.
    static Result<std::unique_ptr<LockWatch>> start(const std::string& conninfo, MigrationSelector selector,
                                                    const WatchOptions& options = {});
    ~LockWatch();  ///< stops, too

    LockWatch(const LockWatch&) = delete;
    LockWatch& operator=(const LockWatch&) = delete;

    /// Takes a last look and says what was seen; call it once. A connection that was lost meanwhile is in `failure`,
    /// with what was seen until then.
    Result<MigrationObservation> stop();

private:
    struct Impl;
    explicit LockWatch(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::schema::lock_watch
