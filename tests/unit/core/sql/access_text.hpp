#pragma once

#include <algorithm>
#include <array>

#include "core/sql/access.hpp"

namespace understudy::sql {

// Accesses as text, so that a test's table can be read.

inline Bytes text_of(BytesView sql, const ValueRef& value) {
    return (value.array ? "*" : "") + Bytes(sql.substr(value.offset, value.length));
}

inline Bytes text_of(BytesView sql, const std::vector<std::optional<ValueRef>>& values) {
    Bytes text;
    for (const auto& value : values) text += (text.empty() ? "" : ",") + (value ? text_of(sql, *value) : Bytes("?"));
    return text;
}

/// "id=1,$2"
inline Bytes text_of(BytesView sql, const ColumnValues& one) {
    Bytes text = one.column + "=";
    for (const ValueRef& value : one.values) text += (text.back() == '=' ? "" : ",") + text_of(sql, value);
    return text;
}

inline Bytes text_of(BytesView sql, const std::vector<ColumnValues>& columns) {
    Bytes text;
    for (const ColumnValues& one : columns) text += (text.empty() ? "" : " ") + text_of(sql, one);
    return text;
}

inline Bytes kind_text(const RelationAccess& access) {
    constexpr std::array<BytesView, 6> kKinds = {"read", "lock", "insert", "update", "delete", "whole"};
    constexpr std::array<BytesView, 5> kLocks = {"", " key share", " share", " no key update", " update"};
    return Bytes(kKinds.at(static_cast<std::size_t>(access.kind))) +
           Bytes(kLocks.at(static_cast<std::size_t>(access.lock))) + (access.skip_locked ? " skip" : "") +
           (access.nowait ? " nowait" : "");
}

/// "read s.t [id=1]", "insert t(a,b) <a=1 b=$1> <a=2> known skips", "update t [id=1] sets a,b"
inline Bytes text_of(BytesView sql, const RelationAccess& access) {
    Bytes text = kind_text(access) + " " + (access.schema.empty() ? "" : access.schema + ".") + access.name;
    Bytes columns;
    for (const Bytes& column : access.columns) columns += (columns.empty() ? "" : ",") + column;
    if (!columns.empty()) text += "(" + columns + ")";
    if (!access.equal.empty()) text += " [" + text_of(sql, access.equal) + "]";
    for (const auto& row : access.rows) text += " <" + text_of(sql, row) + ">";
    if (access.rows_known) text += " known";
    if (access.conflict_skips) text += " skips";
    if (access.conflict_updates) text += " updates";
    Bytes sets;
    for (const Bytes& column : access.sets) sets += (sets.empty() ? "" : ",") + column;
    return sets.empty() ? text : text + " sets " + sets;
}

/// The only statement of the text; one that is opaque and nothing else if it was refused or there are several.
inline StatementAccess access_of(BytesView sql, const ColumnLookup& has_column = {}) {
    const auto all = statement_accesses(sql, has_column);
    StatementAccess refused;
    refused.opaque = true;
    return all && all->size() == 1 ? all->front() : refused;
}

/// "read a [id=1]; read b", with "; opaque" at its end.
inline Bytes relations_of(BytesView sql, const ColumnLookup& has_column = {}) {
    const StatementAccess access = access_of(sql, has_column);
    Bytes text;
    for (const RelationAccess& one : access.relations) text += (text.empty() ? "" : "; ") + text_of(sql, one);
    if (access.opaque) text += text.empty() ? "opaque" : "; opaque";
    return text;
}

/// "$1 = s.t.a; 5 < t.b; 'x' > t.#2": compared, in a range, stored.
inline Bytes ties_of(BytesView sql, const ColumnLookup& has_column = {}) {
    constexpr std::array<BytesView, 3> kUses = {" = ", " < ", " > "};
    Bytes text;
    for (const ValueTie& tie : access_of(sql, has_column).ties) {
        text += (text.empty() ? "" : "; ") + text_of(sql, tie.value);
        text += kUses.at(static_cast<std::size_t>(tie.use));
        text += (tie.schema.empty() ? "" : tie.schema + ".") + tie.table + ".";
        text += tie.column.empty() ? "#" + std::to_string(tie.position) : tie.column;
    }
    return text;
}

/// "nextval('s') -> 1; f(?,$1)"
inline Bytes functions_of(BytesView sql) {
    Bytes text;
    for (const FunctionUse& use : access_of(sql).functions) {
        text += (text.empty() ? "" : "; ") + (use.schema.empty() ? "" : use.schema + ".") + use.name;
        text += "(" + text_of(sql, use.arguments) + ")";
        if (use.output != 0) text += " -> " + std::to_string(use.output);
    }
    return text;
}

struct AccessCase {
    const char* sql;
    const char* expected;
};

}  // namespace understudy::sql
