#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/service/hooks.hpp"
#include "app/service/serve_config.hpp"
#include "app/service/service_counters.hpp"
#include "app/web/run_store.hpp"

namespace understudy::app {

/// Tells hooks of runs from a thread of its own, each hook in the order of what happened, and waiting for no other; nobody
/// waits for it. The end of a run is told at least once: until its run's hooks.json says what came of it, the next service
/// tells it again. What is given up is counted and written into the audit log.
class HookSender {
public:
    /// Reads the files of addresses and secrets once, to say at once what is wrong with them; later they are read for each
    /// attempt, so that they can be replaced. Errors: Errc::io, Errc::malformed, naming the hook.
    static Result<std::unique_ptr<HookSender>> open(const service::ServeConfig& config, const RunStore& store,
                                                    service::ServiceCounters& counters);
    /// What is under way gets two seconds.
    ~HookSender();
    HookSender(const HookSender&) = delete;
    HookSender& operator=(const HookSender&) = delete;

    /// To those that the run names. From any thread; at once.
    void tell(service::HookEvent event, const service::RunRecord& run);
    /// Ends of runs that an earlier service has not told. `runs`: the oldest first.
    void tell_owed(const std::vector<service::RunRecord>& runs);

private:
    struct Working;
    explicit HookSender(std::unique_ptr<Working> working);
    std::unique_ptr<Working> working_;
};

}  // namespace understudy::app
