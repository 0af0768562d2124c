#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/catalog/snapshot/change_rules.hpp"

namespace understudy::catalog {
namespace {

using enum ChangeClass;

/// "numeric(10,2)" → numeric and 10, 2; "timestamp(3) with time zone" → timestamp with time zone and 3.
struct TypeText {
    Bytes name;
    std::array<std::optional<int>, 2> modifiers;
};

TypeText type_text(BytesView text) {
    TypeText type;
    const std::size_t open = text.find('(');
    const std::size_t close = text.find(')', open == BytesView::npos ? 0 : open);
    if (open == BytesView::npos || close == BytesView::npos) return {Bytes(text), {}};
    type.name = Bytes(text.substr(0, open)).append(text.substr(close + 1));
    const char* at = text.data() + open + 1;
    for (auto& modifier : type.modifiers) {
        int value = 0;
        const auto parsed = std::from_chars(at, text.data() + close, value);
        if (parsed.ec != std::errc()) break;
        modifier = value;
        at = parsed.ptr + 1;
        if (at >= text.data() + close) break;
    }
    return type;
}

bool one_of(BytesView name, std::initializer_list<BytesView> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// A place of integers by size, or 0.
int integer_size(BytesView name) { return name == "smallint" ? 2 : name == "integer" ? 4 : name == "bigint" ? 8 : 0; }

const Effect kHeld{compatible, "held sessions that select it get 0A000 once: the cached plan's result type changed"};

std::vector<Effect> effects_of_length(const TypeText& old, const TypeText& now) {
    const bool unbounded_now = !now.modifiers[0];
    const bool numeric = old.name == "numeric";
    const bool shorter = !unbounded_now && (!old.modifiers[0] || *now.modifiers[0] < *old.modifiers[0]);
    if (old.name == "character" || one_of(old.name, {"bit", "bit varying", "character varying"})) {
        if (!shorter && old.name != "character") return {kHeld};
        std::vector<Effect> effects;
        if (shorter) effects.push_back({breaks_writers, "longer values fail with 22001"});
        if (old.name == "character") effects.push_back({behaviour, "values are padded to another length"});
        return effects;
    }
    if (numeric) {
        const int old_scale = old.modifiers[1].value_or(0);
        const int now_scale = now.modifiers[1].value_or(0);
        const bool fewer =
            !unbounded_now && (!old.modifiers[0] || *now.modifiers[0] - now_scale < *old.modifiers[0] - old_scale);
        std::vector<Effect> effects;
        if (fewer) effects.push_back({breaks_writers, "larger values fail with 22003"});
        if (!unbounded_now || old.modifiers[0]) {
            effects.push_back({behaviour, "values are rounded, and shown, to another number of digits"});
        }
        return effects;
    }
    return {
        {behaviour, "values are rounded to another precision: equality with what was read before may find nothing"}};
}

std::vector<Effect> effects_of_new_column(const SchemaObject& column) {
    const bool filled = column.property("default") != nullptr || column.property("identity") != nullptr ||
                        column.property("generated") != nullptr;
    if (column.property("not null") != nullptr && !filled) {
        return {{breaks_writers, "an INSERT that does not give it fails with 23502"}};
    }
    return {{compatible,
             "columns that are listed stay; SELECT * gains it (held: 0A000), NATURAL JOIN may use it, and an "
             "unqualified name of a join may become ambiguous (42702)"}};
}

std::vector<Effect> effects_of_default(const ObjectChange& change, const SchemaObject& after) {
    if (!change.after.empty()) return {{behaviour, "an INSERT that leaves it out stores another value"}};
    if (after.property("not null") != nullptr && after.property("identity") == nullptr &&
        after.property("generated") == nullptr) {
        return {{breaks_writers, "an INSERT that leaves it out fails with 23502"}};
    }
    if (after.property("identity") != nullptr) return {{compatible, "the identity gives the value now"}};
    return {{behaviour, "an INSERT that leaves it out stores NULL"}};
}

std::vector<Effect> effects_of_identity(const ObjectChange& change, const SchemaObject& after) {
    if (change.after == "always") return {{breaks_writers, "an INSERT or UPDATE that gives a value fails with 428C9"}};
    if (change.after == "by default") return {{compatible, "a value can be given, and need not be"}};
    if (after.property("default") != nullptr) return {{compatible, "a default gives the value now"}};
    return {{breaks_writers, "an INSERT that leaves it out fails with 23502"}};
}

}  // namespace

std::vector<Effect> effects_of_type(BytesView before, BytesView after) {
    const TypeText old = type_text(before);
    const TypeText now = type_text(after);
    if (old.name == now.name) return effects_of_length(old, now);
    if (const int from = integer_size(old.name), to = integer_size(now.name); from != 0 && to != 0) {
        if (to > from)
            return {
                {behaviour, "results have another type (its OID, that of sums, and clients' decoding); held: 0A000"}};
        return {{breaks_writers, "larger values fail with 22003"},
                {behaviour, "results have another type (its OID, and clients' decoding); held: 0A000"}};
    }
    if (one_of(now.name, {"text", "character varying"}) && one_of(old.name, {"text", "character varying"})) {
        if (!now.modifiers[0]) return {kHeld};
        return {{breaks_writers, "longer values fail with 22001"}};
    }
    if (old.name == "character" && one_of(now.name, {"text", "character varying"})) {
        return {{behaviour, "the padding is part of the value: comparisons and lengths differ"}};
    }
    if (old.name.starts_with("timestamp") && now.name.starts_with("timestamp")) {
        return {{behaviour, "values mean another instant in another time zone; text and equality change"}};
    }
    const std::initializer_list<BytesView> numbers = {"smallint", "integer", "bigint",
                                                      "numeric",  "real",    "double precision"};
    if (one_of(old.name, numbers) && one_of(now.name, numbers)) {
        return {{behaviour, "division, rounding and the types of results are another type's (5/2 is 2 or 2.5)"}};
    }
    return {{breaks_readers,
             "operators and functions are chosen by type: comparisons may fail with 42883, held ones with 0A000"},
            {breaks_writers, "values may be refused with 42804 or 22P02"},
            {behaviour, "text, order and equality are another type's"}};
}

std::vector<Effect> effects_on_column(const ObjectChange& change, const SchemaObject* after) {
    if (change.kind == ChangeKind::removed) {
        return {{breaks_readers,
                 "statements that name it fail with 42703, unless an outer query has such a column: then they mean "
                 "that, without an error"},
                {breaks_writers, "INSERT, UPDATE and COPY that name it fail with 42703"}};
    }
    if (change.kind == ChangeKind::added) return effects_of_new_column(*after);
    if (change.property == "type") return effects_of_type(change.before, change.after);
    if (change.property == "default") return effects_of_default(change, *after);
    if (change.property == "identity") return effects_of_identity(change, *after);
    if (change.property == "not null") {
        if (change.after.empty()) return {{compatible, "it can be NULL, once somebody stores that"}};
        return {{breaks_writers, "storing NULL, and an INSERT that leaves it out without a default, fail with 23502"}};
    }
    if (change.property == "generated") {
        if (!change.after.empty() && !change.before.empty())
            return {{compatible, "it is computed when it is read, or when it is written: the value is the same"}};
        if (!change.after.empty()) return {{breaks_writers, "an INSERT or UPDATE that gives a value fails with 428C9"}};
        return {{behaviour, "its value is no longer computed: it stays as it was, or NULL"}};
    }
    return {};
}

std::vector<Effect> effects_of_constraint(const ObjectChange& change, const SchemaObject& either) {
    const Bytes type = either.identity.kind == "domain constraint" ? "check" : either.text("type");
    const bool key = type == "primary key" || type == "unique";
    const bool foreign = type == "foreign key";
    // PostgreSQL 18: NOT ENFORCED, of checks and foreign keys.
    if (change.property != "enforced" && either.text("enforced") == "no")
        return {{compatible, "it is not enforced: no row is refused for it"}};
    const bool let_go = change.property == "enforced" && change.after == "no";
    if (change.kind == ChangeKind::removed || let_go) {
        if (key) {
            return {{breaks_writers, "ON CONFLICT that infers it fails with 42P10, and duplicates get in"},
                    {breaks_readers, "GROUP BY its columns no longer covers the others of the table: 42803"}};
        }
        return {{behaviour,
                 foreign
                     ? "rows without a parent get in, and deleting a parent no longer fails, or deletes its children"
                     : "values that were refused get in"}};
    }
    if (change.kind == ChangeKind::changed &&
        !one_of(change.property, {"definition", "type", "references", "enforced"})) {
        return {};
    }
    if (key)
        return {{breaks_writers,
                 "a second row with the same key is refused with 23505, or skipped by ON CONFLICT DO NOTHING"}};
    if (foreign) {
        const bool deletes = change.after.find("ON DELETE CASCADE") != Bytes::npos ||
                             change.before.find("ON DELETE CASCADE") != Bytes::npos;
        std::vector<Effect> effects{{breaks_writers, "rows without a parent, and deleting a parent, fail with 23503"}};
        if (deletes)
            effects.push_back({behaviour, "whether deleting a parent deletes its children is not what it was"});
        return effects;
    }
    if (type == "exclusion") return {{breaks_writers, "rows that conflict with others are refused with 23P01"}};
    return {{breaks_writers,
             "rows that it does not allow are refused with 23514, also an UPDATE of something else in an old row"}};
}

}  // namespace understudy::catalog
