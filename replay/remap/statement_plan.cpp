#include "replay/remap/statement_plan.hpp"

#include <algorithm>
#include <map>

#include "core/catalog/search_path.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_value.hpp"
#include "core/sql/split.hpp"
#include "core/sql/value_places.hpp"
#include "replay/remap/domain_builder.hpp"

namespace understudy::replay {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr std::size_t kMaxParameters = 65'535;  // of a Bind

bool is_sequence_function(BytesView name) { return name == "nextval" || name == "currval" || name == "lastval"; }

Token next_code(BytesView sql, std::size_t offset) {
    Token token = sql::next_token(sql, offset);
    while (token.kind == TokenKind::comment) token = sql::next_token(sql, token.end());
    return token;
}

Bytes folded(const Token& token) {
    const std::vector<Bytes> parts = name_parts(token.text);
    return parts.empty() ? Bytes() : parts.front();
}

/// Which value a tie is of: $n by its number, a literal by its place.
std::pair<std::uint32_t, std::size_t> identity(const sql::ValueRef& value) {
    return {value.parameter, value.parameter == 0 ? value.offset : 0};
}

void set_parameter(const sql::ValueRef& value, DomainId domain, StatementPlan& plan) {
    if (value.parameter > kMaxParameters) return;
    if (plan.parameters.size() < value.parameter) plan.parameters.resize(value.parameter);
    plan.parameters[value.parameter - 1] = {domain, value.array};
}

void plan_values(const sql::StatementAccess& access, const IdentityDomains& domains,
                 const std::vector<Bytes>& search_path, RemapCounts& counts, StatementPlan& plan) {
    struct Tied {
        sql::ValueRef value;
        DomainId domain = 0;
        bool disagrees = false;
    };
    std::map<std::pair<std::uint32_t, std::size_t>, Tied> tied;
    for (const sql::ValueTie& tie : access.ties) {
        const DomainId domain = domains.of_column(tie.schema, tie.table, tie.column, tie.position, search_path);
        if (domain == 0) continue;
        Tied& value = tied.try_emplace(identity(tie.value), Tied{tie.value, domain, false}).first->second;
        value.disagrees = value.disagrees || value.domain != domain || value.value.array != tie.value.array;
    }
    for (const auto& [id, value] : tied) {
        if (value.disagrees) {
            RemapCounts::add(counts.ambiguous_values);
        } else if (value.value.parameter != 0) {
            set_parameter(value.value, value.domain, plan);
        } else {
            plan.literals.push_back({value.value, value.domain});
        }
    }
}

void plan_sequences(BytesView sql, const sql::StatementAccess& access, const IdentityDomains& domains,
                    StatementPlan& plan) {
    for (const sql::FunctionUse& call : access.functions) {
        if (call.output == 0 || !is_sequence_function(call.name)) continue;
        DomainId domain = 0;
        if (call.name != "lastval") {
            if (call.arguments.empty() || !call.arguments[0] || call.arguments[0]->parameter != 0) continue;
            const Token token = next_code(sql, call.arguments[0]->offset);
            if (token.kind != TokenKind::string) continue;
            domain = domains.of_sequence(sql::literal_value(token));
            if (domain == 0) continue;
        }
        plan.sequence_outputs.emplace_back(call.output - 1, domain);
    }
}

void plan_copy(const sql::CopyUse& use, const IdentityDomains& domains, const std::vector<Bytes>& search_path,
               StatementPlan& plan) {
    if (!use.from || use.table.empty()) return;
    if (use.fields.empty()) {
        plan.copy_fields = domains.of_columns(use.schema, use.table, search_path);
    } else {
        for (const sql::OutputUse& field : use.fields) {
            plan.copy_fields.push_back(domains.of_column(use.schema, use.table, field.name, 0, search_path));
        }
    }
    const auto mapped = [](DomainId domain) { return domain != 0; };
    if (std::none_of(plan.copy_fields.begin(), plan.copy_fields.end(), mapped)) return;
    plan.copy = CopyLayout::of(use);
}

/// Words of the statements that say where a transaction or the search_path goes.
const std::vector<BytesView> kActs{"savepoint", "release",     "rollback",   "begin", "start", "commit", "end",
                                   "abort",     "search_path", "set_config", "set",   "reset", "discard"};

bool has_any_word(BytesView sql, const std::vector<BytesView>& words) {
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::word) continue;
        for (const BytesView word : words) {
            if (sql::is_word(token, word)) return true;
        }
    }
    return false;
}

}  // namespace

SavepointAct savepoint_act(BytesView statement) {
    using Kind = SavepointAct::Kind;
    const Token first = next_code(statement, 0);
    Kind kind = Kind::none;
    if (sql::is_word(first, "savepoint")) kind = Kind::savepoint;
    if (sql::is_word(first, "release")) kind = Kind::release;
    if (sql::is_word(first, "rollback")) kind = Kind::rollback_to;
    if (kind == Kind::none) return {};
    bool to = kind != Kind::rollback_to;
    Token last;
    for (Token token = next_code(statement, first.end()); token.kind != TokenKind::end;
         token = next_code(statement, token.end())) {
        to = to || sql::is_word(token, "to");
        if (token.kind == TokenKind::word || token.kind == TokenKind::quoted_identifier) last = token;
    }
    if (!to || last.kind == TokenKind::end) return {};
    return {kind, folded(last)};
}

bool may_concern(BytesView sql, const IdentityDomains& domains) {
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind == TokenKind::word) {
            const Bytes name = sql::to_lower(token.text);
            if (domains.concerns(name) || is_sequence_function(name)) return true;
        } else if (token.kind == TokenKind::quoted_identifier && domains.concerns(folded(token))) {
            return true;
        }
    }
    return false;
}

TextPlan plan_text(BytesView sql, const std::vector<sql::StatementAccess>& accesses, const IdentityDomains& domains,
                   const std::vector<Bytes>& search_path, RemapCounts& counts) {
    TextPlan text{Bytes(sql), {}, false};
    bool copies = false;
    for (const sql::StatementAccess& access : accesses) {
        StatementPlan& plan = text.statements.emplace_back();
        plan.begin = std::min(access.begin, sql.size());
        plan.end = std::clamp(access.end, plan.begin, sql.size());
        plan.kind = access.kind;
        plan.act = savepoint_act(sql.substr(plan.begin, plan.end - plan.begin));
        plan.prepares = access.prepares;
        plan.executes = access.executes;
        plan.arguments = access.arguments;
        for (const sql::RelationAccess& relation : access.relations) {
            plan.skip_locked = plan.skip_locked || relation.skip_locked;
            if (relation.kind == sql::AccessKind::insert && plan.inserts == 0) {
                plan.inserts = domains.generated_by(relation.schema, relation.name, search_path);
            }
        }
        plan_values(access, domains, search_path, counts, plan);
        plan_sequences(sql, access, domains, plan);
        copies = copies || access.kind == sql::StatementKind::copy_in;
    }
    if (!copies) return text;
    const auto places = sql::value_places(sql);
    if (!places || places->size() != text.statements.size()) return text;
    for (std::size_t i = 0; i < places->size(); ++i) {
        if ((*places)[i].copy) plan_copy(*(*places)[i].copy, domains, search_path, text.statements[i]);
    }
    return text;
}

TextPlanPtr PlanCache::make(BytesView sql, const std::vector<Bytes>& search_path) const {
    TextPlan text{Bytes(sql), {}, false};
    const bool concerned = has_any_word(sql, {"execute"}) || may_concern(sql, domains_);
    const auto accesses = concerned ? read_(sql, search_path) : std::nullopt;
    if (accesses) {
        text = plan_text(sql, *accesses, domains_, search_path, counts_);
    } else {
        if (concerned) RemapCounts::add(counts_.unparsed_statements);
        if (!has_any_word(sql, kActs)) return nullptr;
        for (const BytesView statement : sql::split_statements(sql)) {
            StatementPlan& plan = text.statements.emplace_back();
            plan.begin = static_cast<std::size_t>(statement.data() - sql.data());
            plan.end = plan.begin + statement.size();
            plan.act = savepoint_act(statement);
        }
    }
    for (const StatementPlan& plan : text.statements) {
        const BytesView statement = sql.substr(plan.begin, plan.end - plan.begin);
        text.may_change_path = text.may_change_path || catalog::SearchPath::may_change(statement);
    }
    return std::make_shared<const TextPlan>(std::move(text));
}

TextPlanPtr PlanCache::plan(BytesView sql, const std::vector<Bytes>& search_path) {
    Bytes key;
    for (const Bytes& schema : search_path) key.append(schema).push_back('\0');
    key.append(sql);
    if (key.size() > kMaxText) return make(sql, search_path);
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = by_key_.find(key); found != by_key_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return found->second->plan;
        }
    }
    TextPlanPtr plan = make(sql, search_path);
    const std::lock_guard lock(mutex_);
    if (by_key_.find(key) != by_key_.end()) return plan;  // another session was as fast
    entries_.push_front({std::move(key), plan});
    by_key_.emplace(entries_.front().key, entries_.begin());
    const auto weight = [](const Entry& entry) { return 2 * entry.key.size() + sizeof(Entry) + 256; };
    bytes_ += weight(entries_.front());
    while (bytes_ > kMaxBytes) {
        bytes_ -= weight(entries_.back());
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
    return plan;
}

}  // namespace understudy::replay
