#pragma once

#include <set>

#include "compare/analysis/judgement.hpp"
#include "compare/analysis/schema_change.hpp"

namespace understudy::compare {

/// What the catalogues of both sides say of the differences.
class Blame {
public:
    static constexpr std::size_t kMaxTexts = 5;  ///< of one difference

    Blame() = default;  ///< a side has no catalogue: nothing is known
    Blame(const catalog::Catalog& baseline, const catalog::Catalog& candidate);
    explicit Blame(std::vector<SchemaChange> changes) : known_(true), changes_(std::move(changes)) {}

    /// The changes that touch what the cell's statement names, or what its errors name; those first that the difference
    /// is about.
    [[nodiscard]] std::vector<Bytes> of(const Cell& cell) const;
    /// Whether the schema is the cause of an error that could as well come of data: of a constraint that one side has
    /// alone or otherwise; of a unique index that catalogues do not have (of expressions, of a part of the rows), as of
    /// all constraints that are not in them; or of another kind, where something of its tables, functions or settings
    /// changed.
    [[nodiscard]] bool explains(const Cell& cell) const;
    /// Whether nothing that is known of the statement's relations changed.
    [[nodiscard]] bool untouched(const Cell& cell) const;

private:
    bool known_ = false;
    std::vector<SchemaChange> changes_;
    std::set<Bytes> keys_;  // names of those that either catalogue has
    bool keys_known_ = false;
};

/// Judgements that what is known of the schema changes: an order that ties explain, other rows that a LIMIT without ORDER BY
/// lets through, sums of floating-point numbers, and questions about the catalogue itself or about plans are no findings.
void judge_by_schema(const Tally& tally, const Blame& blame, std::vector<CellJudgement>& judgements);

}  // namespace understudy::compare
