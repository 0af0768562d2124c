#pragma once

#include <nlohmann/json.hpp>

#include "core/sql/ddl_effects.hpp"

namespace understudy::sql {

// What the files of ddl_effects() share. Trees are those of whole_parse_tree().

using DdlActions = std::vector<DdlAction>;

/// Of a RangeVar's body.
RelationName relation_name(const nlohmann::json& range_var);
/// Of a list of names: schema, name (a database before them is left out).
RelationName qualified_name(const nlohmann::json& names);
std::vector<Bytes> string_list(const nlohmann::json& list);
bool has_flag(const nlohmann::json& node, const char* key);
DdlType type_of(const nlohmann::json& type_name);
DdlExpression expression_of(const nlohmann::json& expression);
/// A DefElem of that name that is on: (concurrently), (full), (concurrently true).
bool option_on(const nlohmann::json& options, BytesView name);
/// The text or number of a SET's or DefElem's value.
Bytes value_text(const nlohmann::json& node);

/// Of a Constraint's body.
DdlConstraint constraint_of(const nlohmann::json& constraint);

// Each takes a statement's body: false if the statement is of another type.
bool table_actions(BytesView type, const nlohmann::json& body, DdlActions& out);
bool object_actions(BytesView type, const nlohmann::json& body, DdlActions& out);
bool rename_actions(BytesView type, const nlohmann::json& body, DdlActions& out);
bool session_actions(BytesView type, const nlohmann::json& body, DdlActions& out);

}  // namespace understudy::sql
