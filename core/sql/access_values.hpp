#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/sql/access.hpp"

namespace understudy::sql {

// The values and comparisons of parse_tree_with_places(), for AccessWalk.

struct PlainValue {
    ValueRef ref;
    /// No cast around it is of a kind that cuts or rounds: varchar(3), 2.5::int.
    bool exact = true;
};

/// Values that all rows of a column are among, if they are complete.
struct ValueList {
    std::vector<PlainValue> values;
    bool complete = true;  ///< there are no others, and all are exact
};
using SharedValues = std::shared_ptr<const ValueList>;

/// A constant or parameter, through casts; nothing for TRUE, NULL and everything else.
std::optional<PlainValue> plain_value(BytesView sql, const nlohmann::json& node);

/// The same for the argument of a function: TRUE and FALSE are values here, and what a cast makes different is none.
std::optional<ValueRef> argument_value(BytesView sql, const nlohmann::json& node);

/// The elements of ARRAY[…], or a constant or parameter that is an array, through casts.
ValueList array_values(BytesView sql, const nlohmann::json& node);

/// One column's part in a comparison.
struct Comparison {
    const nlohmann::json* column = nullptr;  ///< the fields of a ColumnRef
    const nlohmann::json* other = nullptr;   ///< the same, if it is compared with a column
    ValueList values;
    ValueTie::Use use = ValueTie::Use::equal;
    bool holds = false;  ///< where it is true, the column is equal to the other, or to one of the values
};

/// What an A_Expr compares with each other, rows element by element.
std::vector<Comparison> comparisons_of(BytesView sql, const nlohmann::json& body);

/// `node` without the casts around it; `cuts` becomes true if one may make another value of it.
const nlohmann::json& without_casts(const nlohmann::json& node, bool& cuts);

/// The fields of a column reference that is not a star, or nullptr.
const nlohmann::json* column_fields(const nlohmann::json& node);

/// The elements of ROW(…) or (…, …), or nullptr.
const nlohmann::json* row_elements(const nlohmann::json& node);

/// The last of a list of names, without their schema; empty for none.
Bytes last_name(const nlohmann::json& names);
/// The one before the last.
Bytes schema_name(const nlohmann::json& names);

}  // namespace understudy::sql
