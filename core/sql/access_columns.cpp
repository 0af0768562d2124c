#include <algorithm>
#include <tuple>
#include <utility>

#include "core/sql/access_walk.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// More relations in one FROM are not searched for a column without a table.
constexpr std::size_t kMaxSearched = 100;
/// Facts times relations, beyond which what outer joins say is left out.
constexpr std::size_t kMaxConcluded = 1'000'000;

}  // namespace

AccessWalk::Node AccessWalk::node_of(std::size_t relation, const Bytes& column, Level& level) {
    const auto [at, made] = level.nodes.try_emplace({relation, column}, nodes_);
    if (made) ++nodes_;
    return at->second;
}

/// A subquery's column of that name: what it is, if that is known.
std::optional<AccessWalk::Output> AccessWalk::output_of(const Relation& relation, const Bytes& column) {
    if (relation.base) return Output{column, relation.schema, relation.table, column, nullptr, false};
    if (relation.outputs == nullptr) return std::nullopt;
    std::optional<Output> found;
    for (const Output& output : *relation.outputs) {
        if (!output.star && output.name != column) continue;
        if (found) return std::nullopt;  // either
        found = output;
        if (output.star) found->column = column;
        found->star = false;
    }
    return found;
}

AccessWalk::Place AccessWalk::place_in(std::size_t relation, const Bytes& column, Level& level) {
    Place place{node_of(relation, column, level), &level, {}};
    if (auto source = output_of(level.relations[relation], column)) place.source = std::move(*source);
    return place;
}

std::optional<AccessWalk::Place> AccessWalk::resolve(const Json& fields, Level& level) {
    if (fields.size() > 1) return qualified(fields, level);
    const Bytes column = string_node(fields.back());
    for (Level* at = &level; at != nullptr; at = at->parent) {
        auto found = resolve_name(column, *at);
        if (found) return found->level != nullptr ? found : std::nullopt;
    }
    return std::nullopt;
}

/// A column without a table: nothing if it is none of this FROM; a place without a level if nothing can be said of it.
std::optional<AccessWalk::Place> AccessWalk::resolve_name(const Bytes& column, Level& level) {
    const std::size_t first = level.visible.first;
    const std::size_t end = std::min(level.visible.end, level.relations.size());
    if (first >= end) return std::nullopt;
    std::optional<Merged> merged;
    for (const Merged& one : level.merged) {
        if (one.superseded || one.name != column || one.side.first < first || one.side.end > end) continue;
        if (merged) return Place{};
        merged = one;
    }
    if (merged) {
        Place place{merged->node, &level, {}};
        if (merged->relation != kNone) {
            if (auto source = output_of(level.relations[merged->relation], column)) place.source = std::move(*source);
        }
        return place;
    }
    std::size_t owner = kNone;
    bool open = end - first > kMaxSearched;
    for (std::size_t i = first; i < end && !open; ++i) {
        const std::optional<bool> known = has(level.relations[i], column);
        if (known == false) continue;
        open = (!known && end - first > 1) || owner != kNone;
        owner = i;
    }
    if (open) {
        // The same column wherever this name stands alone in this FROM; each ON sees its own part.
        return Place{node_of(kNone - 1 - first, column, level), &level, {}};
    }
    if (owner == kNone) return std::nullopt;
    return place_in(owner, column, level);
}

/// Whether the relation has the column; nothing if that is not known.
std::optional<bool> AccessWalk::has(const Relation& relation, const Bytes& column) const {
    if (relation.base) return has_column_ ? has_column_(relation.schema, relation.table, column) : std::nullopt;
    if (relation.outputs == nullptr) return std::nullopt;
    std::optional<bool> found = false;
    for (const Output& output : *relation.outputs) {
        if (!output.star && output.name == column) return true;
        if (!output.star) continue;
        const bool asked = !output.table.empty() && has_column_;
        const std::optional<bool> star = asked ? has_column_(output.schema, output.table, column) : std::nullopt;
        if (star == true) return true;
        if (!star) found = std::nullopt;
    }
    return found;
}

/// table.column or schema.table.column
std::optional<AccessWalk::Place> AccessWalk::qualified(const Json& fields, Level& level) {
    const Bytes column = string_node(fields.back());
    const Bytes table = schema_name(fields);
    const Bytes schema = fields.size() > 2 ? string_node(fields[fields.size() - 3]) : Bytes();
    for (Level* at = &level; at != nullptr; at = at->parent) {
        const auto found = at->aliases.find(table);
        if (found == at->aliases.end()) continue;
        const Relation& relation = at->relations[found->second];
        if (!schema.empty() && (relation.table != table || (!relation.schema.empty() && relation.schema != schema))) {
            return std::nullopt;
        }
        return place_in(found->second, column, *at);
    }
    return std::nullopt;
}

/// Learns from what is part of a conjunction.
void AccessWalk::gather(const Json& condition, Reach reach, Level& level) {
    if (const Json* logical = body_of(condition, "BoolExpr")) {
        if (text_member(*logical, "boolop") != "AND_EXPR") return;
        for (const Json& part : member(*logical, "args")) gather(part, reach, level);
    } else if (const Json* operation = body_of(condition, "A_Expr")) {
        for (const Comparison& comparison : comparisons_of(sql_, *operation)) learn(comparison, reach, level);
    } else if (const Json* link = body_of(condition, "SubLink")) {
        level.conjunct_links.emplace(link, reach);
    }
}

void AccessWalk::learn(const Comparison& comparison, Reach reach, Level& level) {
    if (!comparison.holds) return;
    const auto place = resolve(*comparison.column, level);
    if (!place) return;
    if (comparison.other == nullptr) {
        if (comparison.values.values.size() > kMaxRowValues) return;
        return level.facts.one_of(place->node, std::make_shared<const ValueList>(comparison.values), reach);
    }
    const auto other = resolve(*comparison.other, level);
    if (!other) return;
    level.facts.equate(place->node, other->node, reach);
    // Of a column outside, what is known there.
    for (const Place& one : {*place, *other}) {
        if (one.level == &level) continue;
        if (auto values = one.level->known.values_of(one.node)) level.facts.one_of(one.node, std::move(values), reach);
    }
}

void AccessWalk::conclude(Level& level) { level.known = level.facts.conclude(ColumnFacts::kAny); }

/// What holds for the rows of each relation is said of its accesses.
void AccessWalk::finish(Level& level) {
    conclude(level);
    const bool each = level.facts.has_limited() && level.facts.size() * level.relations.size() <= kMaxConcluded;
    std::size_t relation = kNone;
    ColumnFacts::Conclusions own;
    for (const auto& [name, node] : level.nodes) {
        const auto& [index, column] = name;
        if (index >= level.relations.size() || !level.relations[index].base) continue;
        if (each && index != relation) own = level.facts.conclude(index);
        relation = index;
        const SharedValues values = (each ? own : level.known).values_of(node);
        if (values == nullptr || !values->complete) continue;
        for (const std::size_t access : level.relations[index].accesses) {
            kept_values_ += values->values.size();
            if (kept_values_ > 2 * kMaxRowValues) return;
            ColumnValues& equal = out_.relations[access].equal.emplace_back(ColumnValues{column, {}});
            for (const PlainValue& value : values->values) equal.values.push_back(value.ref);
        }
    }
}

void AccessWalk::tie(const PlainValue& value, const Output& column, ValueTie::Use use) {
    if (column.table.empty() || column.column.empty()) return;
    if (out_.ties.size() >= kMaxTies) {
        out_.ties_cut = true;
        return;
    }
    ValueTie made{value.ref, column.schema, column.table, column.column, 0, use};
    if (column.star) {  // by position
        made.position = std::stoul(made.column);
        made.column.clear();
    }
    out_.ties.push_back(std::move(made));
}

void AccessWalk::tie_all(const SharedValues& values, const Output& column, ValueTie::Use use) {
    if (values == nullptr || out_.ties_cut) return;
    for (const PlainValue& value : values->values) tie(value, column, use);
}

}  // namespace understudy::sql
