#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {
namespace {

using Kind = WrittenValue::Kind;

bool intersects(const std::vector<Bytes>& a, const std::vector<Bytes>& b) {
    return std::any_of(a.begin(), a.end(),
                       [&](const Bytes& each) { return std::find(b.begin(), b.end(), each) != b.end(); });
}

/// A key of columns: without expressions, a predicate, NULLS NOT DISTINCT or INITIALLY DEFERRED. What it INCLUDEs does not
/// matter.
bool is_plain_key(const ConstraintFacts& constraint) {
    const BytesView definition = BytesView(constraint.definition).substr(0, constraint.definition.find(" INCLUDE ("));
    return (definition.starts_with("UNIQUE (") || definition.starts_with("PRIMARY KEY (")) &&
           std::count(definition.begin(), definition.end(), '(') == 1 && constraint.definition.ends_with(')');
}

/// By what it demands, not by its name.
bool has_constraint(const RelationFacts& relation, const ConstraintFacts& wanted) {
    return std::any_of(relation.constraints.begin(), relation.constraints.end(), [&](const auto& each) {
        const ConstraintFacts& other = each.second;
        if (other.type == wanted.type && other.definition == wanted.definition) return true;
        if (is_plain_key(other) && is_plain_key(wanted)) {
            return other.columns == wanted.columns && other.deferrable == wanted.deferrable;
        }
        if (other.type == 'c' && wanted.type == 'c') return other.expression == wanted.expression;
        return other.type == 'f' && wanted.type == 'f' && other.columns == wanted.columns &&
               other.referenced_schema == wanted.referenced_schema && other.referenced == wanted.referenced &&
               other.referenced_columns == wanted.referenced_columns;
    });
}

/// Whether two different kept rows have the same known values in all of the columns.
bool repeats(const AccessedRelation& touch, const std::vector<Bytes>& columns) {
    std::set<std::vector<Bytes>> seen;
    std::set<WrittenRow, bool (*)(const WrittenRow&, const WrittenRow&)> rows([](const WrittenRow& a,
                                                                                 const WrittenRow& b) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
            return std::tie(x.first, x.second.kind, x.second.text) < std::tie(y.first, y.second.kind, y.second.text);
        });
    });
    for (const WrittenRow& row : touch.rows) {
        if (!rows.insert(row).second) continue;
        std::vector<Bytes> key;
        for (const Bytes& column : columns) {
            const auto found = row.find(column);
            if (found == row.end() || found->second.kind != Kind::value || found->second.text.empty()) break;
            key.push_back(found->second.text);
        }
        if (key.size() == columns.size() && !seen.insert(key).second) return true;
    }
    return false;
}

/// Whether the statement writes something else than the default into one of the columns.
bool writes_any(const AccessedRelation& touch, const std::vector<Bytes>& columns) {
    if (touch.updates()) return intersects(touch.access.sets, columns);
    if (!touch.inserts()) return false;
    if (touch.rows.empty()) return touch.access.columns.empty() || intersects(touch.access.columns, columns);
    return std::any_of(touch.rows.begin(), touch.rows.end(), [&](const WrittenRow& row) {
        return std::any_of(columns.begin(), columns.end(), [&](const Bytes& column) {
            const auto found = row.find(column);
            return found != row.end() && found->second.kind != Kind::null &&
                   (found->second.kind != Kind::fallback || !touch.after.column(column)->default_text.empty());
        });
    });
}

/// Whether a row that the statement writes can break it. Docs, "CREATE TABLE": NULLs break a unique key only with NULLS NOT
/// DISTINCT; then a column left out does, too.
bool meets(const AccessedRelation& touch, const ConstraintFacts& constraint) {
    const bool nulls = constraint.type == 'u' && constraint.definition.find("NULLS NOT DISTINCT") != Bytes::npos;
    return writes_any(touch, constraint.columns) || (nulls && touch.inserts());
}

const char* error_of(const ConstraintFacts& constraint) {
    switch (constraint.type) {
        case 'c': return "23514";
        case 'f': return "23503";
        case 'x': return "23P01";
        default: return "23505";
    }
}

void added(const AccessedRelation& touch, const Bytes& name, const ConstraintFacts& constraint, const Tell& tell) {
    Prediction prediction;
    prediction.severity = Severity::breaks;
    prediction.sqlstate = error_of(constraint);
    prediction.object = touch.object(name);
    const bool writes = meets(touch, constraint);
    const bool unique = constraint.type == 'u' || constraint.type == 'p';
    if (writes) {
        prediction.kind = "constraint_added";
        prediction.reason = fmt::format("{} is new, and the statement writes its columns", constraint.definition);
        if (unique && touch.inserts() && repeats(touch, constraint.columns)) {
            prediction.certainty = Certainty::likely;
            prediction.reason =
                fmt::format("{} is new, and rows with the same values were written", constraint.definition);
            if (touch.access.conflict_skips) {
                prediction.sqlstate.clear();
                prediction.severity = Severity::risky;
                prediction.reason += ": ON CONFLICT DO NOTHING now leaves them out";
            }
        }
        tell(prediction);
    } else if (touch.updates() && constraint.type == 'c' && constraint.definition.ends_with("NOT VALID")) {
        prediction.kind = "constraint_not_valid";
        prediction.reason = fmt::format("{} is new: an UPDATE of any column fails for an old row that breaks it",
                                        constraint.definition);
        tell(prediction);
    }
}

void removed(const AccessedRelation& touch, const Bytes& name, const ConstraintFacts& constraint, const Tell& tell) {
    if (!meets(touch, constraint) && !touch.deletes()) return;
    Prediction prediction;
    prediction.kind = "constraint_removed";
    prediction.object = touch.object(name);
    const bool failed = touch.failed_with(error_of(constraint));
    prediction.certainty = failed ? Certainty::likely : Certainty::possible;
    prediction.reason = fmt::format("{} is gone{}", constraint.definition,
                                    failed ? ", which this statement was recorded failing by" : "");
    tell(prediction);
}

/// The name is in the error that an application catches.
void renamed(const AccessedRelation& touch, const Bytes& name, const ConstraintFacts& constraint, const Tell& tell) {
    if (touch.after.constraints.count(name) > 0 || !touch.failed_with(error_of(constraint))) return;
    for (const auto& [new_name, other] : touch.after.constraints) {
        if (other.definition != constraint.definition || touch.before.constraints.count(new_name) > 0) continue;
        tell({kNoItem, Certainty::likely, Severity::risky, "constraint_renamed", error_of(constraint), touch.object(name),
              fmt::format("constraint \"{}\", which this statement was recorded failing by, is called \"{}\" now: handlers "
                          "that know it by its name miss it",
                          name, new_name)});
        return;
    }
}

/// Foreign keys of other tables that point here.
void referencing(const AccessedRelation& touch, const Tell& tell) {
    const auto points_here = [&](const ConstraintFacts& constraint) {
        return constraint.type == 'f' &&
               QualifiedName(constraint.referenced_schema, constraint.referenced) == touch.name;
    };
    for (const auto& [child, after] : touch.schema_after.relations) {
        for (const auto& [name, constraint] : after.constraints) {
            if (!points_here(constraint)) continue;
            const bool touched =
                touch.deletes() || (touch.updates() && intersects(touch.access.sets, constraint.referenced_columns));
            const auto old_child = touch.schema_before.relations.find(child);
            if (!touched || old_child == touch.schema_before.relations.end()) continue;
            const ConstraintFacts* old = nullptr;
            for (const auto& [old_name, each] : old_child->second.constraints) {
                if (points_here(each) && each.columns == constraint.columns) old = &each;
            }
            Prediction prediction;
            prediction.object = child.first + "." + child.second + "." + name;
            if (old == nullptr) {
                prediction.kind = "constraint_added";
                prediction.severity = Severity::breaks;
                prediction.sqlstate = "23503";
                prediction.reason =
                    fmt::format("{} on \"{}\" is new: rows that it points to can no longer be taken away",
                                constraint.definition, child.second);
                tell(prediction);
                continue;
            }
            const bool differs =
                touch.deletes() ? old->on_delete != constraint.on_delete : old->on_update != constraint.on_update;
            if (!differs) continue;
            const char action = touch.deletes() ? constraint.on_delete : constraint.on_update;
            const bool refuses = action == 'a' || action == 'r';
            prediction.certainty = Certainty::likely;
            prediction.kind = "cascade_changed";
            prediction.severity = refuses ? Severity::breaks : Severity::risky;
            if (refuses) prediction.sqlstate = "23503";
            prediction.reason = fmt::format("what happens to rows of \"{}\" is another: {}, was {}", child.second,
                                            constraint.definition, old->definition);
            tell(prediction);
        }
    }
}

}  // namespace

void predict_constraints(const AccessedRelation& touch, const Tell& tell) {
    if (!touch.writes()) return;
    for (const auto& [name, constraint] : touch.after.constraints) {
        if (!has_constraint(touch.before, constraint)) added(touch, name, constraint, tell);
    }
    for (const auto& [name, constraint] : touch.before.constraints) {
        if (!has_constraint(touch.after, constraint)) removed(touch, name, constraint, tell);
        if (has_constraint(touch.after, constraint)) renamed(touch, name, constraint, tell);
    }
    referencing(touch, tell);
    for (const ColumnFacts& column : touch.after.columns) {
        if (!writes_any(touch, {column.name})) continue;
        const std::size_t dot = column.type.find('.');
        const QualifiedName domain = dot == Bytes::npos
                                         ? QualifiedName{}
                                         : QualifiedName{column.type.substr(0, dot), column.type.substr(dot + 1)};
        const auto after = touch.schema_after.domains.find(domain);
        const auto before = touch.schema_before.domains.find(domain);
        if (after == touch.schema_after.domains.end()) continue;
        if (before != touch.schema_before.domains.end() && before->second == after->second) continue;
        tell({kNoItem, Certainty::possible, Severity::breaks, "constraint_added", "23514", touch.object(column.name),
              fmt::format("domain {} demands something else: {}", column.type, after->second)});
    }
}

}  // namespace understudy::schema
