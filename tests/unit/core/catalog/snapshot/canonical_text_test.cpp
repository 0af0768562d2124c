#include "core/catalog/snapshot/canonical_text.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

TEST(CanonicalDefinition, CastsElementsInPlaceOfTheirArray) {
    EXPECT_EQ(canonical_definition(
                  "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b,]'::character varying])::text[])))"),
              "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b,]'::character varying)::text])))");
    EXPECT_EQ(canonical_definition("(ARRAY[f(a, b)])::public.\"My type\"[]"), "ARRAY[(f(a, b))::public.\"My type\"]");
    EXPECT_EQ(canonical_definition("(ARRAY[a])::character varying(3)[]"), "ARRAY[(a)::character varying(3)]");
    EXPECT_EQ(canonical_definition("(ARRAY[(ARRAY[a])::text[]])::x[]"), "ARRAY[(ARRAY[(a)::text])::x]");
}

TEST(CanonicalDefinition, LeavesTheRestAlone) {
    for (const char* text :
         {"", "a", "(ARRAY[", "(ARRAY[a", "(ARRAY[a])", "(ARRAY[a])::", "(ARRAY[a])::text", "(ARRAY[a])::(",
          "'(ARRAY[a])::text[]'", "\"(ARRAY[a])::text[]\"", "(ARRAY[a] || b)::text[]"}) {
        EXPECT_EQ(canonical_definition(text), text);
    }
}

TEST(TextArray, IsTakenApart) {
    using Items = std::vector<Bytes>;
    EXPECT_EQ(parse_text_array("{}").value(), Items());
    EXPECT_EQ(parse_text_array("{a,\"b c\",\"\",\"q\\\"\\\\,}\"}").value(), (Items{"a", "b c", "", "q\"\\,}"}));
    for (const char* wrong : {"", "{", "a", "{\"a}", "{\"a\"b}", "{a,}", "{\\}"})
        EXPECT_FALSE(parse_text_array(wrong)) << wrong;
}

}  // namespace
}  // namespace understudy::catalog
