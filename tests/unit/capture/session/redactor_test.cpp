#include "capture/session/redactor.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "core/pgwire/frontend_messages.hpp"

namespace understudy::capture {
namespace {

/// As a Query has it; the terminating zero is taken off again.
Bytes redacted(const Bytes& sql) {
    const Bytes body = sql + Bytes(1, '\0');
    Bytes result = without_passwords(body).value_or(body);
    EXPECT_EQ(result.size(), body.size());
    EXPECT_EQ(result.back(), '\0');
    result.pop_back();
    return result;
}

struct Case {
    Bytes sql;
    Bytes expected;
};

TEST(Redactor, HidesTheLiteralAfterPassword) {
    const std::vector<Case> cases{
        {"create role ann password 'secret'", "create role ann password '******'"},
        {"ALTER USER ann WITH PASSWORD 'secret' VALID UNTIL 'x'",
         "ALTER USER ann WITH PASSWORD '******' VALID UNTIL 'x'"},
        {"Alter Role ann PassWord\n\t'secret'", "Alter Role ann PassWord\n\t'******'"},
        {"create user ann encrypted password 'se''cret'", "create user ann encrypted password '********'"},
        {"alter role ann password E'se\\'cret' nologin", "alter role ann password E'********' nologin"},
        {"alter role ann password e'secret'", "alter role ann password e'******'"},
        {"alter role ann password U&'s\\0065cret' uescape '!'", "alter role ann password U&'**********' uescape '!'"},
        {"alter role ann password $$secret$$", "alter role ann password $$******$$"},
        {"alter role ann password $pw$sec$$ret$pw$ login", "alter role ann password $pw$********$pw$ login"},
        {"alter role ann password /* new */ 'secret'", "alter role ann password /* new */ '******'"},
        {"alter role ann password -- new\n 'secret'", "alter role ann password -- new\n '******'"},
        {"alter role ann password 'sec'\n 'ret'", "alter role ann password '***'\n '***'"},
        {"select 1; create role a password 'x1'; create role b password 'y2'",
         "select 1; create role a password '**'; create role b password '**'"},
        {"create user mapping for ann server s options (user 'ann', password 'secret')",
         "create user mapping for ann server s options (user 'ann', password '******')"},
        {"alter user mapping for ann server s options (set password 'secret')",
         "alter user mapping for ann server s options (set password '******')"},
        {"do $$ begin create role ann password 'secret'; end $$",
         "do $$ begin create role ann password '******'; end $$"},
        {"do $$ begin execute 'create role ann password ''secret'' login'; end $$",
         "do $$ begin execute 'create role ann password ''******'' login'; end $$"},
        {"do $a$ begin execute $b$alter role ann password 'secret'$b$; end $a$",
         "do $a$ begin execute $b$alter role ann password '******'$b$; end $a$"},
    };
    for (const Case& one : cases) EXPECT_EQ(redacted(one.sql), one.expected);
}

TEST(Redactor, HidesPasswordsOfConnectionStrings) {
    const std::vector<Case> cases{
        {"select dblink_connect('host=h password=secret dbname=d')",
         "select dblink_connect('host=h password=****** dbname=d')"},
        {"select dblink('password = secret', 'select 1')", "select dblink('password = ******', 'select 1')"},
        {"select dblink('password=''se cret'' port=1', 'x')", "select dblink('password=''*******'' port=1', 'x')"},
        {"select dblink(E'password=\\'secret\\' port=1', 'x')", "select dblink(E'password=\\'******\\' port=1', 'x')"},
        {"select dblink($$host=h password=secret$$, 'x')", "select dblink($$host=h password=******$$, 'x')"},
        {"create subscription s connection 'host=h PASSWORD=secret' publication p",
         "create subscription s connection 'host=h PASSWORD=******' publication p"},
        {"select dblink('postgres://ann:secret@h/d', 'x')", "select dblink('postgres://ann:******@h/d', 'x')"},
        {"select dblink('postgresql://ann:secret@h:5432/d?password=more&x=y', 'x')",
         "select dblink('postgresql://ann:******@h:5432/d?password=****&x=y', 'x')"},
        {"select dblink($$postgres://ann:secret@h/d$$, 'x')", "select dblink($$postgres://ann:******@h/d$$, 'x')"},
        {"select 1 -- postgres://ann:secret@h\n", "select 1 -- postgres://ann:******@h\n"},
        {"select 1 /* sslpassword=secret */", "select 1 /* sslpassword=****** */"},
    };
    for (const Case& one : cases) EXPECT_EQ(redacted(one.sql), one.expected);
}

TEST(Redactor, HidesPasswordsOfOptionsSettingsAndFunctions) {
    const std::vector<Case> cases{
        {"create user mapping for a server s options (\"password\" 'secret', sslpassword 'x1', user 'password')",
         "create user mapping for a server s options (\"password\" '******', sslpassword '**', user 'password')"},
        {"alter user mapping for a server s options (add password 'secret')",
         "alter user mapping for a server s options (add password '******')"},
        {"alter system set primary_conninfo = 'host=h password=secret'",
         "alter system set primary_conninfo = 'host=h password=******'"},
        {"set app.password = 'secret'", "set app.password = '******'"},
        {"set local app.db_password to 'secret'; select 'x'", "set local app.db_password to '******'; select 'x'"},
        {"alter role ann set app.password = 'secret'", "alter role ann set app.password = '******'"},
        {"select pgp_sym_encrypt('data', 'secret')", "select pgp_sym_encrypt('data', '******')"},
        {"select PGP_SYM_DECRYPT(f(a, 'b'), 'sec' || 'ret', 'opt=1'), 'x'",
         "select PGP_SYM_DECRYPT(f(a, 'b'), '***' || '***', 'opt=1'), 'x'"},
        {"select pgp_pub_decrypt(msg, dearmor('key'), $$secret$$)",
         "select pgp_pub_decrypt(msg, dearmor('key'), $$******$$)"},
        {"alter role a password 'sec\\'ret' login", "alter role a password '********' login"},
        {"select dblink('password=sec\\'ret', 'x')", "select dblink('password=********', 'x')"},
        {"select dblink('postgresql://ann:s%40c%20t@h/d?x=%20', 'x')",
         "select dblink('postgresql://ann:*********@h/d?x=%20', 'x')"},
        {"select dblink('postgresql://h/d?password=s%40&user=a', 'x')",
         "select dblink('postgresql://h/d?password=****&user=a', 'x')"},
    };
    for (const Case& one : cases) EXPECT_EQ(redacted(one.sql), one.expected);
}

TEST(Redactor, HidesPasswordsOfBoundConnectionStrings) {
    const auto bind = [](const Bytes& value) {
        pgwire::Bind message;
        message.parameters = {std::nullopt, value};
        return pgwire::encode_frontend(message).substr(5);
    };
    EXPECT_EQ(bound_without_passwords(bind("host=h password=secret")), bind("host=h password=******"));
    EXPECT_EQ(bound_without_passwords(bind("postgres://a:secret@h")), bind("postgres://a:******@h"));
    EXPECT_FALSE(bound_without_passwords(bind("my password=secret")).has_value());
    EXPECT_FALSE(bound_without_passwords(bind("{\"password\": \"x\"}")).has_value());
    EXPECT_FALSE(bound_without_passwords("password= cut").has_value());
}

TEST(Redactor, LeavesOrdinaryColumnsAndTextsAlone) {
    for (const char* sql : {
             "select * from users where password = 'secret'",
             "select * from users where password = '' and name = 'ann'",
             "select * from users where password='' or password=\"other\"",
             "update users set password = crypt('secret', gen_salt('bf')) where id = 1",
             "update users set password = md5(name), seen = now()",
             "update users set password=$1 where id = $2",
             "select u.password from users u join old o on u.password = o.password",
             "insert into users (name, password) values ('ann', 'secret')",
             "select * from settings where key = 'password' and value = 'x'",
             "select \"password\" 'x', \"a password\" from t",
             "select password_hash 'x' from t where password_hash = 'abc'",
             "select '{\"password\": \"secret\"}'::jsonb ->> 'password', 'rest'",
             "select 'the password''s length', 'forgot your password?'",
             "alter role ann password null",
             "create function f() returns text as $$ select 'x' where password = 'y' $$ language sql",
             "select 'postgres://ann@h/d', 'postgres://h:5432/d', 'postgresql is fine'",
             "alter table users alter password set default 'x'",
             "update users set password = 'x' where hash = crypt('y', hash)",
             "select pgp_sym_encrypt, 'x'",
             "select 1",
             "",
         }) {
        EXPECT_EQ(redacted(sql), sql);
    }
}

TEST(Redactor, SaysNothingWhenThereIsNothingToHide) {
    EXPECT_FALSE(without_passwords(BytesView("select 1\0", 9)).has_value());
    EXPECT_FALSE(without_passwords("select password from t").has_value());
    EXPECT_TRUE(without_passwords("alter role a password 'x'").has_value());
}

TEST(Redactor, LeavesTheFrameAroundUnfinishedTextsWhole) {
    for (const char* tail :
         {"password 'secret", "password $$secret", "password E'secret\\", "connection 'password=''secret",
          "connection 'postgres://a:secret", "connection 'password=secret"}) {
        const Bytes parse = "password" + Bytes(1, '\0') + "alter role a " + tail + Bytes("\0\0\1\0\0\0\x19", 7);
        const Bytes result = without_passwords(parse).value_or(parse);
        ASSERT_EQ(result.size(), parse.size());
        EXPECT_EQ(result.substr(0, 9), parse.substr(0, 9)) << tail;
        EXPECT_EQ(result.substr(result.size() - 7), parse.substr(parse.size() - 7)) << tail;
    }
}

TEST(Redactor, RedactsSettingsOutsideOfSql) {
    EXPECT_EQ(setting_without_passwords("-c my.password=secret -c x=y"), "-c my.password=****** -c x=y");
    EXPECT_EQ(setting_without_passwords("postgres://a:secret@h"), "postgres://a:******@h");
    EXPECT_EQ(setting_without_passwords("it's mine"), "it's mine");
}

/// Nothing but the bytes that become '*' changes, whatever comes.
TEST(RedactorProperty, RandomTextKeepsItsLengthAndTheRest) {
    const std::vector<Bytes> words{"password",    " ",        "'", "''", "\\",     "$$", "$a$", "=",
                                   "postgres://", "ann:",     "@", "e'", "u&'",    "--", "\n",  "/*",
                                   "*/",          "\"",       ";", "x",  "secret", "(",  "&",   Bytes(1, '\0'),
                                   "\xff\xfe",    "PASSWORD "};
    std::mt19937 random(1);
    std::uint64_t hidden = 0;
    for (int seed = 0; seed < 20'000; ++seed) {
        Bytes text;
        for (std::uint64_t i = random() % 30; i > 0; --i) {
            text += random() % 5 == 0 ? Bytes(1, static_cast<char>(random() % 256)) : words[random() % words.size()];
        }
        const std::optional<Bytes> result = without_passwords(text);
        if (!result) continue;
        ++hidden;
        ASSERT_EQ(result->size(), text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            ASSERT_TRUE((*result)[i] == text[i] || ((*result)[i] == '*' && text[i] != '\0')) << text;
        }
    }
    EXPECT_GT(hidden, 500U);
}

/// Statements of megabytes come from clients; none may cost more than a pass or two over them.
TEST(Redactor, CostGrowsWithTheLengthOnly) {
    for (const char* part : {"password=", "postgres", "postgres://", "password '", "password$a$", "$a$", "password $b",
                             "'password ", "/*password", "--password", "password''", "postgres:///", "'password\\'"}) {
        Bytes text = "select '";
        while (text.size() < 4'000'000) text += part;
        const auto begin = std::chrono::steady_clock::now();
        without_passwords(text);
        without_passwords(BytesView(text).substr(8));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << part;
    }
}

}  // namespace
}  // namespace understudy::capture
