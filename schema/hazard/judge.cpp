#include "schema/hazard/judge.hpp"

#include <algorithm>

#include "schema/hazard/sentences.hpp"

namespace understudy::schema::hazard {

using sql::DdlKind;

void Judge::take(std::size_t index, const ScriptStatement& statement) {
    index_ = index;
    statement_ = &statement;
    ++in_file_;
    const auto actions = sql::ddl_effects(statement.text);
    if (!actions) {
        ++out_.unknown;
        Hazard& hazard = add(HazardKind::unknown_statement, HazardSeverity::notice);
        hazard.message = "the parser (PostgreSQL 15's grammar) does not know this statement: nothing is said about it";
        return;
    }
    settings(*actions);
    enum_values(*actions, statement.text);
    outside_transaction(*actions);
    for (const sql::DdlAction& action : *actions) {
        index_remains(action);
        in_use(action);
        dropped_with(action);
    }
    new_columns(*actions);
    locks(*actions, statement.text);
    backfill(*actions);
    unseen(*actions);
    remember_created(*actions);
    transaction_control(*actions);
    if (!in_transaction()) end_transaction();
}

void Judge::end_of_file() {
    end_transaction();
    begun_ = false;
    timeout_ = false;
    timeout_said_ = false;
    parts_said_ = false;
    in_file_ = 0;
}

Hazard& Judge::add(HazardKind kind, HazardSeverity severity) {
    static thread_local Hazard beyond;
    if (out_.hazards.size() >= kMaxHazards) {
        ++out_.beyond_limit;
        return beyond = Hazard();
    }
    Hazard& hazard = out_.hazards.emplace_back();
    hazard.kind = kind;
    hazard.severity = severity;
    hazard.statement = index_;
    hazard.file = statement_->file;
    hazard.line = statement_->line;
    return hazard;
}

Hazard& Judge::add(HazardKind kind, HazardSeverity severity, const sql::RelationName& relation) {
    Hazard& hazard = add(kind, severity);
    hazard.relation = relation;
    if (const TableFacts* table = facts_.table(relation)) {
        hazard.relation = table->name;
        hazard.bytes = table->bytes;
        hazard.rows = table->rows;
    }
    return hazard;
}

void Judge::settings(const Actions& actions) {
    for (const sql::DdlAction& action : actions) {
        if (action.kind != DdlKind::set_variable) continue;
        const bool all = action.name == "all";
        if (!all && action.name != "lock_timeout") continue;
        const bool on = !all && !action.new_name.empty() && action.new_name != "0" && action.new_name != "0s" &&
                        action.new_name != "0ms";
        (action.local ? local_timeout_ : timeout_) = on;
        if (!action.local) local_timeout_ = false;
    }
}

void Judge::transaction_control(const Actions& actions) {
    for (const sql::DdlAction& action : actions) {
        if (action.kind == DdlKind::begin) begun_ = true;
        if (action.kind == DdlKind::commit || action.kind == DdlKind::rollback) {
            end_transaction();
            begun_ = false;
        }
    }
}

void Judge::end_transaction() {
    held_together();
    held_.clear();
    new_labels_.clear();
    local_timeout_ = false;
}

void Judge::remember_created(const Actions& actions) {
    for (const sql::DdlAction& action : actions) {
        const bool creates = action.kind == DdlKind::create_table || action.kind == DdlKind::create_matview ||
                             action.kind == DdlKind::create_view;
        // IF NOT EXISTS and OR REPLACE may find one that is in use.
        if (creates && facts_.table(action.relation) == nullptr) created_.insert(action.relation);
        if (action.kind == DdlKind::rename_table && created_.count(action.relation) != 0) {
            created_.insert({action.relation.schema, action.new_name});
        }
    }
}

HazardReport judge_hazards(const std::vector<ScriptStatement>& script, TransactionMode mode, const SchemaFacts& facts,
                           const Traffic& traffic) {
    HazardReport report;
    report.statements = script.size();
    report.server_major = facts.server_major;
    report.traffic_span = traffic.span;
    report.traffic_calls = traffic.calls;
    report.traffic_unjudged = traffic.unparsed + traffic.unknown + traffic.unreadable + traffic.beyond_limit;
    Judge judge(facts, traffic, mode, report);
    for (std::size_t i = 0; i < script.size(); ++i) {
        if (i > 0 && script[i].file != script[i - 1].file) judge.end_of_file();
        judge.take(i, script[i]);
    }
    judge.end_of_file();
    std::stable_sort(report.hazards.begin(), report.hazards.end(), [](const Hazard& a, const Hazard& b) {
        return a.statement != b.statement ? a.statement < b.statement : a.severity < b.severity;
    });
    return report;
}

bool HazardReport::findings() const {
    return std::any_of(hazards.begin(), hazards.end(),
                       [](const Hazard& hazard) { return hazard.severity != HazardSeverity::notice; });
}

std::string_view to_string(HazardKind kind) {
    switch (kind) {
        case HazardKind::rewrite: return "rewrite";
        case HazardKind::scan: return "scan";
        case HazardKind::index_build: return "index-build";
        case HazardKind::brief_lock: return "brief-lock";
        case HazardKind::no_lock_timeout: return "no-lock-timeout";
        case HazardKind::not_null_fails: return "not-null-fails";
        case HazardKind::not_in_transaction: return "not-in-transaction";
        case HazardKind::applied_in_parts: return "applied-in-parts";
        case HazardKind::enum_value_too_new: return "enum-value-too-new";
        case HazardKind::backfill: return "backfill";
        case HazardKind::locks_held: return "locks-held";
        case HazardKind::invalid_index: return "invalid-index";
        case HazardKind::in_use: return "in-use";
        case HazardKind::cascade: return "cascade";
        case HazardKind::label_renamed: return "label-renamed";
        case HazardKind::not_looked_into: return "not-looked-into";
        case HazardKind::unknown_statement: return "unknown-statement";
    }
    return "unknown-statement";
}

std::string_view to_string(HazardSeverity severity) {
    switch (severity) {
        case HazardSeverity::breaks: return "breaks";
        case HazardSeverity::stalls: return "stalls";
        case HazardSeverity::waits: return "waits";
        case HazardSeverity::notice: return "notice";
    }
    return "notice";
}

}  // namespace understudy::schema::hazard
