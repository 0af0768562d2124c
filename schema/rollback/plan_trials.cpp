#include "schema/rollback/plan_trials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::schema {
namespace {

enum class Word : std::uint8_t { other, begin, commit, rollback };

/// What a statement of the script does to the transaction.
Word transaction_word(BytesView statement) {
    std::vector<Bytes> words;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        words.push_back(token.kind == sql::TokenKind::word ? sql::to_lower(token.text) : Bytes());
        if (words.size() == 3) break;
    }
    words.resize(3);
    if (words[0] == "begin" || (words[0] == "start" && words[1] == "transaction")) return Word::begin;
    if (words[0] == "commit" || words[0] == "end") return words[1] == "prepared" ? Word::other : Word::commit;
    if (words[0] == "abort") return Word::rollback;
    const bool to_savepoint = words[1] == "to" || words[2] == "to";
    return words[0] == "rollback" && !to_savepoint && words[1] != "prepared" ? Word::rollback : Word::other;
}

bool concurrent(BytesView statement) {
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (sql::is_word(token, "concurrently")) return refused_in_transaction(statement);
    }
    return false;
}

std::string quoted_name(const Bytes& name) {
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

/// The tables and indexes that the statement names, as to_regclass() takes them.
std::set<std::string> relation_names(BytesView statement) {
    std::set<std::string> names;
    for (const sql::RelationUse& use : sql::traits(statement).relations) {
        names.insert((use.schema.empty() ? "" : quoted_name(use.schema) + ".") + quoted_name(use.name));
    }
    return names;
}

}  // namespace

std::vector<std::size_t> commit_points(const Script& script, RunMode mode) {
    std::vector<std::size_t> points;
    // Whether a COMMIT is needed for what was done, and none of the mode's own comes before the script's end.
    bool open = mode != RunMode::statements;
    const bool batch = mode == RunMode::one_batch;
    const std::size_t count = script.statements.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Word word = transaction_word(script.statements[i].text);
        if (word == Word::begin) open = true;
        const bool ends = word == Word::commit || word == Word::rollback;
        const bool committed = word == Word::commit || (!open && !ends);
        if (committed && i + 1 < count) points.push_back(i + 1);
        if (ends) open = batch;  // in a batch the rest is an implicit transaction again
    }
    return points;
}

TrialPlan plan_trials(const Migration& migration, const TrialLimits& limits, bool can_crash) {
    TrialPlan plan;
    const std::vector<std::size_t> points = commit_points(migration.up, migration.up_mode);
    const bool batch = migration.up_mode == RunMode::one_batch || migration.up_mode == RunMode::transaction_batch;
    const std::size_t count = migration.up.statements.size();
    if (!batch) {
        for (const std::size_t point : points) plan.partial.push_back({std::nullopt, point - 1});
    } else if (!points.empty()) {
        plan.skipped.push_back({"the session dies between two statements",
                                "the batch is sent as a whole; failures inside it stand for that"});
    }
    for (std::size_t i = batch && count > 0 ? count - 1 : 0; i < count; ++i) {
        for (const Interruption kind : limits.kinds) {
            const bool stands_for_all = points.empty() && i + 1 < count && kind != Interruption::cancel;
            if (!stands_for_all && (kind != Interruption::crash || can_crash)) plan.partial.push_back({kind, i});
        }
    }
    const bool wanted = std::find(limits.kinds.begin(), limits.kinds.end(), Interruption::crash) != limits.kinds.end();
    if (wanted && !can_crash && count > 0) {
        plan.skipped.push_back({"the server crashes inside a statement", "no server is there that may be crashed"});
    }
    if (plan.partial.size() > limits.partial_trials) {
        plan.skipped.push_back({fmt::format("{} places to fail at", plan.partial.size() - limits.partial_trials),
                                fmt::format("the limit of {} trials for a migration", limits.partial_trials)});
        plan.partial.resize(limits.partial_trials);
    }
    return plan;
}

std::vector<std::size_t> spread(std::size_t count, std::size_t limit) {
    std::vector<std::size_t> chosen;
    if (limit == 0) return chosen;
    for (std::size_t i = 0; i < std::min(count, limit); ++i) {
        chosen.push_back(count <= limit || limit == 1 ? i : i * (count - 1) / (limit - 1));
    }
    return chosen;
}

std::string blocker_for(const ScriptStatement& statement) {
    const bool rows_only = concurrent(statement.text);
    std::string names;
    for (const std::string& name : relation_names(statement.text)) {
        names += (names.empty() ? "" : ", ") + sql::quote_literal(name);
    }
    const std::string tables = fmt::format(R"(
  foreach name in array array[{}]::text[] loop
    begin
      select coalesce(i.indrelid, c.oid) into rel from pg_catalog.pg_class c
        left join pg_catalog.pg_index i on i.indexrelid = c.oid where c.oid = pg_catalog.to_regclass(name);
      if rel is not null then
        execute pg_catalog.format('lock table %s in {} mode', rel::pg_catalog.regclass);
        held := true;
      end if;
    exception when others then null;
    end;
  end loop;)",
                                           names, rows_only ? "row exclusive" : "access exclusive");
    const std::string catalogues = R"(
  begin
    lock table pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_type, pg_catalog.pg_proc,
      pg_catalog.pg_namespace, pg_catalog.pg_enum, pg_catalog.pg_constraint, pg_catalog.pg_depend,
      pg_catalog.pg_description in share mode;
    held := true;
  exception when others then null;
  end;)";
    return "do $understudy$\ndeclare\n  name text;\n  rel pg_catalog.oid;\n  held boolean := false;\nbegin" + tables +
           (rows_only ? "" : catalogues) +
           "\n  if not held then\n    raise exception 'nothing that the statement needs could be locked';\n  end "
           "if;\nend "
           "$understudy$";
}

std::vector<std::string> outside_copy(const Script& script) {
    std::set<std::string> names;
    for (const ScriptStatement& statement : script.statements) {
        for (const Bytes& effect : sql::traits(statement.text).outside_effects) names.insert(effect);
    }
    return {names.begin(), names.end()};
}

}  // namespace understudy::schema
