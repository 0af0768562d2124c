#include "schema/hazard/lock_levels.hpp"

#include <algorithm>

namespace understudy::schema::hazard {

using sql::ConstraintKind;
using sql::DdlKind;
using sql::TableLock;

TableLock lock_of(const sql::DdlAction& action) {
    switch (action.kind) {
        case DdlKind::add_constraint: {
            const bool foreign = std::all_of(
                action.constraints.begin(), action.constraints.end(),
                [](const sql::DdlConstraint& constraint) { return constraint.kind == ConstraintKind::foreign_key; });
            return foreign && !action.constraints.empty() ? TableLock::share_row_exclusive
                                                          : TableLock::access_exclusive;
        }
        case DdlKind::switch_trigger:
        case DdlKind::create_trigger:
        case DdlKind::alter_sequence: return TableLock::share_row_exclusive;
        case DdlKind::table_options: {
            const auto& options = action.columns;
            const bool strong = std::find(options.begin(), options.end(), "user_catalog_table") != options.end();
            return strong ? TableLock::access_exclusive : TableLock::share_update_exclusive;
        }
        case DdlKind::column_options:
        case DdlKind::publication:
        case DdlKind::validate_constraint:
        case DdlKind::attach_partition:
        case DdlKind::finalize_detach:
        case DdlKind::create_statistics:
        case DdlKind::comment:
        case DdlKind::vacuum:
        case DdlKind::analyze: return TableLock::share_update_exclusive;
        case DdlKind::detach_partition:
        case DdlKind::drop_index:
            return action.concurrently ? TableLock::share_update_exclusive : TableLock::access_exclusive;
        case DdlKind::create_index:
        case DdlKind::reindex: return action.concurrently ? TableLock::share_update_exclusive : TableLock::share;
        case DdlKind::refresh_matview: return action.concurrently ? TableLock::exclusive : TableLock::access_exclusive;
        case DdlKind::lock_table: return action.lock;
        case DdlKind::create_table:
        case DdlKind::create_matview:
        case DdlKind::create_view:
        case DdlKind::create_sequence:
        case DdlKind::create_type:
        case DdlKind::alter_type:
        case DdlKind::drop_type:
        case DdlKind::add_enum_value:
        case DdlKind::rename_enum_value:
        case DdlKind::create_function:
        case DdlKind::drop_function:
        case DdlKind::rename_index:
        case DdlKind::alter_index:
        case DdlKind::grant:
        case DdlKind::revoke:
        case DdlKind::set_variable:
        case DdlKind::begin:
        case DdlKind::commit:
        case DdlKind::rollback:
        case DdlKind::savepoint:
        case DdlKind::query:
        case DdlKind::outside_transaction:
        case DdlKind::run_code:
        case DdlKind::other: return TableLock::none;
        default: return TableLock::access_exclusive;
    }
}

bool recurses(const sql::DdlAction& action, const TableFacts& table) {
    const bool partitioned = table.kind == 'p';
    switch (action.kind) {
        case DdlKind::add_column:
        case DdlKind::drop_column:
        case DdlKind::rename_column:
        case DdlKind::alter_column_type:
        case DdlKind::set_default:
        case DdlKind::drop_default:
        case DdlKind::set_not_null:
        case DdlKind::drop_not_null:
        case DdlKind::drop_expression:
        case DdlKind::column_storage:
        case DdlKind::column_options:
        case DdlKind::drop_constraint:
        case DdlKind::rename_constraint:
        case DdlKind::validate_constraint:
        case DdlKind::truncate:
        case DdlKind::analyze:
        case DdlKind::lock_table: return true;
        case DdlKind::add_constraint:
            return partitioned || std::any_of(action.constraints.begin(), action.constraints.end(),
                                              [](const auto& one) { return one.kind == ConstraintKind::check; });
        case DdlKind::create_trigger: return partitioned && action.each_row;
        case DdlKind::create_index:
        case DdlKind::drop_index:
        case DdlKind::drop_trigger:
        case DdlKind::rename_trigger:
        case DdlKind::switch_trigger:
        case DdlKind::reindex:
        case DdlKind::vacuum:
        case DdlKind::vacuum_full: return partitioned;
        default: return false;
    }
}

}  // namespace understudy::schema::hazard
