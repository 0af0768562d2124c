#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <vector>

#include "core/sql/statement_traits.hpp"

namespace understudy::sql {

/// Collects what stands anywhere in a parse tree: functions, relations, outside effects, and what makes a
/// statement more than a reader. Call walk() once for each statement. Its own stack, so no depth can hurt.
class TreeWalk {
public:
    explicit TreeWalk(StatementTraits& out) : out_(out) {}

    /// `statement` is {"SelectStmt": {...}} or the like; `text` the SQL that it stands in. Returns whether a
    /// data-modifying statement, a row lock or an INTO was met.
    bool walk(const nlohmann::json& statement, BytesView text);

private:
    using Json = nlohmann::json;
    static constexpr std::size_t kNoScope = static_cast<std::size_t>(-1);

    /// The names of one WITH, of which the first `visible` can be seen; and what surrounds it.
    struct Scope {
        std::size_t names = 0;  ///< index into with_names_
        std::size_t visible = 0;
        std::size_t parent = kNoScope;
    };
    struct Item {
        const Json* node = nullptr;
        std::size_t scope = kNoScope;
        BytesView key;         ///< the member that holds the node, borrowed from the tree
        bool written = false;  ///< a relation that its statement writes to, or what holds such ones
    };

    void object(const Item& item);
    void statement(BytesView type, const Json& body);
    void value_function(BytesView op);
    void relation(const Item& item);
    void call(const Json& names);
    void drop(const Json& body);
    std::size_t open_with(const Json& with, std::size_t parent);
    [[nodiscard]] bool is_cte(const std::string& name, std::size_t scope) const;

    StatementTraits& out_;
    bool writes_ = false;
    bool runs_text_ = false;  ///< DO, or a function that runs SQL given as text
    std::vector<Item> stack_;
    std::vector<Scope> scopes_;
    std::vector<std::unordered_map<std::string, std::size_t>> with_names_;
};

}  // namespace understudy::sql
