#include "core/catalog/function_touches.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/sql/lexer.hpp"
#include "core/sql/outside_effects.hpp"

namespace understudy::catalog {
namespace {

/// Calls of calls of …: beyond these many passes what changes still is not known.
constexpr int kMaxPasses = 100;

/// Whether a function that no user made may do more than compute. Sequences are no relations here.
bool is_harmless(BytesView schema, BytesView name) {
    if (name.find("advisory") != BytesView::npos || sql::runs_sql_text(name)) return false;
    return !sql::function_effect(schema, name);
}

/// Volatile functions of widespread extensions that only make values.
bool makes_values_only(const Function& function) {
    return function.language == "internal" || function.volatility == 'i' ||
           (function.language == "c" &&
            (function.name.starts_with("uuid_generate_") || function.name.starts_with("gen_")));
}

/// Schema and name of a relation, whether its rows are new ones, and what tells which.
struct Place {
    Bytes schema;
    Bytes name;
    bool inserted = false;
    std::vector<RowMatch> matches;
    friend auto operator<=>(const Place&, const Place&) = default;
};

std::vector<RowMatch> matches_of(const sql::RelationAccess& access, const std::vector<sql::RowColumn>& row) {
    std::vector<RowMatch> matches;
    const bool insert = access.kind == sql::AccessKind::insert;
    if (insert && (access.rows.empty() || access.columns.empty())) return matches;
    for (const sql::ColumnValues& one : insert ? access.rows[0] : access.equal) {
        const std::size_t index = one.values.at(0).parameter - sql::BodyAccess::kFirstRowColumn;
        if (index < row.size()) matches.push_back({one.column, row[index].column, row[index].old});
    }
    std::sort(matches.begin(), matches.end());
    return matches;
}

class TouchSet {
public:
    /// What one function touches directly, and which other functions it calls.
    struct Known {
        bool known = false;
        std::map<Place, bool> touches;  ///< whether written
        std::set<std::size_t> calls;
        const std::optional<std::vector<Bytes>>* path = nullptr;
    };

    explicit TouchSet(Catalog& catalog) : catalog_(catalog), all_(catalog.functions.size()) {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            const Function& function = catalog.functions[i];
            by_oid_.emplace(function.oid, i);
            by_name_[function.name].push_back(i);
            const bool has_body = function.language == "sql" || function.language == "plpgsql";
            all_[i].known = !has_body && makes_values_only(function);
        }
    }

    void take(const FunctionBody& body) {
        const auto found = by_oid_.find(body.function);
        if (found == by_oid_.end() || !body.access) return;
        Known& known = all_[found->second];
        known.known = true;
        known.path = &body.search_path;
        for (const sql::RelationAccess& access : body.access->relations) {
            add(known, {access.schema, access.name, access.kind == sql::AccessKind::insert,
                        matches_of(access, body.access->row_columns)},
                access.kind != sql::AccessKind::read);
        }
        for (const sql::FunctionUse& use : body.access->functions) call(known, use);
    }

    /// Hands on what callees touch until nothing changes.
    void spread() {
        bool changed = true;
        for (int pass = 0; pass < kMaxPasses && changed; ++pass) {
            changed = false;
            for (Known& known : all_) changed = take_calls(known) || changed;
        }
        for (Known& known : all_) known.known = known.known && (!changed || known.calls.empty());
    }

    void store() {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            Function& function = catalog_.functions[i];
            function.touches_known = all_[i].known;
            function.touches.clear();
            if (!all_[i].known) continue;
            for (const auto& [place, written] : all_[i].touches) {
                function.touches.push_back({place.schema, place.name, written, place.inserted, place.matches});
            }
        }
    }

private:
    bool add(Known& known, Place place, bool written) {
        if (place.schema.empty() && known.path != nullptr && *known.path) {
            const Relation* relation = catalog_.relation_named({}, place.name, **known.path);
            if (relation != nullptr) place.schema = relation->schema;
        }
        const auto [at, made] = known.touches.emplace(std::move(place), written);
        const bool changed = made || (written && !at->second);
        at->second = at->second || written;
        if (known.touches.size() > kMaxTouches) known.known = false;
        return changed;
    }
    void call(Known& known, const sql::FunctionUse& use) {
        const auto found = by_name_.find(use.name);
        bool ours = false;
        for (const std::size_t i : found != by_name_.end() ? found->second : std::vector<std::size_t>()) {
            if (!use.schema.empty() && catalog_.functions[i].schema != use.schema) continue;
            ours = true;
            known.calls.insert(i);
        }
        const bool system = use.schema.empty() || use.schema == "pg_catalog";
        if (!ours && (!system || !is_harmless(use.schema, use.name))) known.known = false;
    }
    bool take_calls(Known& known) {
        if (!known.known) return false;
        bool changed = false;
        for (const std::size_t i : known.calls) {
            const Known& callee = all_[i];
            if (!callee.known) {
                known.known = false;
                return true;
            }
            if (&callee == &known) continue;
            for (const auto& [place, written] : callee.touches) {
                // NEW and OLD are those of the trigger, whose function nobody calls.
                changed = add(known, {place.schema, place.name, place.inserted, {}}, written) || changed;
            }
            if (!known.known) return true;
        }
        return changed;
    }

    Catalog& catalog_;
    std::vector<Known> all_;
    std::unordered_map<std::uint32_t, std::size_t> by_oid_;
    std::unordered_map<Bytes, std::vector<std::size_t>> by_name_;
};

}  // namespace

void fill_touches(Catalog& catalog, const std::vector<FunctionBody>& bodies) {
    TouchSet set(catalog);
    for (const FunctionBody& body : bodies) set.take(body);
    set.spread();
    set.store();
}

std::vector<Bytes> schemas_of_search_path(BytesView setting) {
    std::vector<Bytes> schemas;
    for (const sql::Token& token : sql::Tokens(setting)) {
        if (token.kind == sql::TokenKind::word) schemas.push_back(sql::to_lower(token.text));
        if (token.kind != sql::TokenKind::quoted_identifier) continue;
        Bytes name;
        for (std::size_t i = 0; i < token.body.size(); ++i) {
            if (token.body[i] == '"') ++i;  // doubled
            if (i < token.body.size()) name += token.body[i];
        }
        schemas.push_back(std::move(name));
    }
    return schemas;
}

}  // namespace understudy::catalog
