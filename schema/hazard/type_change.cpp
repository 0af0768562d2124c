#include <fmt/format.h>

#include <algorithm>

#include "schema/hazard/lock_effects.hpp"

namespace understudy::schema::hazard {
namespace {

/// atttypmod of varchar(n), char(n) and numeric counts a header (VARHDRSZ).
constexpr std::int32_t kHeader = 4;

bool is_one_of(BytesView name, std::initializer_list<BytesView> names) {
    for (const BytesView candidate : names) {
        if (name == candidate) return true;
    }
    return false;
}

struct NumericShape {
    std::int64_t precision = 0;
    std::int64_t scale = 0;
};

NumericShape shape_of(std::int32_t modifier) {
    const auto packed = static_cast<std::uint32_t>(modifier - kHeader);
    // Eleven bits of scale, signed since PostgreSQL 15.
    const std::int64_t scale = static_cast<std::int64_t>((packed & 0x7FFU) ^ 1024U) - 1024;
    return {static_cast<std::int64_t>(packed >> 16U), scale};
}

/// The same type with another modifier: whether every old value is valid as it is stored.
bool modifier_keeps_values(const ColumnFacts& column, const sql::DdlType& to) {
    const std::vector<std::int64_t>& modifiers = to.modifiers;
    if (is_one_of(to.name, {"varchar", "varbit"})) {
        if (modifiers.empty()) return true;
        const std::int32_t header = to.name == "varchar" ? kHeader : 0;
        return column.modifier >= 0 && modifiers[0] >= column.modifier - header;
    }
    if (to.name == "bpchar" || to.name == "bit") {
        const std::int64_t length = modifiers.empty() ? 1 : modifiers[0];
        return column.modifier >= 0 && length == column.modifier - (to.name == "bpchar" ? kHeader : 0);
    }
    if (to.name == "numeric") {
        if (modifiers.empty()) return true;
        if (column.modifier < 0) return false;
        const NumericShape old = shape_of(column.modifier);
        return (modifiers.size() > 1 ? modifiers[1] : 0) == old.scale && modifiers[0] >= old.precision;
    }
    if (is_one_of(to.name, {"timestamp", "timestamptz", "time", "timetz"})) {
        constexpr std::int64_t kFull = 6;
        const std::int64_t old = column.modifier < 0 ? kFull : column.modifier;
        return modifiers.empty() || modifiers[0] >= old;
    }
    return modifiers.empty() && column.modifier < 0;
}

bool is_text(BytesView type) { return type == "varchar" || type == "text"; }

bool binary_coercible(const ColumnFacts& column, const sql::DdlType& to, const SchemaFacts& facts) {
    Bytes from = column.type;
    if (const auto base = facts.domain_bases.find(from); base != facts.domain_bases.end()) from = base->second;
    return facts.binary_coercible.count({from, to.name}) != 0 || from == to.name || (is_text(from) && is_text(to.name));
}

bool is_time_zone_change(BytesView from, BytesView to) {
    return (from == "timestamp" && to == "timestamptz") || (from == "timestamptz" && to == "timestamp");
}

std::string described(const sql::DdlType& type) {
    std::string text = type.name;
    for (std::size_t i = 0; i < type.modifiers.size(); ++i) {
        text += fmt::format("{}{}", i == 0 ? "(" : ",", type.modifiers[i]);
    }
    if (!type.modifiers.empty()) text += ")";
    return text + (type.array ? "[]" : "");
}

/// Constraints on a column are checked again with its new type, though the rows stay as they are.
bool has_check(const TableFacts& table, const Bytes& column) {
    for (const ConstraintFacts& constraint : table.constraints) {
        if (constraint.kind != sql::ConstraintKind::check) continue;
        for (const Bytes& used : constraint.columns) {
            if (used == column) return true;
        }
    }
    return false;
}

/// An index is taken over only if it has no expression and no predicate, and none of a partitioned index's is
/// (CheckIndexCompatible() in commands/indexcmds.c).
const IndexFacts* rebuilt_index(const TableFacts& table, const Bytes& column, const SchemaFacts& facts) {
    const bool partition = std::any_of(table.parents.begin(), table.parents.end(), [&](const sql::RelationName& name) {
        const TableFacts* parent = facts.table(name);
        return parent != nullptr && parent->kind == 'p';
    });
    for (const IndexFacts& index : table.indexes) {
        const bool uses = std::find(index.columns.begin(), index.columns.end(), column) != index.columns.end();
        if (uses && (partition || !index.plain)) return &index;
    }
    return nullptr;
}

}  // namespace

bool proves_foreign_keys(const sql::DdlAction& action, const TableFacts* table) {
    const ColumnFacts* column = table == nullptr || !action.type ? nullptr : column_of(*table, action.name);
    if (column == nullptr) return true;
    return column->type != action.type->name && !(is_text(column->type) && is_text(action.type->name));
}

WorkReason type_change_work(const sql::DdlAction& action, const TableFacts* table, const SchemaFacts& facts) {
    const sql::DdlType& to = *action.type;
    const ColumnFacts* column = table == nullptr ? nullptr : column_of(*table, action.name);
    if (column == nullptr) {
        return {TableWork::rewrite,
                fmt::format("unless {} is of a type that is stored as {}", action.name, described(to)), false};
    }
    const std::string change = fmt::format("{} goes from {} to {}", action.name, column->type, described(to));
    if (action.expression && !action.plain_using) return {TableWork::rewrite, change + " by its USING clause", true};
    sql::DdlType stored = to;  // what a domain without constraints is over
    if (const auto base = facts.domain_bases.find(to.name); base != facts.domain_bases.end())
        stored.name = base->second;
    const Bytes target = to.array ? "_" + to.name : stored.name;
    bool keeps = false;
    const bool constrained = facts.constrained_domains.count(to.name) != 0 && column->type != to.name;
    if (constrained) {
        keeps = false;
    } else if (column->type == target || column->type == to.name) {
        keeps = to.array ? to.modifiers.empty() && column->modifier < 0 : modifier_keeps_values(*column, stored);
    } else if (is_time_zone_change(column->type, to.name)) {
        if (facts.time_zone_is_utc && to.modifiers.empty()) {
            keeps = true;
        } else {
            return {TableWork::rewrite, change + ", and TimeZone is not UTC", true};
        }
    } else if (!to.array) {
        keeps = to.modifiers.empty() && binary_coercible(*column, stored, facts);
        // varchar and text have one form; a length is checked value by value.
        if (keeps && to.name == "bpchar") keeps = false;
    }
    if (!keeps) return {TableWork::rewrite, change, true};
    if (has_check(*table, action.name)) return {TableWork::scan, change + ", and its CHECK is proved again", true};
    if (const IndexFacts* index = rebuilt_index(*table, action.name, facts)) {
        return {TableWork::index, change + ", and its index " + index->name + " is built again", true};
    }
    return {};
}

}  // namespace understudy::schema::hazard
