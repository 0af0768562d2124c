#pragma once

#include <vector>

#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {

inline ColumnFacts column(const char* name, const char* type = "integer") {
    ColumnFacts facts;
    facts.name = name;
    facts.type = facts.full_type = type;
    return facts;
}

/// One statement about public.t, before and after a migration.
struct Touching {
    RecordedStatement statement;
    SchemaFacts before;
    SchemaFacts after;

    explicit Touching(const char* sql) {
        statement.sql = sql;
        old_table().columns = new_table().columns = {column("id"), column("code")};
    }
    RelationFacts& old_table() { return before.relations[{"public", "t"}]; }
    RelationFacts& new_table() { return after.relations[{"public", "t"}]; }

    std::vector<WrittenRow> rows() { return written_rows(statement, access(), old_table()); }

    std::vector<Prediction> told_by(void (*rule)(const AccessedRelation&, const Tell&)) {
        const sql::RelationAccess use = access();
        const AccessedRelation touch{statement, use,   {"public", "t"}, old_table(), new_table(),
                                  written_rows(statement, use, old_table()), before, after};
        std::vector<Prediction> told;
        rule(touch, [&](Prediction prediction) { told.push_back(std::move(prediction)); });
        return told;
    }

private:
    [[nodiscard]] sql::RelationAccess access() const {
        const auto all = sql::statement_accesses(statement.sql);
        return all.value().at(0).relations.at(0);
    }
};

}  // namespace understudy::schema
