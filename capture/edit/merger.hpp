#pragma once

#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "capture/edit/clock_offset.hpp"

namespace understudy::capture {

/// What a merge does with one of its inputs.
struct MergeInput {
    Duration shift;                                    ///< added to its times
    std::unordered_map<SessionId, SessionId> dropped;  ///< recorded better elsewhere, and under which id
    /// Among those: that both inputs joined while they were open, and that could not be laid beside each other. What
    /// the other record lacks is lost.
    std::uint64_t unaligned = 0;
    std::uint64_t unaligned_exchanges = 0;
};

/// How one input's clock was set.
struct Alignment {
    Duration shift;
    std::optional<ClockOffset> estimate;  ///< none: given, the reference, or a guess of 0
    bool known = false;                   ///< false: no session in common; 0 is a guess
};

/// Sets the clocks of all inputs to the first's: as given, or as estimated from sessions in common with an input that
/// is set already. `given` has an entry for each input.
std::vector<Alignment> align(const std::vector<SketchBook>& books, const std::vector<std::optional<Duration>>& given);

/// Decides which input each session is taken from: the more complete record wins, the earlier input where they are
/// equal.
std::vector<MergeInput> plan_merge(const std::vector<SketchBook>& books, const std::vector<Alignment>& alignments);

/// Adds to every known instant of an event.
void shift_times(Event& event, Duration by);

/// Writes the events of several captures as one.
///
/// Drive it: on_event() with the events of all inputs, already in the order of their shifted times; end_of_file() after
/// each file; finish() once.
class Merger {
public:
    Merger(const std::vector<MergeInput>& inputs, EventSink& sink) : inputs_(inputs), sink_(sink) {}

    /// `event` has its input's own times.
    void on_event(std::size_t input, Event&& event);
    void end_of_file(std::size_t input);
    /// Writes the counters: those of all files added up, and what was left out.
    void finish();
    [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

private:
    const std::vector<MergeInput>& inputs_;
    EventSink& sink_;
    std::map<std::size_t, Counters> file_counters_;
    std::unordered_map<Bytes, std::size_t> catalogs_;  // by database: from which input
    std::map<std::string, std::uint64_t> counts_;
};

}  // namespace understudy::capture
