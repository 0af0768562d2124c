#include "compare/history/retention.hpp"

#include <algorithm>
#include <map>

namespace understudy::compare {

std::vector<std::string> runs_to_remove(const std::vector<RunSummary>& runs, const Retention& retention, Timestamp now) {
    std::vector<const RunSummary*> newest_first;
    for (const RunSummary& run : runs) newest_first.push_back(&run);
    std::sort(newest_first.begin(), newest_first.end(), [](const RunSummary* a, const RunSummary* b) { return a->id > b->id; });
    std::map<std::string, std::size_t> newer;  // by job
    std::map<std::string, bool> goes;          // by id
    for (const RunSummary* run : newest_first) {
        const std::size_t before = newer[run->job]++;
        const bool too_many = retention.runs > 0 && before >= retention.runs;
        const bool too_old = retention.days > 0 && (now - run->at).to_seconds() > 86'400.0 * retention.days;
        goes[run->id] = before > 0 && run->release.empty() && (too_many || too_old);
    }
    std::vector<std::string> ids;
    for (const RunSummary& run : runs) {
        if (goes[run.id]) ids.push_back(run.id);
    }
    return ids;
}

}  // namespace understudy::compare
