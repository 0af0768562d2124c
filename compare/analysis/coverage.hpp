#pragma once

#include <cstdint>
#include <map>

#include "core/base/bytes.hpp"

namespace understudy::compare {

/// What part of the baseline was judged, and why the rest was not.
struct Coverage {
    /// Above these per cent of the compared steps a verdict would mislead.
    static constexpr double kMaxAmbiguous = 5;
    static constexpr double kMaxTainted = 1;
    static constexpr std::size_t kMaxReasons = 64;  ///< further ones are counted as "other reasons"

    std::uint64_t exchanges = 0;           ///< of the baseline
    std::uint64_t exchanges_compared = 0;  ///< those that the candidate has
    std::uint64_t steps = 0;               ///< of the baseline
    std::uint64_t compared = 0;
    std::uint64_t differing = 0;         ///< compared steps in which the candidate differs in anything
    std::uint64_t folded = 0;            ///< compared steps that follow from an error before them
    std::uint64_t extra_steps = 0;       ///< of the candidate only
    std::uint64_t with_data = 0;         ///< steps whose answer is what a statement did (has_data), of what is compared
    std::uint64_t ambiguous = 0;         ///< compared steps of which the recording leaves open what they saw (StepMark)
    std::uint64_t tainted = 0;           ///< compared steps that came after something that went otherwise
    std::uint64_t excused = 0;           ///< of both, those that differ in what order decides: set apart
    std::uint64_t control_compared = 0;  ///< steps that the control has as well
    std::uint64_t confirmation_compared = 0;
    std::map<Bytes, std::uint64_t> not_compared;  ///< steps of the baseline, by reason

    /// Adds that of other sessions.
    void add(const Coverage& other);
    void leave_out(const Bytes& reason, std::uint64_t count) {
        if (count == 0) return;
        const bool room = not_compared.size() < kMaxReasons || not_compared.count(reason) > 0;
        not_compared[room ? reason : "other reasons"] += count;
    }
    /// Per cent of the steps that can be ambiguous.
    [[nodiscard]] double percent_ambiguous() const {
        return with_data == 0 ? 0 : 100.0 * static_cast<double>(ambiguous) / static_cast<double>(with_data);
    }
    [[nodiscard]] double percent_of_compared(std::uint64_t part) const {
        return compared == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(compared);
    }
    /// Per cent of all steps that either side has; 0 when there are none.
    [[nodiscard]] double percent() const {
        const std::uint64_t all = steps + extra_steps;
        return all == 0 ? 0 : 100.0 * static_cast<double>(compared) / static_cast<double>(all);
    }
};

}  // namespace understudy::compare
