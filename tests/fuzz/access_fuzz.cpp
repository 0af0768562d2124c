#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/sql/access.hpp"

namespace {

using namespace understudy;
using namespace understudy::sql;

void require(bool condition) {
    if (!condition) std::abort();
}

/// A value stands in its text and is not empty.
void check(const ValueRef& value, std::size_t size) {
    require(value.length > 0 && value.offset < size && value.length <= size - value.offset);
}

void check(const std::vector<ColumnValues>& columns, std::size_t size) {
    for (const ColumnValues& one : columns) {
        require(!one.values.empty() && !one.column.empty());
        for (const ValueRef& value : one.values) check(value, size);
    }
}

void check(const std::vector<std::optional<ValueRef>>& values, std::size_t size) {
    for (const auto& value : values) {
        if (value) check(*value, size);
    }
}

void check(const StatementAccess& access, std::size_t size) {
    require(access.begin <= access.end && access.end <= size);
    require(access.relations.size() <= kMaxAccesses && access.functions.size() <= kMaxAccesses);
    for (const RelationAccess& relation : access.relations) {
        check(relation.equal, size);
        for (const auto& row : relation.rows) check(row, size);
        require((relation.kind == AccessKind::lock) == (relation.lock != RowLock::none));
        require(relation.kind == AccessKind::insert || (relation.rows.empty() && !relation.rows_known));
        require(relation.kind == AccessKind::update || relation.sets.empty());
    }
    std::size_t before = 0;
    for (const ValueTie& tie : access.ties) {
        check(tie.value, size);
        require(tie.value.offset >= before && !tie.table.empty() && tie.column.empty() == (tie.position != 0));
        before = tie.value.offset;
    }
    for (const FunctionUse& use : access.functions) check(use.arguments, size);
    check(access.arguments, size);
}

}  // namespace

/// Nothing fails on any bytes; what is said points into the text, and is the same when asked again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    const auto all = statement_accesses(text);
    require(all == statement_accesses(text));
    const ColumnLookup has = [](BytesView, BytesView table, BytesView column) -> std::optional<bool> {
        return column.size() <= table.size();
    };
    const auto resolved = statement_accesses(text, has);
    require(all.has_value() == resolved.has_value());
    if (!all) return 0;
    for (const StatementAccess& access : *all) check(access, size);
    for (const StatementAccess& access : *resolved) check(access, size);
    return 0;
}
