#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/sql/place_groups.hpp"
#include "core/sql/value_places.hpp"

namespace understudy::sql {

/// Walks one statement of parse_tree_with_places(). The parser's guard bounds the depth, and with it the recursion.
class PlaceWalk {
public:
    /// `statement` is {"SelectStmt": {...}} or the like.
    void walk(const nlohmann::json& statement, StatementPlaces& out);

private:
    using Json = nlohmann::json;
    using Id = PlaceGroups::Id;
    static constexpr Id kNone = PlaceGroups::kNone;

    struct Output {
        Bytes name;
        Id group = kNone;
        bool star = false;  ///< others, too: of `table` if that is known
        Bytes schema;
        Bytes table;
    };
    using Outputs = std::vector<Output>;
    using SharedOutputs = std::shared_ptr<const Outputs>;
    struct Relation {
        Bytes alias;
        Bytes schema;
        Bytes table;
        bool derived = false;   ///< a subquery, a CTE or a function: its columns' tables are not known
        Id group = kNone;       ///< of what a derived one is made of
        SharedOutputs outputs;  ///< nullptr: not known
    };
    struct Scope {
        std::vector<Relation> relations;
        const Scope* parent = nullptr;
        bool merged = false;  ///< a join has fewer columns than its sides, or is a relation once more
    };
    /// A WITH query; the names of all of a statement are one set.
    struct With {
        Id group = kNone;
        SharedOutputs outputs;  ///< nullptr: not yet known, or there are several
    };

    // place_walk.cpp: statements
    void statement(const Json& wrapper, StatementPlaces& out);
    Outputs query(const Json& wrapper, const Scope* parent);
    Outputs select(const Json& body, const Scope* parent);
    Outputs values(const Json& lists, const Scope& scope);
    Outputs insert(const Json& body, const Scope* parent);
    Outputs update(const Json& body, const Scope* parent);
    Outputs delete_from(const Json& body, const Scope* parent);
    Outputs merge(const Json& body, const Scope* parent);
    void merge_when(const Json& clause, const Scope& scope, const Relation& target);
    void copy(const Json& body, StatementPlaces& out);
    void with(const Json& body, const Scope* parent);
    void set_clause(const Json& targets, const Scope& scope, const Relation& target);
    Outputs target_list(const Json& targets, const Scope& scope);
    void top_outputs(const Outputs& outputs, StatementPlaces& out);

    // place_relations.cpp: what stands in FROM, and what column references mean
    void from(const Json& node, Scope& scope);
    void from_function(const Json& body, Scope& scope);
    void from_join(const Json& body, Scope& scope);
    Relation relation(const Json& range_var);
    SharedOutputs define(Outputs outputs, const Json& column_names);
    Id group_of(const Outputs& outputs);

    // place_columns.cpp: what column references mean
    void column(const Json& fields, const Scope& scope, Id group);
    void named(const Bytes& column, const Scope& scope, Id group);
    void column_of(const Relation& relation, const Bytes& column, bool qualified, Id group);
    void whole_row(const Relation& relation, Id group);
    void star(const Json& fields, const Scope& scope, Outputs& outputs);
    void star_of(const Relation& relation, Outputs& outputs);

    // place_expressions.cpp
    void expression(const Json& node, const Scope& scope, Id group);
    void typed(const std::string& type, const Json& body, const Scope& scope, Id group);
    void operation(const Json& body, const Scope& scope, Id group);
    void compare(const Json& left, const Json& right, const Scope& scope);
    void cast(const Json& body, const Scope& scope, Id group);
    void call(const Json& body, const Scope& scope, Id group);
    void case_of(const Json& body, const Scope& scope, Id group);
    void sub_link(const Json& body, const Scope& scope, Id group);
    void assignment(const Json& value, const Scope& scope, Id group);

    PlaceGroups groups_;
    std::unordered_map<Bytes, With> withs_;
    std::unordered_set<Bytes> seen_withs_;
    std::size_t expanded_ = 0;
};

// What the walk's files share.

/// The member, or a null that holds nothing.
const nlohmann::json& member(const nlohmann::json& node, const char* key);
/// A text member as bytes; empty if there is none.
Bytes text_member(const nlohmann::json& node, const char* key);
/// The text of {"String": {"sval": …}}; empty for other nodes.
Bytes string_node(const nlohmann::json& node);
std::size_t location_of(const nlohmann::json& node);
/// The body of {"type": body}, or nullptr.
const nlohmann::json* body_of(const nlohmann::json& wrapper, const char* type);
/// The name that the server gives to an output without alias (parse_target.c, FigureColname); empty when it depends on
/// a type.
Bytes output_name(const nlohmann::json& value);

}  // namespace understudy::sql
