#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/catalog/function_volatility.hpp"
#include "replay/plan/left_out.hpp"

namespace understudy::replay {

/// A table as the user names it: "item" in whatever schema, or "billing.item".
struct TableName {
    Bytes schema;  ///< empty: any
    Bytes name;
    /// Lower case unless quoted, as SQL reads it. Errors: Errc::usage.
    static Result<TableName> parse(const std::string& text);
};

/// Which statements are wanted; everything that is given must fit.
struct StatementChoice {
    std::vector<std::uint64_t> fingerprints;  ///< any of these
    std::vector<TableName> tables;            ///< names one of these
    bool read_only = false;
    catalog::FunctionVolatility functions;  ///< of the target; for read_only

    [[nodiscard]] bool any() const { return read_only || !fingerprints.empty() || !tables.empty(); }
};

/// Judges statements by their text. Transaction control, and what changes only its session (SET, FETCH …), always
/// passes: what is left of a session would not run as it did without them. A text is parsed once as long as the cache
/// holds it. One thread.
class StatementFilter {
public:
    static constexpr std::size_t kMaxCachedTexts = 50'000;  ///< then the cache begins anew
    static constexpr std::size_t kMaxCachedBytes = std::size_t{64} << 20U;
    static constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20U;  ///< a longer text is left out

    /// `choice` must outlive the filter.
    explicit StatementFilter(const StatementChoice& choice) : choice_(choice) {}

    [[nodiscard]] const StatementChoice& choice() const { return choice_; }
    /// One statement.
    LeftOut judge(BytesView statement);

private:
    [[nodiscard]] LeftOut judge_anew(BytesView statement) const;

    const StatementChoice& choice_;
    std::unordered_map<Bytes, LeftOut> cache_;
    std::size_t cached_bytes_ = 0;
};

}  // namespace understudy::replay
