#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/inspect/follower.hpp"
#include "app/inspect/format.hpp"
#include "core/base/histogram.hpp"
#include "core/sql/fingerprint.hpp"

namespace understudy::app::inspect {

/// What all executions of one fingerprint came to.
struct StatementRow {
    sql::Fingerprint fingerprint;
    Bytes text;                ///< normalised; a note in parentheses for the two rows that have no fingerprint
    std::uint64_t count = 0;   ///< executions that were answered: Execute, and statements of a Query
    std::uint64_t errors = 0;  ///< ErrorResponses, also to its Parse, Bind and Describe
    std::uint64_t rows = 0;
    Histogram latency_ns;  ///< service times of the executions; see FollowedStep::latency
};

/// What statements are ordered by, greatest first; then by the others.
enum class StatementOrder : std::uint8_t { time, calls, errors };

/// Groups the steps of a capture by their statement's fingerprint. A fingerprint is computed once for each
/// text, as long as the cache holds it.
class StatementTable final : public FollowListener {
public:
    static constexpr std::size_t kMaxStatements = 10'000;   ///< further fingerprints share one row; 15 KiB each
    static constexpr std::size_t kMaxCachedTexts = 50'000;  ///< then the cache begins anew
    static constexpr std::size_t kMaxCachedBytes = std::size_t{64} << 20U;
    static constexpr std::size_t kMaxTextBytes = 16'384;  ///< of a normalised text that is kept

    explicit StatementTable(std::size_t max_statements = kMaxStatements);

    void on_step(const FollowedStep& step) override;
    /// In order; rows that counted nothing are left out.
    [[nodiscard]] std::vector<const StatementRow*> sorted(StatementOrder order = StatementOrder::time) const;

private:
    std::size_t row_for(std::optional<BytesView> sql);

    std::size_t max_statements_;
    std::vector<StatementRow> rows_;  // the first two: text unknown, beyond the limit
    std::unordered_map<sql::Fingerprint, std::size_t> by_fingerprint_;
    std::unordered_map<Bytes, std::size_t> cache_;
    std::size_t cached_bytes_ = 0;
};

/// The first `limit` rows (0: all), as text and as the array of the JSON document.
std::string to_text(const StatementTable& table, std::size_t limit, StatementOrder order = StatementOrder::time);
Json to_json(const StatementTable& table, std::size_t limit, StatementOrder order = StatementOrder::time);

}  // namespace understudy::app::inspect
