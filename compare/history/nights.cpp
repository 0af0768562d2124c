#include "compare/history/nights.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace understudy::compare {
namespace {

enum class Presence : std::uint8_t { there, absent, unknown };

/// One run, looked up by finding.
class Night {
public:
    explicit Night(const ObservedRun& run) : run_(&run) {
        for (const RunFinding& finding : run.findings) findings_.emplace(finding.key, &finding);
    }
    [[nodiscard]] const RunFinding* find(const FindingKey& key) const {
        const auto found = findings_.find(key);
        return found == findings_.end() ? nullptr : found->second;
    }
    [[nodiscard]] bool asked(const std::string& fingerprint) const {
        return std::binary_search(run_->asked.begin(), run_->asked.end(), fingerprint);
    }
    /// `listed`: its statement is among what is asked in a run that has it, so that its absence there means something.
    [[nodiscard]] Presence of(const FindingKey& key, bool listed) const {
        if (findings_.contains(key)) return Presence::there;
        const RunSummary& summary = run_->summary;
        if (summary.verdict == "inconclusive" || summary.findings_left > 0) return Presence::unknown;
        const bool not_asked = listed && summary.asked_complete && !asked(key.fingerprint);
        return not_asked ? Presence::unknown : Presence::absent;
    }
    [[nodiscard]] const ObservedRun& run() const { return *run_; }

private:
    const ObservedRun* run_;
    std::map<FindingKey, const RunFinding*> findings_;
};

/// What the nights say of one finding, tonight first; nothing when neither tonight nor the night before has it.
std::optional<NightChange> follow(const FindingKey& key, const std::vector<Night>& nights) {
    NightChange change;
    std::size_t turns = 0;
    bool unbroken = true;
    bool before_known = false;
    bool there_before = false;
    Presence last = Presence::unknown;
    const bool listed = std::any_of(nights.begin(), nights.end(), [&](const Night& night) {
        return night.find(key) != nullptr && night.asked(key.fingerprint);
    });
    const Presence tonight = nights.front().of(key, listed);
    for (std::size_t i = 0; i < nights.size() && i < kFlapNights; ++i) {
        const Presence now = nights[i].of(key, listed);
        if (now == Presence::unknown) continue;
        ++change.looked_at;
        turns += last != Presence::unknown && last != now ? 1U : 0U;
        last = now;
        const RunFinding* found = nights[i].find(key);
        if (found == nullptr) {
            unbroken = unbroken && i == 0;
        } else {
            ++change.seen_in;
            if (change.seen_in == 1) change.finding = *found;
            if (unbroken) change.since = nights[i].run().summary.id;
        }
        if (i > 0 && !before_known) {
            before_known = true;
            there_before = found != nullptr;
            change.count_before = found != nullptr ? found->count : 0;
        }
    }
    change.there_tonight = tonight == Presence::there;
    if (tonight == Presence::unknown) {
        change.state = NightState::unknown;
    } else if (turns >= kFlapTurns) {
        change.state = NightState::flapping;
    } else if (change.there_tonight) {
        change.state = there_before ? NightState::persisting : NightState::fresh;
    } else {
        change.state = NightState::gone;
    }
    if (!change.there_tonight && !there_before) return std::nullopt;
    return change;
}

int weight(const std::string& severity) {
    for (const auto& [name, value] : {std::pair{"breaking", 0}, {"wrong answer", 1}, {"risky", 2}, {"cosmetic", 3}}) {
        if (severity == name) return value;
    }
    return 4;
}

NightsComparison compare_nights(const std::vector<Night>& nights) {
    NightsComparison comparison;
    comparison.tonight = nights.front().run().summary;
    for (std::size_t i = 1; i < nights.size(); ++i) {
        if (nights[i].run().summary.verdict == "inconclusive") continue;
        comparison.before = nights[i].run().summary;
        comparison.passed_over = i - 1;
        break;
    }
    std::set<FindingKey> keys;
    for (const Night& night : nights) {
        for (const RunFinding& finding : night.run().findings) keys.insert(finding.key);
    }
    for (const FindingKey& key : keys) {
        if (auto change = follow(key, nights)) comparison.changes.push_back(std::move(*change));
    }
    std::stable_sort(comparison.changes.begin(), comparison.changes.end(), [](const NightChange& a, const NightChange& b) {
        if (a.state != b.state) return a.state < b.state;
        return weight(a.finding.severity) < weight(b.finding.severity);
    });
    return comparison;
}

}  // namespace

std::string_view to_string(NightState state) {
    switch (state) {
        case NightState::fresh: return "new";
        case NightState::flapping: return "flapping";
        case NightState::persisting: return "persisting";
        case NightState::gone: return "gone";
        case NightState::unknown: return "unknown";
    }
    return "unknown";
}

std::size_t NightsComparison::count(NightState state) const {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [&](const NightChange& change) { return change.state == state; }));
}

NightsComparison against_earlier(const ObservedRun& tonight, const std::vector<ObservedRun>& earlier) {
    std::vector<Night> nights{Night(tonight)};
    for (const ObservedRun& run : earlier) {
        if (nights.size() == kFlapNights) break;
        nights.emplace_back(run);
    }
    return compare_nights(nights);
}

NightsComparison against_run(const ObservedRun& later, const ObservedRun& before) {
    NightsComparison comparison = compare_nights({Night(later), Night(before)});
    comparison.before = before.summary;
    comparison.passed_over = 0;
    return comparison;
}

}  // namespace understudy::compare
