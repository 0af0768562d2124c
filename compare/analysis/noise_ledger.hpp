#pragma once

#include <map>
#include <string>

#include "compare/analysis/tally.hpp"
#include "core/base/error.hpp"

namespace understudy::compare {

/// What differed between unchanged runs on earlier nights, by cell (fingerprint, kind, place, SQLSTATE). A comparison
/// without a control takes it for what a control would have shown; one with a control adds to it. Only soft differences
/// are in it: errors, types and columns are never noise by habit.
class NoiseLedger {
public:
    static constexpr std::size_t kMaxCells = 50'000;
    static constexpr std::size_t kMaxBytes = 64U << 20U;
    static constexpr int kForgetAfterDays = 60;  ///< without having been seen
    static constexpr double kWeight = 0.3;       ///< of the newest night in the mean

    struct Entry {
        std::uint64_t nights = 0;  ///< on which it differed
        double sessions = 0;       ///< in which, of a night; newer nights weigh more
        Timestamp last;
    };

    /// The text of a ledger; of an empty text an empty one. Errors: Errc::malformed.
    static Result<NoiseLedger> parse(const std::string& text);
    [[nodiscard]] std::string to_text() const;

    /// Adds what baseline and control of a comparison differed in.
    void add_night(const Tally& tally, Timestamp now);
    /// What is known of a cell; nullptr: it never differed.
    [[nodiscard]] const Entry* find(const Cell& cell) const;
    [[nodiscard]] std::uint64_t nights() const { return nights_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    static std::string key_of(const Cell& cell);
    std::uint64_t nights_ = 0;
    std::map<std::string, Entry> entries_;
};

}  // namespace understudy::compare
