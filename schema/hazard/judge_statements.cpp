#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"
#include "schema/hazard/judge.hpp"
#include "schema/hazard/sentences.hpp"

namespace understudy::schema::hazard {
namespace {

using sql::DdlKind;

/// docs "CREATE INDEX", "VACUUM", "ALTER TABLE", …: "cannot be executed inside a transaction block".
bool never_in_transaction(const sql::DdlAction& action) {
    switch (action.kind) {
        case DdlKind::vacuum:
        case DdlKind::vacuum_full:
        case DdlKind::outside_transaction: return true;
        case DdlKind::create_index:
        case DdlKind::drop_index:
        case DdlKind::detach_partition: return action.concurrently;
        case DdlKind::reindex: return action.concurrently || action.relation.name.empty();
        case DdlKind::cluster: return action.relation.name.empty();
        default: return false;
    }
}

bool is_identifier(const sql::Token& token, const Bytes& name) {
    if (token.kind == sql::TokenKind::word) return sql::to_lower(token.text) == name;
    if (token.kind != sql::TokenKind::quoted_identifier || token.text.size() < 2) return false;
    return token.text.substr(1, token.text.size() - 2) == name;
}

/// By tokens: the word may be another table's column, or an alias.
bool names_identifier(BytesView text, const Bytes& name) {
    for (const sql::Token& token : sql::Tokens(text)) {
        if (is_identifier(token, name)) return true;
    }
    return false;
}

std::string cut_text(BytesView text) {
    constexpr std::size_t kWidth = 120;
    return text.size() <= kWidth ? Bytes(text) : Bytes(text.substr(0, kWidth)) + "…";
}

}  // namespace

void Judge::outside_transaction(const Actions& actions) {
    const sql::DdlAction& action = actions.front();
    if (!never_in_transaction(action)) return;
    const std::string what = fmt::format("{}{}", to_string(action.kind), action.concurrently ? " CONCURRENTLY" : "");
    if (in_transaction()) {
        Hazard& hazard = add(HazardKind::not_in_transaction, HazardSeverity::breaks, action.relation);
        hazard.sqlstate = "25001";
        hazard.message = fmt::format("{} cannot be executed inside a transaction block (25001): this {} fails here",
                                     what, begun_ ? "transaction" : "file, which is run as one transaction,");
        hazard.advice = "a file of its own, run without a transaction";
        return;
    }
    if (parts_said_ || in_file_ < 2) return;
    parts_said_ = true;
    Hazard& hazard = add(HazardKind::applied_in_parts, HazardSeverity::notice, action.relation);
    hazard.message =
        fmt::format("{} cannot be in a transaction: if it fails, what stands before it in this file stays done", what);
    hazard.advice = "a file of its own";
}

void Judge::enum_values(const Actions& actions, BytesView text) {
    const sql::DdlAction& action = actions.front();
    if (action.kind == DdlKind::rename_enum_value) {
        Hazard& hazard = add(HazardKind::label_renamed, HazardSeverity::notice, action.relation);
        hazard.sqlstate = "22P02";
        hazard.message = fmt::format("statements and clients that say '{}' for {} get 22P02 from here on", action.name,
                                     name_text(action.relation));
    }
    if (action.kind == DdlKind::add_enum_value) {
        if (in_transaction()) new_labels_.push_back(action.new_name);
        return;
    }
    if (new_labels_.empty()) return;
    for (const sql::Token& token : sql::Tokens(text)) {
        if (token.kind != sql::TokenKind::string || token.text.size() < 2) continue;
        const Bytes value(token.text.substr(1, token.text.size() - 2));
        if (std::find(new_labels_.begin(), new_labels_.end(), value) == new_labels_.end()) continue;
        Hazard& hazard = add(HazardKind::enum_value_too_new, HazardSeverity::breaks);
        hazard.sqlstate = "55P04";
        hazard.message = fmt::format(
            "uses '{}', which the same transaction adds to its type: unsafe use of new value (55P04)", value);
        hazard.advice = "ALTER TYPE … ADD VALUE in a migration of its own, committed before";
        return;
    }
}

void Judge::new_columns(const Actions& actions) {
    for (const sql::DdlAction& action : actions) {
        if (action.kind != DdlKind::add_column || action.identity || action.generated) continue;
        const bool serial = action.type && action.type->name.find("serial") != Bytes::npos;
        const bool not_null =
            std::any_of(action.constraints.begin(), action.constraints.end(), [](const auto& constraint) {
                return constraint.kind == sql::ConstraintKind::not_null ||
                       constraint.kind == sql::ConstraintKind::primary_key;
            });
        if (!not_null || serial || (action.expression && !action.expression->null)) continue;
        if (created_.count(action.relation) != 0) continue;
        const TableFacts* table = facts_.table(action.relation);
        const bool empty = table != nullptr && table->rows == 0;
        Hazard& hazard =
            add(HazardKind::not_null_fails, empty ? HazardSeverity::waits : HazardSeverity::breaks, action.relation);
        hazard.sqlstate = "23502";
        const TableTraffic traffic = traffic_of(traffic_, action.relation);
        hazard.message = fmt::format(
            "{} is NOT NULL and has no default: ADD COLUMN fails where {}{} has rows (23502), and so do "
            "INSERTs that do not give it",
            action.name, name_text(hazard.relation), size_text(hazard, facts_));
        if (traffic.writes > 0) hazard.message += fmt::format(" ({} writes/s recorded)", rate_text(traffic.writes));
        hazard.advice =
            "give it a constant default (no rewrite since PostgreSQL 11), or add it nullable, fill it, then SET NOT "
            "NULL";
    }
}

void Judge::backfill(const Actions& actions) {
    const sql::DdlAction& action = actions.front();
    if (action.kind != DdlKind::query || !action.every_row || created_.count(action.relation) != 0) return;
    const auto blocking =
        std::find_if(held_.begin(), held_.end(), [](const Held& held) { return sql::stops_writes(held.effect.lock); });
    const TableFacts* table = facts_.table(action.relation);
    const bool small = table != nullptr && table->bytes < kSmallTable;
    HazardSeverity severity = blocking != held_.end() ? HazardSeverity::stalls : HazardSeverity::waits;
    if (small) severity = HazardSeverity::notice;
    Hazard& hazard = add(HazardKind::backfill, severity, action.relation);
    const TableTraffic traffic = traffic_of(traffic_, hazard.relation);
    hazard.longest_transaction = traffic.longest_transaction;
    hazard.message = fmt::format("{}s every row of {}{} in one statement: each row stays locked until it commits",
                                 action.name, name_text(hazard.relation), size_text(hazard, facts_));
    if (traffic.writes > 0)
        hazard.message += fmt::format("; {} recorded writes/s may wait for them", rate_text(traffic.writes));
    if (blocking != held_.end()) {
        const TableTraffic waiting = traffic_of(traffic_, blocking->effect.table);
        hazard.lock = blocking->effect.lock;
        hazard.calls_waiting = waiting.writes + (sql::stops_reads(hazard.lock) ? waiting.reads : 0);
        hazard.message += fmt::format("; meanwhile the same transaction holds {} on {} since line {}: {}",
                                      to_string(hazard.lock), name_text(blocking->effect.table), blocking->line,
                                      waiting_text(waiting, hazard.lock, traffic_.known()));
    }
    hazard.advice = "fill in batches of some thousand rows, each committed, outside the migration's transaction";
}

void Judge::index_remains(const sql::DdlAction& action) {
    if (action.kind != DdlKind::create_index || !action.concurrently) return;
    const TableFacts* table = facts_.table(action.relation);
    for (const IndexFacts& index : table == nullptr ? std::vector<IndexFacts>() : table->indexes) {
        if (index.name != action.name || index.valid) continue;
        Hazard& hazard = add(HazardKind::invalid_index, HazardSeverity::breaks, action.relation);
        hazard.message =
            action.if_exists
                ? fmt::format("{} exists and is invalid: IF NOT EXISTS leaves it so, and calls it done", action.name)
                : fmt::format("{} exists already, and is invalid: this fails (42P07)", action.name);
        if (!action.if_exists) hazard.sqlstate = "42P07";
        hazard.advice = fmt::format("DROP INDEX CONCURRENTLY {} first, or REINDEX INDEX CONCURRENTLY it", action.name);
        return;
    }
    if (!action.if_exists) return;
    Hazard& hazard = add(HazardKind::invalid_index, HazardSeverity::notice, action.relation);
    hazard.message = "if it fails half-way it leaves an invalid index, and IF NOT EXISTS then takes that for done";
    hazard.advice = "DROP INDEX CONCURRENTLY IF EXISTS before it, or check pg_index.indisvalid after it";
}

void Judge::in_use(const sql::DdlAction& action) {
    const bool column = action.kind == DdlKind::drop_column || action.kind == DdlKind::rename_column;
    const bool whole = action.kind == DdlKind::drop_table || action.kind == DdlKind::rename_table ||
                       action.kind == DdlKind::set_schema || action.kind == DdlKind::drop_view ||
                       action.kind == DdlKind::drop_matview;
    if ((!column && !whole) || !traffic_.known()) return;
    const TableTraffic traffic = traffic_of(
        traffic_, facts_.table(action.relation) != nullptr ? facts_.table(action.relation)->name : action.relation);
    std::uint64_t calls = 0;
    std::size_t shapes = 0;
    const StatementTraffic* most = nullptr;
    for (const std::size_t index : traffic.statements) {
        const StatementTraffic& statement = traffic_.statements[index];
        if (column && !names_identifier(statement.text, action.name)) continue;
        calls += statement.calls;
        ++shapes;
        if (most == nullptr || statement.calls > most->calls) most = &statement;
    }
    if (most == nullptr) return;
    Hazard& hazard = add(HazardKind::in_use, HazardSeverity::breaks, action.relation);
    hazard.sqlstate = column ? "42703" : "42P01";
    hazard.calls_waiting = 0;
    hazard.message = fmt::format(
        "{} recorded statement{} ({} calls, {}/s) name{} {}: {} then gives {}; the most frequent, {} calls: {}", shapes,
        shapes == 1 ? "" : "s", calls,
        rate_text(static_cast<double>(calls) / std::max(1.0, traffic_.span.to_seconds())), shapes == 1 ? "s" : "",
        column ? name_text(hazard.relation) + "." + action.name : name_text(hazard.relation), to_string(action.kind),
        hazard.sqlstate, most->calls, cut_text(most->text));
    hazard.advice = "ship the application that no longer uses it first, and drop it in a later migration";
}

void Judge::dropped_with(const sql::DdlAction& action) {
    if (!action.cascade || action.kind == DdlKind::truncate || action.kind == DdlKind::query) return;
    Hazard& hazard = add(HazardKind::cascade, HazardSeverity::notice, action.relation);
    std::string with;
    if (const TableFacts* table = facts_.table(action.relation)) {
        for (const sql::RelationName& view : table->dependents) with += ", view " + name_text(view);
        if (action.kind == DdlKind::drop_table) {
            for (const sql::RelationName& other : table->referenced_by) with += ", foreign keys of " + name_text(other);
        }
    }
    hazard.message = "CASCADE drops whatever depends on it" +
                     (with.empty() ? std::string(", too") : fmt::format("; known: {}", with.substr(2)));
    hazard.advice = "name what is to go: a new dependent should stop the migration";
}

void Judge::unseen(const Actions& actions) {
    if (actions.front().kind != DdlKind::run_code) return;
    ++out_.not_looked_into;
    add(HazardKind::not_looked_into, HazardSeverity::notice).message =
        "runs code: the locks and changes of its body are not looked into";
}

}  // namespace understudy::schema::hazard
