#include "core/sql/tree_walk.hpp"

#include <algorithm>
#include <array>

#include "core/sql/lexer.hpp"
#include "core/sql/outside_effects.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/statement_names.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// The fields in which a statement names the relations that it works on.
constexpr std::array<BytesView, 7> kOwnRelations = {"relation", "relations",  "view", "sequence",
                                                    "into",     "intoClause", "base"};

/// A member's text, or an empty view.
BytesView text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return found->get_ref<const std::string&>();
}

bool flag_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// The strings of a list of String nodes.
std::vector<Bytes> strings_of(const Json& list) {
    std::vector<Bytes> strings;
    for (const Json& item : list) {
        const auto node = item.find("String");
        if (node != item.end()) strings.push_back(name_bytes(Bytes(text_of(*node, "sval"))));
    }
    return strings;
}

}  // namespace

bool TreeWalk::walk(const Json& statement, BytesView text) {
    writes_ = false;
    runs_text_ = false;
    stack_.push_back(Item{.node = &statement, .scope = kNoScope, .key = {}, .written = false});
    while (!stack_.empty()) {
        const Item item = stack_.back();
        stack_.pop_back();
        if (item.node->is_object()) {
            object(item);
        } else if (item.node->is_array()) {
            for (const Json& element : *item.node) {
                Item child = item;
                child.node = &element;
                stack_.push_back(child);
            }
        }
    }
    if (runs_text_) {
        const std::vector<Bytes> effects = lexical_outside_effects(text, true);
        out_.outside_effects.insert(out_.outside_effects.end(), effects.begin(), effects.end());
    }
    return writes_;
}

void TreeWalk::object(const Item& item) {
    const Json& node = *item.node;
    if (node.contains("relname")) return relation(item);
    if ((item.key == "FuncCall" || item.key == "funccall") && node.contains("funcname")) call(node["funcname"]);
    if (item.key == "SQLValueFunction") value_function(text_of(node, "op"));
    if (item.key.ends_with("Stmt")) statement(item.key, node);
    std::size_t scope = item.scope;
    if (const auto with = node.find("withClause"); with != node.end()) scope = open_with(*with, scope);
    const bool copied_into = item.key == "CopyStmt" && flag_of(node, "is_from");
    const bool writer = copied_into || writes_own_relations(item.key);
    for (auto member = node.begin(); member != node.end(); ++member) {
        const BytesView key = member.key();
        if (key == "lockingClause" || key == "intoClause") writes_ = true;
        // FOR UPDATE OF names aliases; the WITH's queries are on the stack already.
        if (!member->is_structured() || key == "lockedRels" || key == "withClause") continue;
        const bool own = std::find(kOwnRelations.begin(), kOwnRelations.end(), key) != kOwnRelations.end();
        // In lists a relation is wrapped ("RangeVar"); "rel" is where an INTO has it.
        const bool passed_on = item.written && (key == "RangeVar" || key == "rel" || key == "relation");
        const bool written = passed_on || (own && writer) || key == "intoClause";
        stack_.push_back(Item{.node = &*member, .scope = scope, .key = key, .written = written});
    }
}

void TreeWalk::value_function(BytesView op) {
    // SVFOP_CURRENT_TIMESTAMP, SVFOP_LOCALTIME_N (with a precision) ...
    constexpr BytesView kPrefix = "SVFOP_";
    if (!op.starts_with(kPrefix)) return;
    op.remove_prefix(kPrefix.size());
    if (op.ends_with("_N")) op.remove_suffix(2);
    out_.functions.push_back(to_lower(op));
}

void TreeWalk::statement(BytesView type, const Json& body) {
    if (type == "InsertStmt" || type == "UpdateStmt" || type == "DeleteStmt" || type == "MergeStmt") writes_ = true;
    if (const BytesView effect = effect_of_node(type); !effect.empty()) out_.outside_effects.emplace_back(effect);
    if (type == "CopyStmt" && body.contains("filename")) {
        out_.outside_effects.emplace_back(flag_of(body, "is_program") ? "COPY PROGRAM" : "COPY FILE");
    }
    if (type == "DropStmt") drop(body);
    if (type == "RenameStmt" || type == "AlterOwnerStmt") {
        const BytesView noun = noun_of_object(text_of(body, type == "RenameStmt" ? "renameType" : "objectType"));
        if (!noun.empty()) out_.outside_effects.push_back("ALTER " + Bytes(noun));
    }
    runs_text_ = runs_text_ || type == "DoStmt";
}

void TreeWalk::drop(const Json& body) {
    const BytesView type = text_of(body, "removeType");
    if (const BytesView noun = noun_of_object(type); !noun.empty()) {
        out_.outside_effects.push_back("DROP " + Bytes(noun));
    }
    constexpr std::array<BytesView, 6> kRelations = {"OBJECT_TABLE",    "OBJECT_VIEW",  "OBJECT_MATVIEW",
                                                     "OBJECT_SEQUENCE", "OBJECT_INDEX", "OBJECT_FOREIGN_TABLE"};
    if (std::find(kRelations.begin(), kRelations.end(), type) == kRelations.end()) return;
    const auto objects = body.find("objects");
    if (objects == body.end()) return;
    for (const Json& object : *objects) {
        const auto list = object.find("List");
        if (list == object.end() || !list->contains("items")) continue;
        const std::vector<Bytes> names = strings_of((*list)["items"]);
        if (names.empty()) continue;
        out_.relations.push_back({names.size() > 1 ? names[names.size() - 2] : Bytes(), names.back(), true});
    }
}

void TreeWalk::relation(const Item& item) {
    const Json& node = *item.node;
    const Bytes name(text_of(node, "relname"));
    const BytesView schema = text_of(node, "schemaname");
    // Only FROM items can name a CTE.
    if (!item.written && schema.empty() && is_cte(name, item.scope)) return;
    out_.relations.push_back({name_bytes(Bytes(schema)), name_bytes(name), item.written});
}

void TreeWalk::call(const Json& names) {
    const std::vector<Bytes> parts = strings_of(names);
    if (parts.empty()) return;
    const Bytes name = to_lower(parts.back());
    const Bytes schema = parts.size() > 1 ? to_lower(parts[parts.size() - 2]) : Bytes();
    out_.functions.push_back(schema.empty() ? name : schema + "." + name);
    if (auto effect = function_effect(schema, name)) out_.outside_effects.push_back(std::move(*effect));
    runs_text_ = runs_text_ || runs_sql_text(name);
}

std::size_t TreeWalk::open_with(const Json& with, std::size_t parent) {
    const auto ctes = with.find("ctes");
    if (ctes == with.end() || !ctes->is_array()) return parent;
    const bool recursive = flag_of(with, "recursive");
    const std::size_t names = with_names_.size();
    with_names_.emplace_back();
    std::size_t visible = 0;
    for (const Json& wrapper : *ctes) {
        const auto cte = wrapper.find("CommonTableExpr");
        if (cte == wrapper.end()) continue;
        scopes_.push_back(Scope{names, recursive ? ctes->size() : visible, parent});
        stack_.push_back(Item{.node = &*cte, .scope = scopes_.size() - 1, .key = "CommonTableExpr", .written = false});
        with_names_[names].emplace(text_of(*cte, "ctename"), visible++);
    }
    scopes_.push_back(Scope{names, visible, parent});
    return scopes_.size() - 1;
}

bool TreeWalk::is_cte(const std::string& name, std::size_t scope) const {
    for (; scope != kNoScope; scope = scopes_[scope].parent) {
        const auto& names = with_names_[scopes_[scope].names];
        const auto found = names.find(name);
        if (found != names.end() && found->second < scopes_[scope].visible) return true;
    }
    return false;
}

}  // namespace understudy::sql
