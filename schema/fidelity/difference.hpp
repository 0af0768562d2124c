#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "schema/fidelity/environment.hpp"

namespace understudy::schema::fidelity {

/// What a difference does to what staging can show.
enum class DifferenceClass : std::uint8_t {
    gate,     ///< answers may differ because of it: it voids a verdict
    warning,  ///< it limits what may be claimed
    latency,  ///< only times may differ because of it
    note,     ///< nothing that traffic notices: comments, settings of logs
};
inline constexpr std::size_t kDifferenceClasses = 4;
/// "gate", "warning", "latency only", "note".
BytesView to_string(DifferenceClass of);

/// One attribute in which staging is not as production is.
struct Difference {
    DifferenceClass what = DifferenceClass::note;
    Bytes attribute;  ///< "settings", "owners", "row counts" …: docs/staging.md lists them
    Bytes object;     ///< "TimeZone", "table orders": what it is of; with the attribute it names the difference
    Bytes production;
    Bytes staging;
    Bytes text;  ///< one sentence; may be cut
    friend bool operator==(const Difference&, const Difference&) = default;
};

/// A text no longer than a sentence of a report; longer ones end with "…".
Bytes shortened(BytesView text);

inline constexpr std::size_t kMaxDifferences = 10'000;

struct Comparison {
    std::vector<Difference> differences;  ///< gates first, then by attribute and object; no more than kMaxDifferences
    std::uint64_t left_out = 0;           ///< beyond them, of the last classes
    /// What could not be compared, and why: nothing is claimed of it.
    std::vector<catalog::UnreadPart> not_known;
    std::uint64_t compared = 0;  ///< attributes of objects that both sides have, equal or not

    [[nodiscard]] std::size_t count(DifferenceClass what) const;
    friend bool operator==(const Comparison&, const Comparison&) = default;
};

struct ComparisonSettings {
    std::vector<Bytes> recorded_roles;  ///< of the capture's sessions: that staging has no such role is a gate
};

/// All differences. Both environments have to be sorted. Identical servers give none.
Comparison compare(const Environment& production, const Environment& staging, const ComparisonSettings& settings = {});

// Its parts, by subject.
class DifferenceList;
void compare_facts(const Environment& production, const Environment& staging, DifferenceList& out);
void compare_settings(const Environment& production, const Environment& staging, DifferenceList& out);
void compare_schemas(const Environment& production, const Environment& staging, DifferenceList& out);
void compare_roles(const Environment& production, const Environment& staging, const std::vector<Bytes>& recorded,
                   DifferenceList& out);
void compare_tables(const Environment& production, const Environment& staging, DifferenceList& out);
void compare_columns(const Environment& production, const Environment& staging, DifferenceList& out);
void compare_sequences(const Environment& production, const Environment& staging, DifferenceList& out);

/// Where the parts put what they find.
class DifferenceList {
public:
    void add(DifferenceClass what, Bytes attribute, Bytes object, Bytes production, Bytes staging, Bytes text);
    /// "…: production has X, staging Y".
    void add(DifferenceClass what, Bytes attribute, Bytes object, Bytes production, Bytes staging);
    void count_compared(std::uint64_t more = 1) { result_.compared += more; }
    void not_known(Bytes what, Bytes why) { result_.not_known.push_back({std::move(what), std::move(why)}); }
    Comparison take();

private:
    Comparison result_;
};

/// Walks two lists in the order of their keys: `both` for entries of one key, else `left` or `right`.
template <class Entries, class Key, class Both, class Left, class Right>
void walk(const Entries& a, const Entries& b, Key key, Both both, Left left, Right right) {
    auto x = a.begin();
    auto y = b.begin();
    while (x != a.end() || y != b.end()) {
        if (y == b.end() || (x != a.end() && key(*x) < key(*y))) {
            left(*x++);
        } else if (x == a.end() || key(*y) < key(*x)) {
            right(*y++);
        } else {
            both(*x++, *y++);
        }
    }
}

}  // namespace understudy::schema::fidelity
