#include "capture/edit/merger.hpp"

#include "core/store/capture_codec.hpp"

namespace understudy::capture {
namespace {

void shift(Timestamp& time, Duration by) {
    if (!time.known()) return;  // else it wraps: a damaged file holds any time
    time = Timestamp::from_ns(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(time.ns()) + static_cast<std::uint64_t>(by.count_ns())));
}

template <class WithTime>
bool shift_own_time(Event& event, Duration by) {
    auto* one = std::get_if<WithTime>(&event);
    if (one != nullptr) shift(one->time, by);
    return one != nullptr;
}

}  // namespace

void shift_times(Event& event, Duration by) {
    if (auto* response = std::get_if<Response>(&event)) {
        shift(response->ready, by);
        for (StepResult& result : response->results) {
            shift(result.first, by);
            shift(result.end, by);
        }
        return;
    }
    (void)(shift_own_time<Request>(event, by) || shift_own_time<SessionOpened>(event, by) ||
           shift_own_time<SessionState>(event, by) || shift_own_time<SessionClosed>(event, by) ||
           shift_own_time<CancelSent>(event, by) || shift_own_time<Gap>(event, by) ||
           shift_own_time<StatementInferred>(event, by) || shift_own_time<CatalogRecord>(event, by));
}

std::vector<Alignment> align(const std::vector<SketchBook>& books, const std::vector<std::optional<Duration>>& given) {
    std::vector<Alignment> result(books.size());
    for (std::size_t i = 0; i < books.size(); ++i) {
        if (given[i]) result[i].shift = *given[i];
        result[i].known = i == 0 || given[i].has_value();
    }
    bool moved = true;
    while (moved) {  // an input may have sessions in common only with one that is set later
        moved = false;
        for (std::size_t i = 0; i < books.size(); ++i) {
            if (result[i].known) continue;
            for (std::size_t other = 0; other < books.size(); ++other) {
                if (!result[other].known) continue;
                const auto estimate = estimate_offset(books[other], books[i], match_sessions(books[other], books[i]));
                const bool better = estimate && (!result[i].estimate || estimate->pairs > result[i].estimate->pairs);
                if (!better) continue;
                result[i].estimate = estimate;
                if (result[other].estimate) {
                    result[i].estimate->uncertainty =
                        result[i].estimate->uncertainty + result[other].estimate->uncertainty;
                }
                result[i].shift = result[other].shift - estimate->offset;
            }
            if (result[i].estimate) result[i].known = moved = true;
        }
    }
    return result;
}

namespace {

/// One connection has its four addresses and ports for itself: two records of them at one time are of one session, also
/// where their requests could not be laid beside each other.
bool one_connection(const SessionSketch& a, Duration shift_a, const SessionSketch& b, Duration shift_b) {
    const bool processes = a.process_id == 0 || b.process_id == 0 || a.process_id == b.process_id;
    const bool times = a.first.known() && b.first.known() && a.first + shift_a <= b.last + shift_b &&
                       b.first + shift_b <= a.last + shift_a;
    return a.joined && b.joined && !a.client.empty() && a.client == b.client && a.server == b.server && processes &&
           times;
}

/// Writing both records would double what they share: the more complete one is kept, the rest counted.
void drop_unaligned(const std::vector<SketchBook>& books, std::vector<MergeInput>& inputs) {
    std::unordered_multimap<std::string, std::pair<std::size_t, SessionId>> by_client;
    for (std::size_t input = 0; input < books.size(); ++input) {
        for (const auto& [id, sketch] : books[input].sketches()) {
            if (!sketch.joined || inputs[input].dropped.count(id) != 0) continue;
            const auto [begin, end] = by_client.equal_range(sketch.client);
            for (auto it = begin; it != end; ++it) {
                const auto& [other_input, other_id] = it->second;
                const SessionSketch& other = books[other_input].sketches().at(other_id);
                if (other_input == input || inputs[other_input].dropped.count(other_id) != 0) continue;
                if (!one_connection(sketch, inputs[input].shift, other, inputs[other_input].shift)) continue;
                const bool keep_this = more_complete(sketch, other);
                MergeInput& loser = inputs[keep_this ? other_input : input];
                loser.dropped.emplace(keep_this ? other_id : id, keep_this ? id : other_id);
                ++loser.unaligned;
                loser.unaligned_exchanges += keep_this ? other.exchanges : sketch.exchanges;
                if (!keep_this) break;
            }
            by_client.emplace(sketch.client, std::pair(input, id));
        }
    }
}

}  // namespace

std::vector<MergeInput> plan_merge(const std::vector<SketchBook>& books, const std::vector<Alignment>& alignments) {
    std::vector<MergeInput> inputs(books.size());
    for (std::size_t i = 0; i < books.size(); ++i) inputs[i].shift = alignments[i].shift;
    for (std::size_t a = 0; a < books.size(); ++a) {
        for (std::size_t b = a + 1; b < books.size(); ++b) {
            for (const SessionMatch& match : match_sessions(books[a], books[b])) {
                if (inputs[a].dropped.count(match.first) != 0 || inputs[b].dropped.count(match.second) != 0) continue;
                const auto& mine = books[a].sketches().at(match.first);
                const auto& theirs = books[b].sketches().at(match.second);
                if (more_complete(theirs, mine)) {
                    inputs[a].dropped.emplace(match.first, match.second);
                } else {
                    inputs[b].dropped.emplace(match.second, match.first);
                }
            }
        }
    }
    drop_unaligned(books, inputs);
    return inputs;
}

void Merger::on_event(std::size_t input, Event&& event) {
    const MergeInput& from = inputs_[input];
    const SessionId session = store::event_session(event);
    if (auto* counters = std::get_if<Counters>(&event)) {
        if (session == SessionId()) {
            file_counters_[input] = std::move(*counters);
            return;
        }
    } else if (const auto* catalog = std::get_if<CatalogRecord>(&event)) {
        if (catalogs_.try_emplace(catalog->database, input).first->second != input) {
            ++counts_["merge.catalogs_left_out"];
            return;
        }
    } else if (auto* cancel = std::get_if<CancelSent>(&event)) {
        const auto elsewhere = from.dropped.find(cancel->session);
        if (elsewhere != from.dropped.end()) {  // the other host may have seen it, too: once is enough
            ++counts_["merge.cancels_left_out"];
            return;
        }
    }
    if (from.dropped.count(session) != 0) {
        ++counts_["merge.events_left_out"];
        return;
    }
    shift_times(event, from.shift);
    sink_.on_event(std::move(event));
}

void Merger::end_of_file(std::size_t input) {
    for (const auto& [name, value] : file_counters_[input].values) counts_[name] += value;
    file_counters_.erase(input);
}

void Merger::finish() {
    for (const MergeInput& input : inputs_) {
        counts_["merge.sessions_recorded_twice"] += input.dropped.size();
        counts_["merge.sessions_unaligned"] += input.unaligned;
        counts_["merge.exchanges_unaligned"] += input.unaligned_exchanges;
    }
    Counters counters;
    counters.values = counts_;
    sink_.on_event(std::move(counters));
}

}  // namespace understudy::capture
