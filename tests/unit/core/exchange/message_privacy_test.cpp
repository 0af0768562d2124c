#include "core/exchange/message_privacy.hpp"

#include <gtest/gtest.h>

#include "tests/support/dialogue.hpp"

namespace understudy {
namespace {

ServerMessage filter(std::vector<std::pair<char, Bytes>> fields, bool is_notice = false) {
    return without_user_data(ServerMessage{std::move(fields)}, is_notice, testing::test_digester());
}

bool is_digest(BytesView text) { return text.size() == 23 && text.starts_with("digest:"); }

TEST(MessagePrivacy, FieldsThatQuoteDataBecomeDigests) {
    const ServerMessage message = filter({{'S', "ERROR"},
                                          {'V', "ERROR"},
                                          {'C', "23505"},
                                          {'M', "duplicate key value violates unique constraint \"u\""},
                                          {'D', "Key (email)=(bob@example.org) already exists."},
                                          {'W', "SQL statement \"x\""},
                                          {'q', "insert 'x'"},
                                          {'s', "public"},
                                          {'t', "users"},
                                          {'n', "u"},
                                          {'P', "15"},
                                          {'F', "nbtinsert.c"}});
    EXPECT_EQ(message.sqlstate(), "23505");
    EXPECT_EQ(message.get('M'), "duplicate key value violates unique constraint \"u\"");
    EXPECT_TRUE(is_digest(message.get('D')));
    EXPECT_TRUE(is_digest(message.get('W')));
    EXPECT_TRUE(is_digest(message.get('q')));
    for (const auto& [letter, text] :
         {std::pair{'s', "public"}, {'t', "users"}, {'n', "u"}, {'P', "15"}, {'F', "nbtinsert.c"}, {'S', "ERROR"}}) {
        EXPECT_EQ(message.get(letter), text);
    }
}

TEST(MessagePrivacy, QuotedPartsBecomeDigestsWhereTheyMayBeValues) {
    const auto text = [](BytesView sqlstate, BytesView message) {
        return Bytes(filter({{'C', Bytes(sqlstate)}, {'M', Bytes(message)}}).get('M'));
    };
    const Bytes digested = text("22P02", "invalid input syntax for type integer: \"4711x\" at \"5\"!");
    EXPECT_TRUE(digested.starts_with("invalid input syntax for type integer: \"digest:")) << digested;
    EXPECT_TRUE(digested.ends_with("\"!")) << digested;
    EXPECT_EQ(digested.find("4711x"), Bytes::npos);
    EXPECT_EQ(text("42P01", "relation \"t\" does not exist"), "relation \"t\" does not exist");
    EXPECT_EQ(text("22012", "division by zero"), "division by zero");
    // PostgreSQL does not escape a quote inside a value.
    EXPECT_EQ(text("22P02", "invalid: \"a\"secret\"b\"").find("secret"), Bytes::npos);
    EXPECT_EQ(text("22P02", "invalid: \"secret").find("secret"), Bytes::npos);
    EXPECT_TRUE(text("22P02", "invalid: \"secret").starts_with("invalid: digest:"));
    EXPECT_NE(text("", "no sqlstate \"x\"").find("digest:"), Bytes::npos);
    EXPECT_EQ(text("22P02", ""), "");
}

TEST(MessagePrivacy, TextsOfUsersBecomeDigests) {
    EXPECT_TRUE(is_digest(filter({{'C', "P0001"}, {'M', "no credit for bob"}, {'H', "ask alice"}}).get('M')));
    EXPECT_TRUE(is_digest(filter({{'C', "P0001"}, {'M', "no credit for bob"}, {'H', "ask alice"}}).get('H')));
    EXPECT_TRUE(is_digest(filter({{'C', "00000"}, {'M', "bob was here"}}, true).get('M')));
    // RAISE ... USING ERRCODE: the state is the user's choice too
    EXPECT_TRUE(is_digest(filter({{'C', "23505"}, {'M', "bob exists"}, {'R', "exec_stmt_raise"}}).get('M')));
}

TEST(MessagePrivacy, EqualTextsHaveEqualDigests) {
    const auto digest = [](const Bytes& text) { return Bytes(filter({{'C', "P0001"}, {'M', text}}).get('M')); };
    EXPECT_EQ(digest("a"), digest("a"));
    EXPECT_NE(digest("a"), digest("b"));
}

}  // namespace
}  // namespace understudy
