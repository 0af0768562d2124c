#include "schema/diff/change_target.hpp"

#include <algorithm>

#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

using catalog::ChangeClass;
using catalog::ChangeKind;

bool one_of(BytesView text, std::initializer_list<BytesView> of) {
    return std::find(of.begin(), of.end(), text) != of.end();
}

Bytes identifier(const sql::Token& token) {
    if (token.kind != sql::TokenKind::quoted_identifier) return Bytes(token.text);
    Bytes name;
    for (std::size_t i = 0; i < token.body.size(); ++i) {
        name += token.body[i];
        if (token.body[i] == '"') ++i;  // a quote is written twice
    }
    return name;
}

/// "public.orders" at the front of the text, as the catalogues' functions write it.
RelationName name_at(BytesView text) {
    const sql::Token first = sql::next_token(text, 0);
    const sql::Token dot = sql::next_token(text, first.end());
    if (!dot.is('.')) return {Bytes(), identifier(first)};
    return {identifier(first), identifier(sql::next_token(text, dot.end()))};
}

/// What only those who store rows can feel.
bool of_writers(const catalog::ObjectChange& change) {
    const Bytes& kind = change.identity.kind;
    if (kind == "column") {
        return one_of(change.property, {"default", "not null", "identity", "generated", "expression"}) ||
               (change.kind == ChangeKind::added && change.worst() != ChangeClass::compatible);
    }
    return kind == "constraint" || kind == "trigger" || kind == "rule";
}

}  // namespace

ChangeTarget::ChangeTarget(const catalog::ObjectChange& change, const catalog::Snapshot& before,
                           const catalog::Snapshot& after)
    : change_(change), privileges_(change, before, after), writers_only_(of_writers(change)) {
    const catalog::ObjectIdentity& identity = change.identity;
    const Bytes& kind = identity.kind;
    if (kind == "relation" || kind == "sequence") {
        places_.push_back({{identity.schema, identity.name}, {}});
        if (change.kind == ChangeKind::added && change.worst() != ChangeClass::compatible) shadowed_ = identity.name;
    } else if (kind == "column") {
        places_.push_back({{identity.schema, identity.relation}, identity.name});
        add_columns_of_type(before);  // of a composite type
    } else if (one_of(kind, {"constraint", "index", "trigger", "rule", "policy"})) {
        places_.push_back({{identity.schema, identity.relation}, {}});
        add_referenced();
    } else if (kind == "function") {
        function_ = identity.name.substr(0, identity.name.find('('));
        add_triggered(before);
    } else if (one_of(kind, {"enum", "domain", "domain constraint", "range", "base type", "composite type"})) {
        add_columns_of_type(before);
    } else if (kind == "schema") {
        schema_ = identity.name;
    }
}

void ChangeTarget::add_columns_of_type(const catalog::Snapshot& before) {
    const catalog::ObjectIdentity& identity = change_.identity;
    const RelationName type{identity.schema, identity.relation.empty() ? identity.name : identity.relation};
    for (const catalog::SchemaObject& object : before.objects) {
        if (object.identity.kind != "column" || name_at(object.text("type")) != type) continue;
        places_.push_back({{object.identity.schema, object.identity.relation}, object.identity.name});
    }
}

void ChangeTarget::add_referenced() {
    constexpr BytesView kReferences = "REFERENCES ";
    for (const Bytes* text : {&change_.before, &change_.after}) {
        const std::size_t at = change_.identity.kind == "constraint" ? text->find(kReferences) : Bytes::npos;
        if (at != Bytes::npos) places_.push_back({name_at(BytesView(*text).substr(at + kReferences.size())), {}});
    }
}

void ChangeTarget::add_triggered(const catalog::Snapshot& before) {
    const RelationName function{change_.identity.schema, function_};
    for (const catalog::SchemaObject& object : before.objects) {
        if (object.identity.kind != "trigger" || name_at(object.text("function")) != function) continue;
        places_.push_back({{object.identity.schema, object.identity.relation}, {}});
    }
}

bool ChangeTarget::touched(const Place& place, const RelationTouch& touch) const {
    if (change_.identity.kind == "function") return touch.written;  // by a trigger
    if (writers_only_) {
        if (!touch.written) return false;
        return place.column.empty() || touch.inserted || touch.written_columns.contains(place.column);
    }
    if (place.column.empty()) return true;
    return touch.all_columns || touch.columns.contains(place.column);
}

Feeling ChangeTarget::felt(const StatementTouches& touches, const Bytes& user) const {
    Feeling feeling;
    bool read = false;
    bool written = false;
    const auto take = [&](const RelationName& relation, const RelationTouch& touch) {
        if (privileges_.judges() && !privileges_.felt(user, relation, touch)) {
            feeling.spared = true;
        } else {
            (touch.written ? written : read) = true;
        }
    };
    if (!function_.empty() && touches.functions.contains(function_)) {
        (privileges_.judges() && !privileges_.felt_by(user) ? feeling.spared : read) = true;
    }
    // A trigger runs its function without EXECUTE.
    const bool places_feel = function_.empty() || !privileges_.judges();
    for (const Place& place : places_) {
        const auto found = touches.relations.find(place.relation);
        if (places_feel && found != touches.relations.end() && touched(place, found->second))
            take(place.relation, found->second);
    }
    for (const auto& [relation, touch] : touches.relations) {
        if ((!schema_.empty() && relation.first == schema_) || (!shadowed_.empty() && relation.second == shadowed_))
            take(relation, touch);
    }
    feeling.writes = written;
    if (read || written) feeling.effects = effects(read, written);
    feeling.spared = feeling.spared && feeling.effects.empty();
    return feeling;
}

std::vector<std::size_t> ChangeTarget::effects(bool read, bool written) const {
    std::vector<std::size_t> felt;
    const auto& effects = change_.effects;
    const bool for_writers = std::any_of(effects.begin(), effects.end(), [](const catalog::Effect& effect) {
        return effect.what == ChangeClass::breaks_writers;
    });
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const ChangeClass what = effects[i].what;
        if (what == ChangeClass::breaks_writers && !written) continue;
        // Who writes is told what happens to writers, where that is known.
        if (what == ChangeClass::breaks_readers && !read && for_writers) continue;
        felt.push_back(i);
    }
    return felt;
}

}  // namespace understudy::schema
