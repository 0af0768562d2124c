#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "schema/hazard/lock_effects.hpp"

namespace understudy::schema::hazard {
namespace {

using sql::ConstraintKind;
using sql::DdlKind;

/// Where no server says which functions are volatile. The SQL standard's own clock functions are stable.
constexpr std::array<BytesView, 12> kVolatile = {"random",    "gen_random_uuid", "nextval",          "clock_timestamp",
                                                 "timeofday", "setval",          "uuid_generate_v1", "uuid_generate_v4",
                                                 "uuidv4",    "uuidv7",          "currval",          "lastval"};
constexpr std::array<BytesView, 16> kNotVolatile = {
    "now",          "current_timestamp", "current_date",        "current_time",          "localtime", "localtimestamp",
    "current_user", "session_user",      "statement_timestamp", "transaction_timestamp", "lower",     "upper",
    "md5",          "to_timestamp",      "current_setting",     "json_build_object"};

template <std::size_t N>
bool among(const std::array<BytesView, N>& names, BytesView name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

enum class Volatility { fixed, moving, unknown };

Volatility volatility_of(const Bytes& function, const SchemaFacts& facts) {
    if (facts.volatile_functions.count(function) != 0) return Volatility::moving;
    if (facts.known_functions.count(function) != 0) return Volatility::fixed;
    if (among(kVolatile, function)) return Volatility::moving;
    return among(kNotVolatile, function) ? Volatility::fixed : Volatility::unknown;
}

bool is_serial(const sql::DdlType& type) {
    return type.name == "serial" || type.name == "bigserial" || type.name == "smallserial" || type.name == "serial4" ||
           type.name == "serial8" || type.name == "serial2";
}

WorkReason add_column_work(const sql::DdlAction& action, const SchemaFacts& facts) {
    const Bytes& column = action.name;
    if (action.generated) return {TableWork::rewrite, fmt::format("{} is generated for every row", column), true};
    if (action.identity || (action.type && is_serial(*action.type))) {
        return {TableWork::rewrite, fmt::format("every row takes a number of {}'s sequence", column), true};
    }
    WorkReason found;
    if (action.expression) {
        for (const Bytes& function : action.expression->functions) {
            const Volatility volatility = volatility_of(function, facts);
            if (volatility == Volatility::moving) {
                return {TableWork::rewrite,
                        fmt::format("the default of {} calls {}(), which is volatile", column, function), true};
            }
            if (volatility == Volatility::unknown) {
                found = {TableWork::rewrite,
                         fmt::format("unless {}() in {}'s default is stable or immutable", function, column), false};
            }
        }
        if (found.work != TableWork::none) return found;
    }
    if (action.type && facts.constrained_domains.count(action.type->name) != 0) {
        return {TableWork::rewrite, fmt::format("{}'s type is a domain with constraints", column), true};
    }
    for (const sql::DdlConstraint& constraint : action.constraints) {
        WorkReason next;
        switch (constraint.kind) {
            case ConstraintKind::check:
                next = {TableWork::scan, fmt::format("the CHECK on {} is proved for every row", column), true};
                break;
            case ConstraintKind::primary_key:
            case ConstraintKind::unique:
                next = {TableWork::index, fmt::format("an index on {} is built", column), true};
                break;
            case ConstraintKind::foreign_key:
                if (action.expression && !action.expression->null) {
                    next = {TableWork::scan, fmt::format("the foreign key of {} is proved for every row", column),
                            true};
                }
                break;
            default: break;
        }
        if (next.work > found.work) found = next;
    }
    const bool not_null = std::any_of(action.constraints.begin(), action.constraints.end(), [](const auto& constraint) {
        return constraint.kind == ConstraintKind::not_null || constraint.kind == ConstraintKind::primary_key;
    });
    if (found.work == TableWork::none && not_null && (!action.expression || action.expression->null)) {
        found = {TableWork::scan, fmt::format("NOT NULL of {} is proved for every row", column), true};
    }
    return found;
}

/// Whether a validated CHECK proves that the column holds no NULL (ALTER TABLE, SET NOT NULL: since PostgreSQL 12).
bool proved_not_null(const TableFacts& table, const Bytes& column) {
    return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const ConstraintFacts& constraint) {
        const auto& proved = constraint.proves_not_null;
        return constraint.validated && std::find(proved.begin(), proved.end(), column) != proved.end();
    });
}

WorkReason not_null_work(const Bytes& name, const TableFacts* table) {
    const ColumnFacts* column = table == nullptr ? nullptr : column_of(*table, name);
    if (column == nullptr) {
        return {TableWork::scan, fmt::format("unless a valid CHECK ({} IS NOT NULL) proves it", name), false};
    }
    if (column->not_null || proved_not_null(*table, name)) return {};
    return {TableWork::scan, fmt::format("{} is proved to hold no NULL", name), true};
}

std::vector<Bytes> index_columns(const TableFacts* table, const Bytes& index) {
    for (const IndexFacts& known : table == nullptr ? std::vector<IndexFacts>() : table->indexes) {
        if (known.name == index) return known.columns;
    }
    return {};
}

WorkReason add_constraint_work(const sql::DdlAction& action, const TableFacts* table) {
    WorkReason found;
    for (const sql::DdlConstraint& constraint : action.constraints) {
        switch (constraint.kind) {
            case ConstraintKind::primary_key:
            case ConstraintKind::unique:
            case ConstraintKind::exclusion:
                if (constraint.using_index.empty()) {
                    found = {TableWork::index, "its index is built", true};
                    break;
                }
                if (constraint.kind != ConstraintKind::primary_key) break;
                for (const Bytes& column : index_columns(table, constraint.using_index)) {
                    const WorkReason next = not_null_work(column, table);
                    if (next.work > found.work) found = next;
                }
                break;
            case ConstraintKind::check:
            case ConstraintKind::foreign_key:
                if (!constraint.not_valid) found = {TableWork::scan, "the constraint is proved for every row", true};
                break;
            default: break;
        }
    }
    return found;
}

WorkReason validate_work(const sql::DdlAction& action, const TableFacts* table) {
    if (table != nullptr) {
        for (const ConstraintFacts& constraint : table->constraints) {
            if (constraint.name == action.name && constraint.validated) return {};
        }
    }
    return {TableWork::scan, "the constraint is proved for every row", true};
}

}  // namespace

std::string_view to_string(TableWork work) {
    switch (work) {
        case TableWork::none: return "none";
        case TableWork::empty: return "empty";
        case TableWork::scan: return "scan";
        case TableWork::index: return "index";
        case TableWork::rewrite: return "rewrite";
    }
    return "none";
}

WorkReason work_of(const sql::DdlAction& action, const TableFacts* table, const SchemaFacts& facts) {
    switch (action.kind) {
        case DdlKind::add_column: return add_column_work(action, facts);
        case DdlKind::alter_column_type:
            if (action.type) return type_change_work(action, table, facts);
            return {};
        case DdlKind::set_not_null: return not_null_work(action.name, table);
        case DdlKind::add_constraint: return add_constraint_work(action, table);
        case DdlKind::validate_constraint: return validate_work(action, table);
        case DdlKind::create_index: return {TableWork::index, "the index is built", true};
        case DdlKind::reindex: return {TableWork::index, "its indexes are built", true};
        case DdlKind::truncate: return {TableWork::empty, {}, true};
        case DdlKind::set_access_method: return {TableWork::rewrite, "unless it has that access method", false};
        case DdlKind::set_logged:
        case DdlKind::set_tablespace:
        case DdlKind::vacuum_full:
        case DdlKind::cluster: return {TableWork::rewrite, std::string(to_string(action.kind)), true};
        case DdlKind::refresh_matview:
            if (action.no_data) return {TableWork::empty, {}, true};
            if (action.concurrently) return {TableWork::scan, "the old rows are compared with the new ones", true};
            return {TableWork::rewrite, "its query runs under the lock", true};
        default: return {};
    }
}

}  // namespace understudy::schema::hazard
