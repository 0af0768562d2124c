#pragma once

#include <functional>
#include <vector>

#include "core/sql/access.hpp"
#include "schema/check/predict/predict.hpp"
#include "schema/check/predict/written_values.hpp"

namespace understudy::schema {

/// One statement's use of one relation that is on both sides.
struct AccessedRelation {
    const RecordedStatement& statement;
    const sql::RelationAccess& access;
    QualifiedName name;
    const RelationFacts& before;
    const RelationFacts& after;
    std::vector<WrittenRow> rows;  ///< of INSERT and UPDATE
    const SchemaFacts& schema_before;
    const SchemaFacts& schema_after;

    [[nodiscard]] bool inserts() const { return access.kind == sql::AccessKind::insert; }
    [[nodiscard]] bool updates() const { return access.kind == sql::AccessKind::update; }
    [[nodiscard]] bool deletes() const { return access.kind == sql::AccessKind::delete_; }
    [[nodiscard]] bool writes() const { return inserts() || updates() || deletes(); }
    [[nodiscard]] Bytes object(BytesView part = {}) const {
        Bytes text = name.first + "." + name.second;
        return part.empty() ? text : text + "." + Bytes(part);
    }
    /// Whether the statement was recorded failing so.
    [[nodiscard]] bool failed_with(BytesView sqlstate) const;
};

using Tell = std::function<void(Prediction)>;

void predict_columns(const AccessedRelation& touch, const Tell& tell);
void predict_constraints(const AccessedRelation& touch, const Tell& tell);
void predict_privileges(const AccessedRelation& touch, const Tell& tell);
void predict_behaviour(const AccessedRelation& touch, const Tell& tell);

/// Whether the statement's text has the word, as an identifier.
bool mentions(BytesView sql, BytesView name);

}  // namespace understudy::schema
