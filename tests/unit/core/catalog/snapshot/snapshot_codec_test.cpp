#include "core/catalog/snapshot/snapshot_codec.hpp"

#include <gtest/gtest.h>

#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"

namespace understudy::catalog {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST(SnapshotCodec, GivesBackWhatWasWritten) {
    Snapshot snapshot = testing::sample_snapshot();
    snapshot.unread = {{"policies", "permission denied"}};
    snapshot.objects[0].properties.push_back({"zz", Bytes("quote\" back\\ line\n tab\t bell\a ü € 😀")});
    snapshot.objects[1].properties.push_back(
        {"zz", PropertyList{"", "\xff\xfe", Bytes("\0x", 2), "\xed\xa0\x80", "\xc0\x80"}});
    const auto back = parse_snapshot(to_json(snapshot));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, snapshot);
}

TEST(SnapshotCodec, WritesAnObjectALine) {
    const std::string text = to_json(testing::sample_snapshot());
    EXPECT_NE(text.find("\n{\"kind\": \"column\", \"schema\": \"public\", \"relation\": \"orders\", \"name\": \"id\", "
                        "\"properties\": {\"not null\": \"yes\", \"type\": \"integer\"}},\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text, to_json(testing::sample_snapshot()));
}

TEST(SnapshotCodec, RefusesWhatWasChangedByHand) {
    const std::string text = to_json(testing::sample_snapshot());
    const auto changed = parse_snapshot(replaced(text, "numeric(10,2)", "numeric(11,2)"));
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code, Errc::malformed);
    EXPECT_NE(changed.error().message.find("changed after it was written"), std::string::npos);
}

TEST(SnapshotCodec, RefusesWhatItDoesNotKnow) {
    const std::string text = to_json(testing::sample_snapshot());
    const auto newer = parse_snapshot(replaced(text, "\"understudy_snapshot\": 1", "\"understudy_snapshot\": 2"));
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, Errc::unsupported);
    for (const char* wrong :
         {"", "[]", "{}", "7", "nul", R"({"understudy_snapshot": 1)", R"({"understudy_snapshot": 1, "objects": [[]]})",
          R"({"understudy_snapshot": 1, "objects": [{}]})", R"({"understudy_snapshot": 1, "more": "x"})",
          R"({"understudy_snapshot": 1, "objects": [{"kind": "a", "properties": {"a": "1", "a": "2"}}]})",
          R"({"understudy_snapshot": 1, "objects": [{"kind": "a"}, {"kind": "a"}]})",
          R"({"understudy_snapshot": 1, "objects": [{"kind": "a\u0000"}]})",
          R"({"understudy_snapshot": 1, "objects": [{"kind": "a", "properties": {"a": {"b": "c"}}}]})"}) {
        const auto read = parse_snapshot(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().code, Errc::malformed) << wrong << read.error().message;
    }
}

TEST(SnapshotCodec, IsCutNowhereWithoutNotice) {
    const std::string text = to_json(testing::sample_snapshot());
    for (std::size_t length = 0; length + 2 < text.size(); ++length) {
        EXPECT_FALSE(parse_snapshot(BytesView(text).substr(0, length))) << length;
    }
}

TEST(SnapshotFingerprint, FollowsEverythingButWhereItWasTaken) {
    const Snapshot snapshot = testing::sample_snapshot();
    Snapshot elsewhere = snapshot;
    elsewhere.database = "copy";
    elsewhere.server_version = 150007;
    EXPECT_EQ(fingerprint(elsewhere), fingerprint(snapshot));
    EXPECT_EQ(fingerprint(snapshot).size(), 64U);
    std::vector<Snapshot> others(6, snapshot);
    others[0].objects[0].identity.name += "x";
    others[1].objects[0].properties[0].name += "x";
    others[2].objects[0].properties.pop_back();
    others[3].objects.pop_back();
    others[4].unread = {{"a", "b"}};
    others[5].objects[0].properties[0].value = PropertyList{others[5].objects[0].properties[0].text()};
    for (std::size_t i = 0; i < others.size(); ++i) {
        EXPECT_NE(fingerprint(others[i]), fingerprint(snapshot)) << i;
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(fingerprint(others[i]), fingerprint(others[j])) << i << j;
    }
}

}  // namespace
}  // namespace understudy::catalog
