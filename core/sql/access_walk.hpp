#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/sql/access.hpp"
#include "core/sql/access_facts.hpp"
#include "core/sql/access_values.hpp"
#include "core/sql/output_origins.hpp"

namespace understudy::sql {

/// Walks one statement of parse_tree_with_places(). The parser's guard bounds the depth, and with it the recursion.
class AccessWalk {
public:
    /// Borrows all three.
    AccessWalk(BytesView sql, const ColumnLookup& has_column, StatementAccess& out)
        : sql_(sql), has_column_(has_column), out_(out) {}

    /// `statement` is {"SelectStmt": {...}} or the like. Once.
    void walk(const nlohmann::json& statement);

    /// Walks a query and says which columns the columns of its answer are, in their order, up to a star.
    std::vector<ColumnOrigin> walk_outputs(const nlohmann::json& statement);
    /// An expression by itself.
    void walk_expression(const nlohmann::json& expression);

private:
    using Json = nlohmann::json;
    using Node = ColumnFacts::Node;
    using Reach = ColumnFacts::Reach;
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// A column of a subquery's answer, or with `star` all those of a table that are not listed; without a table too,
    /// others that are not known.
    struct Output {
        Bytes name;
        Bytes schema;  ///< of the column that it is, if it is one
        Bytes table;
        Bytes column;
        SharedValues values;  ///< nullptr: not known
        bool star = false;
    };
    using Outputs = std::vector<Output>;
    using SharedOutputs = std::shared_ptr<const Outputs>;
    using Indexes = std::vector<std::size_t>;
    struct Query {
        Outputs outputs;
        Indexes lockable;  ///< accesses that a row lock on it reaches
    };
    /// What stands in FROM.
    struct Relation {
        Bytes alias;
        Bytes schema;
        Bytes table;
        bool base = false;  ///< a table or the like whose columns have their own names
        Indexes accesses;   ///< its own, or those of the subquery that a row lock reaches
        SharedOutputs outputs;
    };
    /// A column that USING made of two.
    struct Merged {
        Bytes name;
        Node node = 0;
        std::size_t relation = kNone;  ///< that it is taken from
        Reach side;
        bool superseded = false;
    };
    struct With {
        std::unordered_map<Bytes, SharedOutputs> queries;
        const With* parent = nullptr;
    };
    /// Something in FROM that is walked after all of FROM and WHERE is known.
    struct Later {
        const Json* node = nullptr;
        std::size_t relation = kNone;  ///< a subquery or function; kNone: a join's condition
        Reach visible;
    };
    /// One query's FROM.
    struct Level {
        Level* parent = nullptr;
        const With* with = nullptr;
        std::vector<Relation> relations;
        std::unordered_map<Bytes, std::size_t> aliases;
        std::vector<Merged> merged;
        bool renumbered = false;  ///< a `*` has other columns than those of the relations one after the other
        std::vector<Later> later;
        Reach visible;  ///< for names without a table
        ColumnFacts facts;
        ColumnFacts::Conclusions known;
        std::map<std::pair<std::size_t, Bytes>, Node> nodes;
        std::unordered_map<const Json*, Reach> conjunct_links;  ///< x IN (SELECT …) that surely holds
    };
    /// What a column reference means.
    struct Place {
        Node node = 0;
        Level* level = nullptr;
        Output source;  ///< the table's column or the values behind it, as far as they are known
    };

    // access_statements.cpp: what is no query
    void statement(const Json& wrapper, bool answers);
    void copy(const Json& body);
    void create_as(const Json& body);
    void vacuum(const Json& body);
    void definition(const std::string& type, const Json& body);
    void named_object(const Json& body);
    void drop(const Json& body);
    bool whole_of_name(const Json& object, const Bytes& type);
    void whole_of_all(const Json& node);

    // access_walk.cpp: queries
    Query query(const Json& wrapper, Level* parent, const With* with, bool top = false);
    Query select(const Json& body, Level* parent, const With* with, bool top);
    Query set_operation(const Json& body, Level* parent, const With* with);
    Outputs values(const Json& lists, Level& level);
    Query update(const Json& body, Level* parent, const With* with, bool top);
    Query delete_from(const Json& body, Level* parent, const With* with, bool top);
    const With* open_with(const Json& body, Level* parent, const With* outer);
    void lock(const Json& clause, const Level& level);
    void from_and_where(const Json& from, const Json& where, Level& level);
    Outputs target_list(const Json& targets, Level& level, bool top);
    void star(const Bytes& table, const Level& level, Outputs& outputs);
    Output target(const Json& target, const Json& value, Level& level);

    // access_writes.cpp: what is stored
    Query insert(const Json& body, Level* parent, const With* with, bool top);
    void insert_rows(const Json& lists, std::size_t access, const Outputs& columns, Level& level);
    void insert_row(const Json& items, std::size_t access, const Outputs& columns, Level& level);
    void insert_outputs(const Outputs& outputs, const Outputs& columns);
    void on_conflict(const Json& clause, std::size_t update, Level& level);
    void merge(const Json& body, Level* parent, const With* with);
    void merge_when(const Json& clause, std::size_t update, std::size_t insert, Level& level);
    Outputs listed_columns(const Json& list, std::size_t access);
    void set_clause(const Json& targets, std::size_t access, Level& level);
    void assignment(const Json& value, const Output& column, Level& level);

    // access_relations.cpp: what stands in FROM
    void from(const Json& node, Level& level);
    void from_table(const Json& body, Level& level);
    void from_join(const Json& body, Level& level);
    void use_columns(const Json& names, const Bytes& type, Reach left, Reach right, Level& level);
    Merged side(const Bytes& name, Reach range, Level& level);
    void add_relation(Relation relation, Level& level);
    void add_target(const Json& range_var, Indexes accesses, Level& level);
    void walk_later(Level& level);
    void derived(const Json& node, std::size_t relation, Level& level);
    void know_values(std::size_t relation, Level& level);
    Outputs function_outputs(const Json& body, const Bytes& alias);
    static void rename(Outputs& outputs, const Json& names);
    std::size_t add_access(const Json& range_var, AccessKind kind);

    // access_columns.cpp: what column references mean, and what is known of them
    std::optional<Place> resolve(const Json& fields, Level& level);
    std::optional<Place> resolve_name(const Bytes& column, Level& level);
    std::optional<Place> qualified(const Json& fields, Level& level);
    Place place_in(std::size_t relation, const Bytes& column, Level& level);
    static std::optional<Output> output_of(const Relation& relation, const Bytes& column);
    std::optional<bool> has(const Relation& relation, const Bytes& column) const;
    Node node_of(std::size_t relation, const Bytes& column, Level& level);
    void gather(const Json& condition, Reach reach, Level& level);
    void learn(const Comparison& comparison, Reach reach, Level& level);
    void conclude(Level& level);
    void finish(Level& level);
    void tie(const PlainValue& value, const Output& column, ValueTie::Use use);
    void tie_all(const SharedValues& values, const Output& column, ValueTie::Use use);

    // access_expressions.cpp
    void expression(const Json& node, Level& level);
    void typed(const std::string& type, const Json& body, Level& level);
    void compare(const Json& body, Level& level);
    void call(const Json& body, Level& level, std::size_t output);
    void case_of(const Json& body, Level& level);
    void sub_link(const Json& body, Level& level);
    void compare_output(const Json& tested, const Output& output, ValueTie::Use use, const Reach* holds, Level& level);

    BytesView sql_;
    const ColumnLookup& has_column_;
    StatementAccess& out_;
    std::deque<With> withs_;
    Node nodes_ = 0;
    std::size_t kept_values_ = 0;  ///< in `equal` and `rows`
    std::size_t expanded_ = 0;     ///< outputs that stars stand for
    bool merge_inserted_ = false;
    Outputs assigned_;  ///< of the subquery in SET (a, b) = (SELECT …)
};

}  // namespace understudy::sql
