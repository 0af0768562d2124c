#include "app/copies/copy_tag.hpp"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

CopyTag some_tag() {
    CopyTag tag;
    tag.created = Timestamp::from_ns(1'700'000'000'123'456'789);
    tag.purpose = "check";
    tag.source = "shop staging:42 = 100%\nünder";
    tag.host = "build-7.example";
    tag.pid = 4711;
    return tag;
}

TEST(CopyName, GoesThereAndBack) {
    const CopyName name{"baseline", 0x00c0ffee12345678};
    EXPECT_EQ(to_text(name), "understudy_baseline_00c0ffee12345678");
    EXPECT_EQ(parse_copy_name(to_text(name)), name);
}

TEST(CopyName, IsOfExactlyOneForm) {
    for (const char* text :
         {"", "shop", "understudy", "understudy_check", "understudy_check_", "understudy__00c0ffee12345678",
          "understudy_check_00c0ffee1234567", "understudy_check_00c0ffee123456789", "understudy_check_00C0FFEE12345678",
          "understudy_check_0xc0ffee12345678", "understudy_Check_00c0ffee12345678", "understudy_a_b_00c0ffee12345678",
          "xunderstudy_check_00c0ffee12345678", "understudy_seventeenlettersx_00c0ffee12345678",
          "understudy_check_-0c0ffee12345678"}) {
        EXPECT_FALSE(parse_copy_name(text)) << text;
    }
}

TEST(CopyTag, GoesThereAndBackBehindAnyComment) {
    for (const char* comment : {"", "Ann's copy", "two\nlines", "understudy.copy=1 created=1"}) {
        EXPECT_EQ(tag_of_comment(comment_with_tag(comment, some_tag())), some_tag()) << comment;
    }
}

TEST(CopyTag, HoldsNoWordThatCouldBeATargetsMarker) {
    EXPECT_EQ(comment_with_tag("", some_tag()).find("staging:"), std::string::npos);
}

TEST(CopyTag, MustBeWholeAndLast) {
    const std::string whole = comment_with_tag("", some_tag());
    EXPECT_FALSE(tag_of_comment(""));
    EXPECT_FALSE(tag_of_comment(whole + "\nmore"));
    EXPECT_FALSE(tag_of_comment("x" + whole));
    EXPECT_FALSE(tag_of_comment(whole + " more"));
    EXPECT_FALSE(tag_of_comment("understudy.copy=1 created=x purpose=check pid=1 host=a source=b"));
    EXPECT_FALSE(tag_of_comment("understudy.copy=1 created=1 purpose=Check pid=1 host=a source=b"));
    EXPECT_FALSE(tag_of_comment("understudy.copy=1 created=1 purpose=check pid=1 host=a source=%4"));
    EXPECT_FALSE(tag_of_comment("understudy.copy=1 created=1 purpose=check pid=1 host=a source=%zz"));
    for (std::size_t cut = 0; cut < whole.find(" source="); ++cut)
        EXPECT_FALSE(tag_of_comment(whole.substr(0, cut))) << cut;
}

TEST(Origin, NeedsNameAndASecondMark) {
    const std::string name = to_text(CopyName{"check", 7});
    const Bytes tagged = comment_with_tag("", some_tag());
    EXPECT_EQ(origin_of({"shop", tagged, true, -1}), Origin::foreign);
    EXPECT_EQ(origin_of({"shop", "", false, unfinished_limit("shop")}), Origin::foreign);
    EXPECT_EQ(origin_of({name, "", true, -1}), Origin::doubtful);
    EXPECT_EQ(origin_of({name, "", true, unfinished_limit(name)}), Origin::doubtful);
    EXPECT_EQ(origin_of({name, "", false, 5}), Origin::doubtful);
    EXPECT_EQ(origin_of({name, "", false, unfinished_limit(name)}), Origin::unfinished);
    EXPECT_EQ(origin_of({name, tagged, true, -1}), Origin::tagged);
    EXPECT_EQ(origin_of({to_text(CopyName{"other", 7}), tagged, true, -1}), Origin::doubtful);
}

TEST(Origin, TheUnfinishedLimitIsOfTheServersRange) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
        EXPECT_GE(unfinished_limit(to_text(CopyName{"check", i * 0x9e3779b97f4a7c15U})), 1'000'000);
    }
    EXPECT_NE(unfinished_limit("understudy_check_0000000000000001"),
              unfinished_limit("understudy_check_0000000000000002"));
}

}  // namespace
}  // namespace understudy::app
