#include "core/sql/fingerprint.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

#include "core/sql/literal_kinds.hpp"
#include "core/sql/outside_effects.hpp"
#include "core/sql/split.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::sql {
namespace {

TEST(Fingerprint, ConstantsSpaceCaseAndCommentsDoNotCount) {
    const Fingerprint one = fingerprint("select a from t where b = 1 and c = 'x'");
    EXPECT_EQ(one, fingerprint("SELECT a\n FROM t /* hi */ WHERE b = 2 AND c = E'\\n'"));
    EXPECT_EQ(one, fingerprint("select a from t where b = $1 and c = $2"));
    EXPECT_NE(one, fingerprint("select a from t where b = 1 and d = 'x'"));
    EXPECT_FALSE(one.lexical);
    EXPECT_EQ(one.hex().size(), 16U);
}

TEST(Fingerprint, ListLengthsDoNotCount) {
    EXPECT_EQ(fingerprint("select 1 where x in (1)"), fingerprint("select 1 where x in (1, 2, 3)"));
    EXPECT_EQ(fingerprint("insert into t values (1, 'a')"), fingerprint("insert into t values (1, 'a'), (2, 'b')"));
    EXPECT_NE(fingerprint("begin"), fingerprint("commit"));
}

TEST(Fingerprint, NewerSyntaxIsLexical) {
    const Fingerprint one = fingerprint("select json_array(1, 2 returning jsonb) from t where x in (1, 2)");
    EXPECT_TRUE(one.lexical);
    EXPECT_EQ(one, fingerprint("SELECT json_array(7, 8 RETURNING jsonb)\n FROM t -- c\n WHERE x IN (3, 4, 5);"));
    EXPECT_NE(one, fingerprint("select json_array(1, 2 returning jsonb) from u where x in (1, 2)"));
    const Fingerprint merge =
        fingerprint("merge into t using s on a when matched then delete returning values (1,'a')");
    EXPECT_TRUE(merge.lexical);
    EXPECT_EQ(merge,
              fingerprint("merge into t using s on a when matched then delete returning values (1,'a'), (2,'b')"));
}

TEST(Fingerprint, AnyBytesHaveOne) {
    EXPECT_TRUE(fingerprint(BytesView("select \0", 8)).lexical);
    EXPECT_TRUE(fingerprint("select '").lexical);
    EXPECT_FALSE(fingerprint("select '\xff\xfe' from \"\xe9\"").lexical);
    EXPECT_NE(fingerprint("select \"\xe9\""), fingerprint("select \"\xe8\""));
    EXPECT_EQ(fingerprint(""), fingerprint(" -- nothing\n"));
    // The last byte announces a character of four bytes.
    EXPECT_EQ(fingerprint("select E'\\x41' \xf0"), fingerprint("select E'\\x41' \xf0"));
}

TEST(Fingerprint, LongTextIsLexical) {
    Bytes sql = "select 1 where x in (1";
    while (sql.size() <= (std::size_t{1} << 20U)) sql += ",12345";
    EXPECT_TRUE(fingerprint(sql + ")").lexical);
    EXPECT_EQ(fingerprint(sql + ")"), fingerprint(sql + ",7)"));
}

TEST(Normalise, ConstantsBecomeParameters) {
    EXPECT_EQ(normalise("select  a -- c\n from t where b = 1 and c = 'x' order by 1;"),
              "select a from t where b = $1 and c = $2 order by 1");
    EXPECT_EQ(normalise("select $2, 'x'"), "select $2, $3");
    EXPECT_EQ(normalise("/* trace=abc */ select 1"), "select $1");
    EXPECT_EQ(normalise("  "), "");
}

TEST(Normalise, NoStringRemainsInAnyStatement) {
    for (const BytesView sql :
         {"alter role r password 'secret'", "create subscription s connection 'secret' publication p",
          "copy t from program 'secret'", "set x = 'secret'", "comment on table t is 'secret'", "do $$ secret $$",
          "create server s foreign data wrapper f options (p 'secret')", "select json_array('secret' returning jsonb)",
          "select 'secret", "select E'secret\\", "create function f() returns int language sql as $x$ secret $x$",
          "select'secret'", "select U&'secret' uescape '!'"}) {
        EXPECT_EQ(normalise(sql).find("secret"), Bytes::npos) << normalise(sql);
    }
}

TEST(Normalise, FallsBackToTokens) {
    EXPECT_EQ(normalise("select json_array(1,  'a' returning jsonb) from t where $1"),
              "select json_array($2, $3 returning jsonb) from t where $1");
    EXPECT_EQ(normalise("bogus'x' $'y'"), "bogus $1 $ $2");
}

TEST(Normalise, WideStatementsTakeNoQuadraticTime) {
    Bytes sql = "select 1";
    while (sql.size() < 900000) sql += ", a";
    EXPECT_TRUE(normalise(sql).starts_with("select $1, a"));
}

TEST(LiteralKinds, InOrder) {
    EXPECT_EQ(literal_kinds("select 1, 'a', 1.5, B'1', $1, true, null, $$x$$, -1"), "isfbptnsi");
    EXPECT_NE(literal_kinds("select 1 where code = 1"), literal_kinds("select 1 where code = '1'"));
}

TEST(LiteralKinds, ListLengthsDoNotCount) {
    EXPECT_EQ(literal_kinds("x in (1, 2, -3)"), "i");
    EXPECT_EQ(literal_kinds("x in (1)"), "i");
    EXPECT_EQ(literal_kinds("x in ($1, $2) and y = 'a'"), "ps");
    EXPECT_EQ(literal_kinds("array[1, 2, 3] || array['a', 'b']"), "is");
    EXPECT_EQ(literal_kinds("values (1, 'a'), (2, 'b'), (3, 'c')"), "is");
    EXPECT_EQ(literal_kinds("values (1, 'a'), (2, 3)"), "isi");
    EXPECT_EQ(literal_kinds("f(1, 1, 'a') + f(1, 'a', 'a')"), "iisiss");
    EXPECT_EQ(literal_kinds("(1, 2) = (3, 4)"), "ii");
    EXPECT_EQ(literal_kinds(")))1((("), "i");
}

const std::vector<BytesView> words = {"select",
                                      "from",
                                      "where",
                                      "insert into",
                                      "values",
                                      "(",
                                      ")",
                                      "[",
                                      "]",
                                      ",",
                                      ";",
                                      "'a'",
                                      "'",
                                      "\"",
                                      "$1",
                                      "$$",
                                      "E'\\x",
                                      "1",
                                      "1.5",
                                      "case",
                                      "when",
                                      "then",
                                      "end",
                                      "and",
                                      "or",
                                      "union",
                                      "join",
                                      "on",
                                      "with",
                                      "as",
                                      "t",
                                      "a.b",
                                      "copy",
                                      "to",
                                      "program",
                                      "'cmd'",
                                      "stdin",
                                      "do",
                                      "pg_terminate_backend",
                                      "create",
                                      "alter",
                                      "system",
                                      "role",
                                      "database",
                                      "delete",
                                      "returning *",
                                      "order by",
                                      "limit",
                                      "for update",
                                      "--",
                                      "/*",
                                      "*/",
                                      "U&\"",
                                      "\xff",
                                      "::int",
                                      "begin atomic",
                                      "not",
                                      "between",
                                      "explain",
                                      "analyze",
                                      "drop",
                                      "user mapping for x server s",
                                      "grant",
                                      "load",
                                      "dblink_exec('x')",
                                      "cron.schedule('a')",
                                      "query_to_xml('alter system')",
                                      "checkpoint",
                                      "import foreign schema"};

/// Whatever the tokens, no function fails, and the fast test covers the slow one.
TEST(SqlProperties, TokenSoupNeverCrashes) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 5000; ++round) {
        Bytes sql;
        for (auto n = random() % 12; n > 0; --n) sql.append(words[random() % words.size()]).append(" ");
        ASSERT_EQ(fingerprint(sql), fingerprint(sql));
        normalise(sql);
        literal_kinds(sql);
        for (const BytesView statement : split_statements(sql)) {
            const StatementTraits found = traits(statement);
            ASSERT_TRUE(found.outside_effects.empty() || may_have_outside_effects(sql)) << sql;
        }
    }
}

TEST(SqlProperties, ThreadsDoNotDisturbEachOther) {
    const std::vector<BytesView> texts = {"select a from t where b in (1,2)", "bogus (", "insert into t values (1)",
                                          "with x as (delete from t returning *) select * from x"};
    std::vector<Fingerprint> expected;
    for (const BytesView text : texts) expected.push_back(fingerprint(text));
    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
        threads.emplace_back([&] {
            for (std::size_t i = 0; i < 2000; ++i) {
                const std::size_t at = i % texts.size();
                if (fingerprint(texts[at]) != expected[at]) ++count;
                if (traits(texts[at]).parsed == expected[at].lexical) ++count;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4));
}

}  // namespace
}  // namespace understudy::sql
