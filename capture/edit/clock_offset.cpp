#include "capture/edit/clock_offset.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

namespace understudy::capture {
namespace {

constexpr std::size_t kEnoughRequests = 4;  // equal ones, where addresses differ
constexpr int kMaxShift = static_cast<int>(SessionSketch::kMaxSamples) - 1;

/// Equal requests with the second's samples shifted; 0 when any differ.
std::size_t equal_requests(const SessionSketch& a, const SessionSketch& b, int shift) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < a.samples.size(); ++i) {
        const int other = static_cast<int>(i) + shift;
        if (other < 0 || static_cast<std::size_t>(other) >= b.samples.size()) continue;
        if (a.samples[i].hash != b.samples[static_cast<std::size_t>(other)].hash) return 0;
        ++equal;
    }
    return equal;
}

struct Fit {
    std::size_t equal = 0;
    std::optional<int> shift;
};

/// Sessions that both hosts saw from their beginning lie side by side; a joined one may begin anywhere in the other.
Fit fit(const SessionSketch& a, const SessionSketch& b) {
    if (!a.joined && !b.joined) {
        const std::size_t equal = equal_requests(a, b, 0);
        return {equal, equal > 0 ? std::optional(0) : std::nullopt};
    }
    Fit best;
    bool unique = true;
    for (int shift = -kMaxShift; shift <= kMaxShift; ++shift) {
        const std::size_t equal = equal_requests(a, b, shift);
        if (equal == 0) continue;
        if (equal >= 2) unique = unique && !best.shift.has_value();
        if (equal >= 2 && !best.shift) best.shift = shift;
        best.equal = std::max(best.equal, equal);
    }
    if (!unique) best.shift.reset();
    return best;
}

bool differ_where_known(std::uint64_t a, std::uint64_t b) { return a != 0 && b != 0 && a != b; }

bool same_session(const SessionSketch& a, const SessionSketch& b, const Fit& how) {
    if (differ_where_known(a.process_id, b.process_id) || differ_where_known(a.startup, b.startup)) return false;
    const bool same_ends = !a.client.empty() && a.client == b.client && a.server == b.server;
    const bool same_process = a.process_id != 0 && a.process_id == b.process_id;
    const bool same_startup = a.startup != 0 && a.startup == b.startup;
    if (same_ends) return same_process || how.equal > 0;
    return same_process && same_startup && how.equal >= kEnoughRequests;
}

/// A damaged file holds any time; from those nothing follows, and their difference may not be a number.
bool plausible(Timestamp time) {
    constexpr std::int64_t kMax = std::int64_t{1} << 62U;
    return time.known() && time.ns() > 0 && time.ns() < kMax;
}

std::int64_t median(std::vector<std::int64_t>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::int64_t spread(std::vector<std::int64_t> values, std::int64_t around) {
    for (std::int64_t& value : values) value = std::abs(value - around);
    return median(values);
}

}  // namespace

std::vector<SessionMatch> match_sessions(const SketchBook& first, const SketchBook& second) {
    std::map<std::pair<std::string, std::string>, std::vector<SessionId>> by_ends;
    std::map<std::uint32_t, std::vector<SessionId>> by_process;
    for (const auto& [id, sketch] : second.sketches()) {
        if (!sketch.client.empty()) by_ends[{sketch.client, sketch.server}].push_back(id);
        if (sketch.process_id != 0) by_process[sketch.process_id].push_back(id);
    }
    for (auto& [ends, ids] : by_ends) std::sort(ids.begin(), ids.end());
    for (auto& [process, ids] : by_process) std::sort(ids.begin(), ids.end());
    std::vector<SessionId> order;
    for (const auto& [id, sketch] : first.sketches()) order.push_back(id);
    std::sort(order.begin(), order.end());

    std::vector<SessionMatch> matches;
    std::unordered_set<SessionId> taken;
    for (const SessionId id : order) {
        if (second.sketches().count(id) == 0) continue;
        matches.push_back({id, id, fit(first.sketches().at(id), second.sketches().at(id)).shift});
        taken.insert(id);
    }
    for (const SessionId id : order) {
        if (taken.count(id) != 0) continue;
        const SessionSketch& sketch = first.sketches().at(id);
        std::vector<SessionId> candidates;
        const auto ends = by_ends.find({sketch.client, sketch.server});
        if (ends != by_ends.end()) candidates = ends->second;
        const auto process = by_process.find(sketch.process_id);
        if (process != by_process.end())
            candidates.insert(candidates.end(), process->second.begin(), process->second.end());
        for (const SessionId candidate : candidates) {
            if (taken.count(candidate) != 0) continue;
            const SessionSketch& other = second.sketches().at(candidate);
            const Fit how = fit(sketch, other);
            if (!same_session(sketch, other, how)) continue;
            taken.insert(candidate);
            matches.push_back({id, candidate, how.shift});
            break;
        }
    }
    std::sort(matches.begin(), matches.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return matches;
}

std::optional<ClockOffset> estimate_offset(const SketchBook& first, const SketchBook& second,
                                           const std::vector<SessionMatch>& matches) {
    ClockOffset result;
    std::vector<std::int64_t> asked;
    std::vector<std::int64_t> ready;
    for (const SessionMatch& match : matches) {
        if (!match.shift) continue;
        const auto& a = first.sketches().at(match.first).samples;
        const auto& b = second.sketches().at(match.second).samples;
        const std::size_t before = asked.size();
        for (std::size_t i = 0; i < a.size(); ++i) {
            const int other = static_cast<int>(i) + *match.shift;
            if (other < 0 || static_cast<std::size_t>(other) >= b.size()) continue;
            const auto& theirs = b[static_cast<std::size_t>(other)];
            if (!plausible(a[i].ready) || !plausible(theirs.ready)) continue;
            if (!plausible(a[i].asked) || !plausible(theirs.asked)) continue;
            asked.push_back((theirs.asked - a[i].asked).count_ns());
            ready.push_back((theirs.ready - a[i].ready).count_ns());
        }
        if (asked.size() > before) ++result.sessions;
    }
    if (asked.empty()) return std::nullopt;
    result.pairs = asked.size() + ready.size();
    const std::int64_t of_requests = median(asked);
    const std::int64_t of_answers = median(ready);
    result.offset = Duration::nanoseconds(of_answers + (of_requests - of_answers) / 2);
    const std::int64_t half = std::abs(of_requests - of_answers) / 2;
    result.uncertainty = Duration::nanoseconds(half + std::max(spread(asked, of_requests), spread(ready, of_answers)));
    return result;
}

}  // namespace understudy::capture
