#include "app/history/retained.hpp"

namespace understudy::app {

Result<std::vector<std::string>> going_runs(History& history, const std::string& job, const compare::Retention& retention,
                                            Timestamp now) {
    std::vector<compare::RunSummary> runs;
    RunFilter filter;
    filter.job = job;
    filter.limit = RunFilter::kMaxLimit;
    for (bool more = true; more;) {
        UNDERSTUDY_TRY(const RunPage page, history.list(filter));
        runs.insert(runs.end(), page.runs.begin(), page.runs.end());
        more = page.more && !page.runs.empty();
        if (more) filter.before = page.runs.back().id;
    }
    return compare::runs_to_remove(runs, retention, now);
}

Result<void> remove_run(History& history, const std::string& id) {
    auto removed = history.remove(id);
    if (!removed && removed.error().code == Errc::usage) return {};
    return removed;
}

}  // namespace understudy::app
