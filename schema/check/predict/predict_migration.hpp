#pragma once

#include <map>
#include <set>
#include <vector>

#include "schema/check/predict/predict.hpp"
#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {

/// What a migration's text does to values that are there, which no difference of schemas shows.
class MigrationEffects {
public:
    MigrationEffects() = default;
    /// Statements that the parser refuses, and what DO blocks and functions do, are left out.
    explicit MigrationEffects(const std::vector<MigrationStatement>& statements);

    [[nodiscard]] bool none() const { return relations_.empty(); }
    /// Columns whose type it sets: (relation, column).
    [[nodiscard]] const std::set<std::pair<Bytes, Bytes>>& retyped() const { return retyped_columns_; }
    /// What a use of a relation meets of it.
    void predict(const AccessedRelation& touch, const Tell& tell) const;

private:
    struct Effect {
        Bytes schema;  ///< as written; empty if none was
        enum class What { set, rows, converted, emptied, restarted } what = What::set;
        Bytes column;  ///< empty: of all
        Bytes place;
    };
    void add(BytesView schema, const Bytes& relation, Effect effect);
    void of_definition(const MigrationStatement& statement);
    void of_rows(const MigrationStatement& statement);
    static void tell_effect(const Effect& effect, const AccessedRelation& touch, const Tell& tell);

    std::map<Bytes, std::vector<Effect>> relations_;                ///< by name
    std::map<std::pair<Bytes, Bytes>, Bytes> dropped_columns_;      ///< (relation, column) → where
    std::set<std::pair<Bytes, Bytes>> added_columns_;
    std::set<std::pair<Bytes, Bytes>> retyped_columns_;
};

}  // namespace understudy::schema
