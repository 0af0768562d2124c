#pragma once

#include <string>
#include <vector>

#include "core/sql/fingerprint.hpp"
#include "schema/check/predict/predict.hpp"
#include "schema/check/relevant_names.hpp"

namespace understudy::schema {

/// Two schemas of the tables orders and customers, and recorded statements that both take.
class PredictScene {
public:
    PredictScene() {
        RelationFacts& orders = before.relations[{"public", "orders"}];
        orders.owner = "owner";
        orders.columns = {column("id", "integer"), column("customer", "integer"), column("code", "text"),
                          column("amount", "numeric")};
        orders.columns[0].not_null = true;
        orders.columns[0].default_text = "nextval('public.orders_id_seq'::regclass)";
        orders.constraints["orders_pkey"] = key('p', {"id"}, "PRIMARY KEY (id)");
        RelationFacts& customers = before.relations[{"public", "customers"}];
        customers.owner = "owner";
        customers.columns = {column("id", "integer"), column("name", "text")};
        after = before;
    }

    static ColumnFacts column(Bytes name, Bytes type) {
        ColumnFacts facts;
        facts.name = std::move(name);
        facts.type = type;
        facts.full_type = std::move(type);
        return facts;
    }
    static ConstraintFacts key(char type, std::vector<Bytes> columns, Bytes definition) {
        ConstraintFacts facts;
        facts.type = type;
        facts.columns = std::move(columns);
        facts.definition = std::move(definition);
        return facts;
    }

    RelationFacts& orders() { return after.relations[{"public", "orders"}]; }
    RelationFacts& customers() { return after.relations[{"public", "customers"}]; }

    RecordedStatement& records(const Bytes& sql, Bytes failed_with = {}) {
        RecordedStatement& statement = recorded.statements.emplace_back();
        statement.sql = sql;
        statement.fingerprint = sql::fingerprint(sql);
        statement.user = "app";
        statement.executions = 1;
        if (!failed_with.empty()) statement.recorded_errors = {std::move(failed_with)};
        return statement;
    }

    /// "not_null 23502", "narrower_type 22001?" for one that is only possible.
    std::vector<std::string> predicted() {
        const CheckPlan plan = make_plan(recorded);
        ServerAnswers answers;
        answers.descriptions.resize(plan.items.size());
        answers.paths.assign(plan.items.size(), "public");
        std::vector<std::string> all;
        const auto accesses = relevant_accesses(recorded, plan, relevant_names(before, after, {}, migration));
        for (const Prediction& one : predict(recorded, plan, accesses, answers, answers, before, after, migration)) {
            all.push_back(one.kind + (one.sqlstate.empty() ? "" : " " + one.sqlstate) +
                          (one.certainty == Certainty::possible ? "?" : ""));
        }
        return all;
    }

    SchemaFacts before;
    SchemaFacts after;
    RecordedStatements recorded;
    std::vector<MigrationStatement> migration;
};

}  // namespace understudy::schema
