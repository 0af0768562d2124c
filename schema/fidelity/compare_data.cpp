#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "schema/fidelity/difference.hpp"
#include "schema/fidelity/distances.hpp"

namespace understudy::schema::fidelity {
namespace {

// From here on a difference is said. They are no weights: nothing is added up from them.
constexpr double kFactor = 2;       ///< of counts and sizes
constexpr double kSmallRows = 100;  ///< tables that are smaller on both sides are taken as equal
constexpr std::uint64_t kSmallBytes = 1U << 20U;
constexpr double kShare = 0.1;     ///< of null shares, dead rows, positions
constexpr double kDistance = 0.2;  ///< of the most common values; ANALYZE looks at a sample
constexpr double kCorrelation = 0.5;
constexpr int kAgeSteps = 2;     ///< powers of two between the newest values
constexpr int kYoung = 5;        ///< both newest values are younger than 2^5 hours: equal
constexpr int kUsedSteps = 100;  ///< permille of a sequence's range
constexpr int kNearlyUsed = 500;

bool far_apart(double a, double b, double small) {
    if (std::max(a, b) <= small) return false;
    return std::max(a, b) > kFactor * std::min(a, b);
}

Bytes rows_text(double rows) { return rows < 0 ? Bytes("unknown") : fmt::format("{:.0f}", rows); }

Bytes size_text(std::uint64_t bytes) {
    if (bytes < std::uint64_t{1} << 30U) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1U << 20U));
    return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1U << 30U));
}

/// "half a day" would be guessing: the bucket's upper end.
Bytes age_text(int power) {
    if (power < 0) return "in the future";
    const double hours = std::ldexp(1.0, power + 1);
    return hours < 48 ? fmt::format("less than {:.0f} hours", hours) : fmt::format("less than {:.0f} days", hours / 24);
}

Bytes list_text(const std::vector<double>& shares) {
    Bytes text;
    for (const double share : shares) text += fmt::format("{}{:.3f}", text.empty() ? "" : " ", share);
    return text;
}

void compare_table(const TableFact& a, const TableFact& b, DifferenceList& out) {
    const Bytes table = "table " + shown_name(a.schema, a.name);
    out.count_compared(4);
    if ((a.rows < 0) != (b.rows < 0)) {
        if (std::max(a.rows, b.rows) > kSmallRows)
            out.not_known("rows of " + table,
                          fmt::format("{} has no estimate: analyse it", a.rows < 0 ? "production" : "staging"));
    } else if (far_apart(a.rows, b.rows, kSmallRows)) {
        out.add(
            DifferenceClass::warning, "row counts", table, rows_text(a.rows), rows_text(b.rows),
            fmt::format("{}: about {} rows in production, {} on staging", table, rows_text(a.rows), rows_text(b.rows)));
    }
    const std::uint64_t size_a = a.bytes + a.index_bytes;
    const std::uint64_t size_b = b.bytes + b.index_bytes;
    // A table that was never vacuumed nor analysed has no pages in the catalogue.
    const bool sized = (a.bytes > 0 || a.rows == 0) && (b.bytes > 0 || b.rows == 0);
    if (!sized && std::max(size_a, size_b) > kSmallBytes) {
        out.not_known("size of " + table, "one side was never vacuumed nor analysed: the catalogue has no size");
    } else if (far_apart(static_cast<double>(size_a), static_cast<double>(size_b), static_cast<double>(kSmallBytes))) {
        out.add(DifferenceClass::warning, "sizes", table, size_text(size_a), size_text(size_b),
                fmt::format("{} with its indexes: {} in production, {} on staging", table, size_text(size_a),
                            size_text(size_b)));
    }
    const bool big = std::max(a.bytes, b.bytes) > kSmallBytes;
    if (big && std::abs(a.dead_share - b.dead_share) > kShare) {
        out.add(DifferenceClass::warning, "bloat", "dead rows of " + table, fmt::format("{:.0f} %", 100 * a.dead_share),
                fmt::format("{:.0f} %", 100 * b.dead_share));
    }
    if (big && a.bytes > 0 && b.bytes > 0 && a.rows > kSmallRows && b.rows > kSmallRows) {
        const double each_a = static_cast<double>(a.bytes) / a.rows;
        const double each_b = static_cast<double>(b.bytes) / b.rows;
        if (far_apart(each_a, each_b, 0)) {
            out.add(DifferenceClass::warning, "bloat", "bytes a row of " + table, fmt::format("{:.0f}", each_a),
                    fmt::format("{:.0f}", each_b));
        }
    }
    if (a.partitions != b.partitions) {
        out.add(DifferenceClass::warning, "partitions", table, fmt::format("{}", a.partitions),
                fmt::format("{}", b.partitions),
                fmt::format("{}: {} partitions in production, {} on staging", table, a.partitions, b.partitions));
    }
}

void compare_values(const ColumnFact& a, const ColumnFact& b, const Bytes& column, bool keyed, DifferenceList& out) {
    const bool by_value =
        keyed && a.common_digests.size() == a.common.size() && b.common_digests.size() == b.common.size();
    const double apart = by_value ? value_distance(a.common, a.common_digests, b.common, b.common_digests)
                                  : profile_distance(a.common, b.common);
    if (apart > kDistance) {
        out.add(DifferenceClass::warning, "statistics", "most common values of " + column, list_text(a.common),
                list_text(b.common),
                fmt::format("most common values of {}: {:.0f} % of the rows apart{}", column, 100 * apart,
                            by_value ? "" : ", by their frequencies alone"));
    }
    if (a.positions.size() == kPositions && b.positions.size() == kPositions) {
        const double far = position_distance(a.positions, b.positions);
        if (far > kShare) {
            out.add(DifferenceClass::warning, "statistics", "spread of " + column, list_text(a.positions),
                    list_text(b.positions),
                    fmt::format("the deciles of {} lie up to {:.0f} % of its range apart", column, 100 * far));
        }
    }
    if (a.newest_age && b.newest_age && std::abs(*a.newest_age - *b.newest_age) >= kAgeSteps &&
        std::max(*a.newest_age, *b.newest_age) >= kYoung) {
        out.add(DifferenceClass::warning, "age of the data", "newest " + column, age_text(*a.newest_age),
                age_text(*b.newest_age),
                fmt::format("the newest {} is {} old in production, {} on staging", column, age_text(*a.newest_age),
                            age_text(*b.newest_age)));
    }
}

void compare_column(const ColumnFact& a, const ColumnFact& b, bool keyed, DifferenceList& out) {
    const Bytes column = fmt::format("{}.{}", shown_name(a.schema, a.table), a.column);
    out.count_compared(4);
    if (a.distinct >= 0 && b.distinct >= 0 && far_apart(a.distinct, b.distinct, 1)) {
        out.add(DifferenceClass::warning, "statistics", "distinct values of " + column, rows_text(a.distinct),
                rows_text(b.distinct));
    }
    if (std::abs(a.null_share - b.null_share) > kShare) {
        out.add(DifferenceClass::warning, "statistics", "NULLs in " + column,
                fmt::format("{:.0f} %", 100 * a.null_share), fmt::format("{:.0f} %", 100 * b.null_share));
    }
    compare_values(a, b, column, keyed, out);
    if (std::abs(a.correlation - b.correlation) > kCorrelation) {
        out.add(DifferenceClass::latency, "physical order", "correlation of " + column,
                fmt::format("{:.1f}", a.correlation), fmt::format("{:.1f}", b.correlation));
    }
}

}  // namespace

void compare_tables(const Environment& production, const Environment& staging, DifferenceList& out) {
    // A table that one side has alone is said of the schema.
    walk(
        production.tables, staging.tables, [](const TableFact& one) { return std::tie(one.schema, one.name); },
        [&](const TableFact& a, const TableFact& b) { compare_table(a, b, out); }, [](const TableFact&) {},
        [](const TableFact&) {});
}

void compare_columns(const Environment& production, const Environment& staging, DifferenceList& out) {
    const bool keyed = production.keyed && staging.keyed && production.key_id == staging.key_id;
    std::uint64_t only_a = 0;
    std::uint64_t only_b = 0;
    walk(
        production.columns, staging.columns,
        [](const ColumnFact& one) { return std::tie(one.schema, one.table, one.column); },
        [&](const ColumnFact& a, const ColumnFact& b) { compare_column(a, b, keyed, out); },
        [&](const ColumnFact&) { ++only_a; }, [&](const ColumnFact&) { ++only_b; });
    if (only_a > 0) out.not_known("statistics", fmt::format("{} columns have them in production only", only_a));
    if (only_b > 0) out.not_known("statistics", fmt::format("{} columns have them on staging only", only_b));
    const bool any = !production.columns.empty() && !staging.columns.empty();
    if (any && !keyed) {
        out.not_known("whether the same values are common",
                      "the two were not read with the same key: frequencies alone were compared");
    }
}

void compare_sequences(const Environment& production, const Environment& staging, DifferenceList& out) {
    walk(
        production.sequences, staging.sequences, [](const SequenceFact& one) { return std::tie(one.schema, one.name); },
        [&](const SequenceFact& a, const SequenceFact& b) {
            const Bytes sequence = "sequence " + shown_name(a.schema, a.name);
            out.count_compared(2);
            const auto percent = [](int permille) { return fmt::format("{:.1f} %", permille / 10.0); };
            const bool apart = std::abs(a.used_permille - b.used_permille) > kUsedSteps ||
                               (a.used_permille >= kNearlyUsed) != (b.used_permille >= kNearlyUsed);
            if (apart) {
                out.add(DifferenceClass::warning, "sequence headroom", sequence, percent(a.used_permille),
                        percent(b.used_permille),
                        fmt::format("{}: {} of its range is used in production, {} on staging", sequence,
                                    percent(a.used_permille), percent(b.used_permille)));
            }
            if (a.behind != b.behind) {
                const auto text = [](bool behind) { return behind ? "behind its column" : "ahead of its column"; };
                out.add(DifferenceClass::warning, "sequence headroom", "position of " + sequence, text(a.behind),
                        text(b.behind));
            }
        },
        [](const SequenceFact&) {}, [](const SequenceFact&) {});
}

}  // namespace understudy::schema::fidelity
