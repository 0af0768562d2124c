#include "core/catalog/function_touches.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

using Path = std::optional<std::vector<Bytes>>;

Path path(std::vector<Bytes> schemas) { return schemas; }

Function function(std::uint32_t oid, Bytes name, Bytes language = "plpgsql", char volatility = 'v') {
    return {"public", std::move(name), "", volatility, 'f', oid, std::move(language), false, {}};
}

FunctionBody body(std::uint32_t oid, const std::vector<Touch>& touches, const std::vector<Bytes>& calls,
                  Path own_path = std::nullopt) {
    FunctionBody made{oid, std::move(own_path), sql::BodyAccess()};
    for (const Touch& touch : touches) {
        sql::RelationAccess access;
        access.schema = touch.schema;
        access.name = touch.name;
        access.kind = touch.written ? sql::AccessKind::update : sql::AccessKind::read;
        made.access->relations.push_back(access);
    }
    for (const Bytes& name : calls) {
        const std::size_t dot = name.find('.');
        sql::FunctionUse use;
        if (dot != Bytes::npos) use.schema = name.substr(0, dot);
        use.name = dot != Bytes::npos ? name.substr(dot + 1) : name;
        made.access->functions.push_back(use);
    }
    return made;
}

/// "a! s.b" of function `oid` (! for written), or "unknown".
Bytes touches_of(const Catalog& catalog, std::uint32_t oid) {
    for (const Function& one : catalog.functions) {
        if (one.oid != oid) continue;
        if (!one.touches_known) return "unknown";
        Bytes text;
        for (const Touch& touch : one.touches) {
            text += (text.empty() ? "" : " ") + (touch.schema.empty() ? "" : touch.schema + ".") + touch.name;
            text += touch.written ? "!" : "";
        }
        return text;
    }
    return "none";
}

TEST(FunctionTouches, OfItsOwnAndOfWhatItCalls) {
    Catalog catalog;
    catalog.functions = {function(1, "outer"), function(2, "inner"), function(3, "lone"), function(4, "ring"),
                         function(5, "ring2")};
    fill_touches(catalog, {body(1, {{"", "a", false}}, {"public.inner", "now", "lower"}),
                           body(2, {{"", "b", true}, {"", "b", false}, {"", "a", true}}, {}), body(3, {}, {}),
                           body(4, {{"", "c", false}}, {"ring2"}), body(5, {{"s", "d", true}}, {"ring", "ring2"})});
    EXPECT_EQ(touches_of(catalog, 1), "a! b!");
    EXPECT_EQ(touches_of(catalog, 2), "a! b!");
    EXPECT_EQ(touches_of(catalog, 3), "");
    EXPECT_EQ(touches_of(catalog, 4), "c s.d!");
    EXPECT_EQ(touches_of(catalog, 5), "c s.d!");
}

TEST(FunctionTouches, WhatIsNotKnownSpreads) {
    Catalog catalog;
    catalog.functions = {function(1, "a"),
                         function(2, "b"),
                         function(3, "dynamic"),
                         function(4, "locks"),
                         function(5, "runs"),
                         function(6, "elsewhere"),
                         function(7, "unread"),
                         function(8, "library", "c"),
                         function(9, "calls_library"),
                         function(10, "calls_immutable"),
                         function(11, "immutable", "c", 'i'),
                         function(12, "uuid_generate_v4", "c"),
                         function(13, "over"),
                         function(14, "over", "c"),
                         function(15, "calls_over")};
    fill_touches(catalog, {body(1, {}, {"b"}), body(2, {}, {"dynamic"}), FunctionBody{3, std::nullopt, std::nullopt},
                           body(4, {}, {"pg_advisory_xact_lock"}), body(5, {}, {"query_to_xml"}),
                           body(6, {}, {"nowhere.f"}), body(9, {}, {"library"}),
                           body(10, {}, {"immutable", "uuid_generate_v4"}), body(13, {}, {}), body(15, {}, {"over"})});
    for (const std::uint32_t oid : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 14U, 15U}) {
        EXPECT_EQ(touches_of(catalog, oid), "unknown") << oid;
    }
    for (const std::uint32_t oid : {10U, 11U, 12U, 13U}) EXPECT_EQ(touches_of(catalog, oid), "") << oid;
}

TEST(FunctionTouches, AFunctionsOwnSearchPathFindsSchemas) {
    Catalog catalog;
    catalog.relations = {{1, "app", "t", 'r', ""}, {2, "other", "t", 'r', ""}, {3, "other", "u", 'r', ""}};
    catalog.functions = {function(1, "f"), function(2, "g"), function(3, "h")};
    fill_touches(catalog, {body(1, {{"", "t", false}, {"", "u", true}, {"", "gone", false}, {"x", "t", false}}, {},
                                path({"missing", "app", "other"})),
                           body(2, {{"", "t", false}}, {}), body(3, {}, {"g"}, path({"other"}))});
    EXPECT_EQ(touches_of(catalog, 1), "gone app.t other.u! x.t");
    EXPECT_EQ(touches_of(catalog, 2), "t");
    EXPECT_EQ(touches_of(catalog, 3), "other.t");
}

TEST(FunctionTouches, TooManyAreNotKnown) {
    Catalog catalog;
    catalog.functions = {function(1, "f"), function(2, "g")};
    std::vector<Touch> many;
    for (std::size_t i = 0; i < kMaxTouches; ++i) many.push_back({"", "t" + std::to_string(i), false});
    fill_touches(catalog, {body(1, many, {}), body(2, {{"", "one more", false}}, {"f"})});
    EXPECT_TRUE(catalog.functions[0].touches_known);
    EXPECT_EQ(catalog.functions[0].touches.size(), kMaxTouches);
    EXPECT_EQ(touches_of(catalog, 2), "unknown");
}

TEST(SchemasOfSearchPath, AreFoldedUnlessQuoted) {
    EXPECT_EQ(schemas_of_search_path("public, App,\"My \"\"x\"\" Schema\" , \"$user\""),
              (std::vector<Bytes>{"public", "app", "My \"x\" Schema", "$user"}));
    EXPECT_TRUE(schemas_of_search_path("").empty());
    EXPECT_EQ(schemas_of_search_path("\"\""), (std::vector<Bytes>{""}));
}

}  // namespace
}  // namespace understudy::catalog
