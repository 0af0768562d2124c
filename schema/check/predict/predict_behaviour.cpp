#include <fmt/format.h>

#include <algorithm>

#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {
namespace {

char event_of(const AccessedRelation& touch) {
    return touch.inserts() ? 'i' : touch.updates() ? 'u' : touch.deletes() ? 'd' : ' ';
}

void triggers(const AccessedRelation& touch, const Tell& tell) {
    const char event = event_of(touch);
    const auto fires = [&](const TriggerFacts& trigger) { return trigger.enabled && trigger.events.count(event) > 0; };
    const auto told = [&](Certainty certainty, const Bytes& name, Bytes reason) {
        tell({kNoItem, certainty, Severity::risky, "trigger", "", touch.object(name), std::move(reason)});
    };
    std::vector<Bytes> order_before;  // of the same triggers: they fire by name
    std::vector<Bytes> order_after;
    const auto has_same = [&](const RelationFacts& relation, const TriggerFacts& wanted) {
        return std::any_of(relation.triggers.begin(), relation.triggers.end(), [&](const auto& each) {
            return fires(each.second) && each.second.definition == wanted.definition;
        });
    };
    for (const auto& [name, trigger] : touch.after.triggers) {
        if (!fires(trigger)) continue;
        order_after.push_back(trigger.definition);
        if (has_same(touch.before, trigger)) continue;
        told(trigger.before ? Certainty::likely : Certainty::possible, name,
             trigger.before ? "a trigger is new that may change, refuse or leave out the row: " + trigger.definition
                            : "a trigger is new that may fail or do more: " + trigger.definition);
    }
    for (const auto& [name, trigger] : touch.before.triggers) {
        if (!fires(trigger)) continue;
        order_before.push_back(trigger.definition);
        const auto now = touch.after.triggers.find(name);
        if (!has_same(touch.after, trigger)) {
            told(Certainty::likely, name, "a trigger no longer fires: " + trigger.definition);
        } else if (now != touch.after.triggers.end() && now->second.source != trigger.source) {
            told(Certainty::likely, name,
                 fmt::format("function {}() of the trigger does something else", trigger.function));
        }
    }
    const auto sorted = [](std::vector<Bytes> names) {
        std::sort(names.begin(), names.end());
        return names;
    };
    if (order_before != order_after && sorted(order_before) == sorted(order_after)) {
        told(Certainty::likely, {}, "triggers fire in another order");
    }
}

void rules(const AccessedRelation& touch, const Tell& tell) {
    if (touch.before.rules == touch.after.rules) return;
    const char* event = touch.inserts() ? "ON INSERT" : touch.updates() ? "ON UPDATE" : "ON DELETE";
    const auto mine = [&](const std::map<Bytes, Bytes>& all) {
        std::map<Bytes, Bytes> some;
        for (const auto& [name, text] : all) {
            if (text.find(event) != Bytes::npos) some.emplace(name, text);
        }
        return some;
    };
    if (mine(touch.before.rules) == mine(touch.after.rules)) return;
    tell({kNoItem, Certainty::likely, Severity::risky, "rule", "", touch.object(),
          "rules rewrite the statement otherwise than before"});
}

/// The view's query from its FROM on, and what it selects.
std::pair<Bytes, Bytes> parts_of(const Bytes& query) {
    const std::size_t from = query.find("\n   FROM ");
    return from == Bytes::npos ? std::pair(query, Bytes()) : std::pair(query.substr(0, from), query.substr(from));
}

void views(const AccessedRelation& touch, const Tell& tell) {
    if (touch.before.kind != touch.after.kind) {
        const bool stale = touch.after.kind == 'm';
        const bool partitioned = touch.after.kind == 'p';
        if (stale) {
            tell({kNoItem, Certainty::likely, Severity::risky, "materialised", "", touch.object(),
                  "it is a materialised view now: its rows are those of its last REFRESH"});
        } else if (partitioned && (touch.writes() || mentions(touch.statement.sql, "only"))) {
            tell({kNoItem, Certainty::likely, Severity::risky, "partitioned", touch.inserts() ? "23514" : "",
                  touch.object(),
                  fmt::format("it is partitioned by {} now: rows without a partition are refused, ONLY finds nothing, "
                              "unique keys hold with the partition key only",
                              touch.after.partition_key)});
        }
        return;
    }
    const auto checks = [](const RelationFacts& view) { return view.options.find("check_option") != Bytes::npos; };
    if ((touch.inserts() || touch.updates()) && checks(touch.before) != checks(touch.after)) {
        const bool failed = touch.failed_with("44000");
        tell({kNoItem, failed ? Certainty::likely : Certainty::possible, checks(touch.after) ? Severity::breaks : Severity::risky,
              "check_option", "44000", touch.object(),
              checks(touch.after) ? "the view has WITH CHECK OPTION now: rows that it would not show are refused"
                                  : "the view no longer has WITH CHECK OPTION: rows that it does not show are taken"});
    }
    if (touch.before.query == touch.after.query) return;
    auto [before, before_rest] = parts_of(touch.before.query);
    const auto [after, after_rest] = parts_of(touch.after.query);
    if (!before.empty() && before.back() == ';') before.pop_back();
    if (before_rest == after_rest && after.starts_with(before)) return;  // columns at the end: Parse shows them
    tell({kNoItem, Certainty::likely, Severity::risky, "view_changed", "", touch.object(),
          "the view's query is another: other rows or values"});
}

bool applies(const PolicyFacts& policy, const AccessedRelation& touch) {
    const char command = touch.inserts() ? 'a' : touch.updates() ? 'w' : touch.deletes() ? 'd' : 'r';
    return (policy.command == '*' || policy.command == command) &&
           (policy.roles.empty() || policy.roles.count(touch.statement.user) > 0);
}

std::map<Bytes, PolicyFacts> applying(const RelationFacts& relation, const AccessedRelation& touch) {
    std::map<Bytes, PolicyFacts> some;
    for (const auto& [name, policy] : relation.policies) {
        if (applies(policy, touch)) some.emplace(name, policy);
    }
    return some;
}

void row_security(const AccessedRelation& touch, const Tell& tell) {
    const Bytes& user = touch.statement.user;
    const auto active = [&](const RelationFacts& relation, const SchemaFacts& schema) {
        return relation.row_security && schema.unbound_roles.count(user) == 0 &&
               (relation.forced || relation.owner != user);
    };
    const bool was = active(touch.before, touch.schema_before);
    const bool is = active(touch.after, touch.schema_after);
    const auto before = applying(touch.before, touch);
    const auto after = applying(touch.after, touch);
    const auto open = [](const std::map<Bytes, PolicyFacts>& policies) {
        return std::any_of(policies.begin(), policies.end(), [](const auto& each) { return each.second.everything; });
    };
    if ((!is || open(after)) && (!was || open(before))) return;
    if (was == is && before == after) return;
    Prediction prediction;
    prediction.certainty = Certainty::likely;
    prediction.kind = "row_security";
    prediction.object = touch.object();
    if (is && after.empty()) {
        prediction.severity = touch.inserts() ? Severity::breaks : Severity::risky;
        if (touch.inserts()) prediction.sqlstate = "42501";
        prediction.reason =
            fmt::format("row security holds without a policy for \"{}\": {}", user,
                        touch.inserts() ? "every row is refused" : "no row is seen, and no error raised");
    } else {
        prediction.reason = is ? fmt::format("row security lets \"{}\" see or write other rows", user)
                               : fmt::format("row security no longer hides rows from \"{}\"", user);
    }
    tell(prediction);
}

/// Sequences behind defaults: nextval() asks for the privilege when it runs.
void sequences(const AccessedRelation& touch, const Tell& tell) {
    if (!touch.inserts()) return;
    for (const auto& [name, limits] : touch.schema_after.sequences) {
        const Bytes quoted = "nextval('" + name.first + "." + name.second + "'";
        const bool used =
            std::any_of(touch.after.columns.begin(), touch.after.columns.end(),
                        [&](const ColumnFacts& column) { return column.default_text.starts_with(quoted); });
        if (!used) continue;
        const std::pair use(touch.statement.user, name);
        const bool lost =
            touch.schema_before.sequence_users.count(use) > 0 && touch.schema_after.sequence_users.count(use) == 0;
        if (lost) {
            tell({kNoItem, Certainty::likely, Severity::breaks, "sequence_privilege", "42501",
                  touch.object(name.second),
                  fmt::format("\"{}\" may no longer take numbers from sequence \"{}\"", touch.statement.user,
                              name.second)});
        }
        const auto before = touch.schema_before.sequences.find(name);
        if (before != touch.schema_before.sequences.end() && before->second != limits) {
            tell({kNoItem, Certainty::likely, Severity::risky, "sequence_limits", "2200H", touch.object(name.second),
                  fmt::format("sequence \"{}\" has {}, was {}", name.second, limits, before->second)});
        }
    }
}

/// Indexes that helped to find the rows, and whose first column no other index begins with now.
void lost_indexes(const AccessedRelation& touch, const Tell& tell) {
    for (const auto& [name, first] : touch.before.indexes) {
        const auto begins = [&](const auto& each) { return each.second == first; };
        if (std::any_of(touch.after.indexes.begin(), touch.after.indexes.end(), begins)) continue;
        const bool used = std::any_of(touch.access.equal.begin(), touch.access.equal.end(),
                                      [&](const sql::ColumnValues& each) { return each.column == first; });
        if (!used) continue;
        tell({kNoItem, Certainty::possible, Severity::risky, "index_dropped", "", touch.object(name),
              fmt::format("no index begins with \"{}\" any more, by which the statement finds its rows: it may be slower",
                          first)});
    }
}

}  // namespace

void predict_behaviour(const AccessedRelation& touch, const Tell& tell) {
    lost_indexes(touch, tell);
    if (touch.writes()) {
        triggers(touch, tell);
        rules(touch, tell);
        sequences(touch, tell);
    }
    views(touch, tell);
    row_security(touch, tell);
}

}  // namespace understudy::schema
