#include "capture/redact/session_redactor.hpp"

#include "core/base/byte_writer.hpp"
#include "tests/unit/capture/redact/redaction_fixture.hpp"

namespace understudy::capture {
namespace {

namespace fe = testing::fe;
namespace be = testing::be;

class SessionRedactorTest : public RedactionFixture {
protected:
    using RedactionFixture::RedactionFixture;
    Bytes bound(const std::vector<std::optional<Bytes>>& values, BytesView statement = "") {
        const Bytes kept = client(fe::bind("", statement, {}, values));
        const auto decoded = pgwire::decode_frontend(testing::view_frame(kept));
        Bytes text;
        for (const auto& value : std::get<pgwire::Bind>(*decoded).parameters) text += value.value_or("NULL") + "|";
        return text;
    }
    static Bytes body(const Bytes& frame) { return frame.substr(5); }
    Bytes row(const std::vector<be::Column>& columns, std::initializer_list<std::optional<Bytes>> values) {
        return server(be::row(values), body(be::row_description(columns)));
    }
};

TEST_F(SessionRedactorTest, ReplacesLiteralsOfRuledColumnsOnly) {
    EXPECT_EQ(sql("insert into users (id, email, ssn) values (4711, 'ann@example.com', 123456789)"),
              "insert into users (id, email, ssn) values (4711, '" + token("ann@example.com") + "', " +
                  token("123456789") + ")");
    EXPECT_EQ(sql("select id from users where email = E'o\\'neil' and name = 'x'"),
              "select id from users where email = '" + token("o'neil") + "' and name = 'x'");
    EXPECT_EQ(sql("update orders set email = 'x', ssn = -5"), "update orders set email = 'x', ssn =  " + token("-5"));
    EXPECT_EQ(sql("select 1 from users where email = U&'d\\0061' or email = $a$b c$a$"),
              "select 1 from users where email = '" + token("da") + "' or email = '" + token("b c") + "'");
    EXPECT_EQ(sql("select 'ann@example.com'"), "select 'ann@example.com'");
    EXPECT_EQ(counter("redact.unparsed_statements"), 0U);
}

TEST_F(SessionRedactorTest, ReplacesBoundValuesInBothFormats) {
    client(fe::parse("s", "update users set email = $1, note = $2 where ssn = $3::int4", {25, 25, 23}));
    EXPECT_EQ(bound({"ann@example.com", "note", "4711"}, "s"),
              token("ann@example.com") + "|note|" + token("4711") + "|");
    EXPECT_EQ(bound({std::nullopt, std::nullopt, std::nullopt}, "s"), "NULL|NULL|NULL|");
    const Bytes number("\0\0\x12\x67", 4);
    pgwire::Bind message;
    message.statement = "s";
    message.parameter_formats = {1};
    message.parameters = {"ann@example.com", "note", number};
    const Bytes kept = client(pgwire::encode_frontend(message));
    const auto decoded = std::get<pgwire::Bind>(*pgwire::decode_frontend(testing::view_frame(kept)));
    EXPECT_EQ(decoded.parameters[0], token("ann@example.com"));
    EXPECT_EQ(*decoded.parameters[2], redaction_.tokens().wire(23, 1, number));
    EXPECT_EQ(decoded.parameter_formats, message.parameter_formats);
}

TEST_F(SessionRedactorTest, FailsClosed) {
    EXPECT_EQ(bound({"a secret", "4711"}, "never seen"), token("a secret") + "|" + token("4711") + "|");
    EXPECT_EQ(counter("redact.unknown_statements"), 1U);
    EXPECT_EQ(sql("selec email from users where x = 'secret' and y = 42 -- secret\n"),
              "selec email from users where x = '" + token("secret") + "' and y = " + token("42") + "  \n");
    EXPECT_EQ(sql("selec 'kept'"), "selec 'kept'");
    EXPECT_EQ(counter("redact.unparsed_statements"), 1U);
    EXPECT_EQ(sql("insert into users values (1, 'x y')"),
              "insert into users values (" + token("1") + ", '" + token("x y") + "')");
    client(fe::parse("", "broken insert into t values ($1)"));
    EXPECT_EQ(bound({"secret"}), token("secret") + "|");
    EXPECT_EQ(sql("do $$ begin update users set email = 'secret'; end $$"),
              "do $$ begin update users set email = '" + token("secret") + "'; end $$");
    EXPECT_EQ(sql("create table users (email varchar(20) default 'secret')"),
              "create table users (email varchar(20) default '" + token("secret") + "')");
    EXPECT_EQ(counter("redact.opaque_statements"), 2U);
    client(fe::parse("s", "select 1 where 1 = $1"));
    session_.some_missed();
    EXPECT_EQ(bound({"secret"}, "s"), token("secret") + "|");
}

TEST_F(SessionRedactorTest, FollowsPreparedStatementsOfSql) {
    EXPECT_EQ(sql("prepare p(text, int) as update users set email = $1 where id = $2"),
              "prepare p(text, int) as update users set email = $1 where id = $2");
    EXPECT_EQ(sql("execute p('ann', 7)"), "execute p('" + token("ann") + "', 7)");
    EXPECT_EQ(sql("execute q('ann', 7)"), "execute q('" + token("ann") + "', " + token("7") + ")");
    EXPECT_EQ(counter("redact.unknown_statements"), 1U);
}

TEST_F(SessionRedactorTest, ReadsBackslashesAsTheServerDoes) {
    session_.setting("standard_conforming_strings", "off");
    EXPECT_EQ(sql("update users set email = 'o\\'neil', note='a\\nb'"),
              "update users set email = '" + token("o'neil") + "', note=E'a\\nb'");
    server(be::parameter("standard_conforming_strings", "on"));
    EXPECT_EQ(sql("update users set email = 'a\\'"), "update users set email = '" + token("a\\") + "'");
}

TEST_F(SessionRedactorTest, ReplacesCellsByNameAndByWhatTheStatementSays) {
    sql("select id, email from users");
    EXPECT_EQ(row({{"id"}, {"email"}}, {"1", "ann"}), be::row({"1", token("ann")}));
    sql("select lower(email), email as e, count(email), note from users");
    EXPECT_EQ(row({{"lower"}, {"e"}, {"count", 20}, {"note"}}, {"ann", "ann", "3", "n"}),
              be::row({token("ann"), token("ann"), "3", "n"}));
    sql("select email || '!', 1 as one from users");
    EXPECT_EQ(row({{"?column?"}, {"one", 23}}, {"ann!", "1"}), be::row({token("ann!"), "1"}));
    sql("select email from orders");
    EXPECT_EQ(row({{"email"}}, {"ann"}), be::row({"ann"}));
    sql("explain select 1 from users where email = 'ann'");
    EXPECT_EQ(row({{"QUERY PLAN"}}, {"Filter: ann"}), be::row({token("Filter: ann")}));
    sql("select o.email, u.* from orders o, users u");
    EXPECT_EQ(row({{"email"}, {"email"}}, {"ann", "bob"}), be::row({token("ann"), token("bob")}));
    sql("select 1");
    EXPECT_EQ(row({{"?column?", 23}}, {"1"}), be::row({"1"}));
    EXPECT_EQ(row({{"ssn", 20}}, {std::nullopt}), be::row({std::nullopt}));
    EXPECT_EQ(server(be::row({"secret"})), be::row({token("secret")}));
    EXPECT_EQ(counter("redact.rows_without_description"), 1U);
}

TEST_F(SessionRedactorTest, ReplacesRowsAsWholes) {
    const Bytes whole = "(1,ann@example.com,123)";
    sql("select u as one, id + 1 as two, count(*) from users u group by 1, 2");
    EXPECT_EQ(row({{"one", 2249}, {"two", 23}, {"count", 20}}, {whole, "2", "3"}), be::row({token(whole), "2", "3"}));
    EXPECT_EQ(counter("redact.computed_columns"), 1U);
    sql("select jsonb_agg(users) from users");
    const Bytes kept = row({{"jsonb_agg", 3802}}, {R"([{"email": "ann@example.com"}])"});
    EXPECT_EQ(kept, be::row({"\"" + token(R"(document [{"email": "ann@example.com"}])") + "\""}));
    sql("select e.* from users u, json_each_text(row_to_json(u)) e");
    EXPECT_EQ(row({{"key"}, {"value"}}, {"email", "ann"}), be::row({token("email"), token("ann")}));
    sql("select * from users as k(a, b, c)");
    EXPECT_EQ(row({{"a"}, {"b"}, {"c"}}, {"x", "ann", "y"}), be::row({token("x"), token("ann"), token("y")}));
    sql("select o as one from orders o");
    EXPECT_EQ(row({{"one", 2249}}, {"(1)"}), be::row({token("(1)")}));  // which may have an ssn
    EXPECT_EQ(sql("select 1 from users where users = row(1, 'ann')::users or '(ann)'::users is null"),
              "select 1 from users where users = row(" + token("1") + ", '" + token("ann") + "')::users or '" +
                  token("(ann)") + "'::users is null");
    EXPECT_EQ(sql("select 'new'::state, users.id from users"), "select 'new'::state, users.id from users");
    EXPECT_EQ(sql("select id from users join (select 'ann' as email) v using (email)"),
              "select id from users join (select '" + token("ann") + "' as email) v using (email)");
}

TEST_F(SessionRedactorTest, KeepsToTheExchangeAndItsPortals) {
    client(fe::parse("s", "select max(email) as top from users") + fe::bind("p", "s") + fe::execute("p"));
    const std::vector<be::Column> top{{"top"}};
    EXPECT_EQ(row(top, {"ann"}), be::row({token("ann")}));
    ++ordinal_;
    client(fe::parse("t", "select 1 as top") + fe::bind("", "t") + fe::execute());
    EXPECT_EQ(row(top, {"ann"}), be::row({"ann"}));
    ++ordinal_;
    client(fe::execute("p"));
    EXPECT_EQ(row(top, {"ann"}), be::row({token("ann")}));
    sql("declare c cursor for select email as e from users");
    sql("fetch 5 from c");
    EXPECT_EQ(row({{"e"}}, {"ann"}), be::row({token("ann")}));
}

TEST_F(SessionRedactorTest, RewritesCopyDataOfBothSides) {
    sql("copy users (id, email) from stdin");
    EXPECT_EQ(client(fe::copy_data("1\tann") + fe::copy_data("@example.com\n2\t\\N\n3\ta\\tb")),
              fe::copy_data("") + fe::copy_data("1\t" + token("ann@example.com") + "\n2\t\\N\n"));
    EXPECT_EQ(client(fe::copy_done()), fe::copy_data("3\t" + token("a\tb")) + fe::copy_done());
    sql("copy (select email, id from users) to stdout with (format csv, header)");
    EXPECT_EQ(server(be::copy_data("email,id\n")), be::copy_data("email,id\n"));
    EXPECT_EQ(server(be::copy_data("\"a \"\"b\"\"\",1\n")), be::copy_data("\"" + token("a \"b\"") + "\",1\n"));
    EXPECT_EQ(client(fe::copy_data("nobody announced\n")), fe::copy_data(token("nobody announced") + "\n"));
    EXPECT_EQ(counter("redact.unknown_copy_data"), 1U);
}

TEST_F(SessionRedactorTest, RewritesKeysInErrorDetails) {
    pgwire::ErrorResponse error;
    error.fields = {{'C', "23505"}, {'t', "users"}, {'D', "Key (email)=(ann@example.com) already exists."}};
    const Bytes kept = server(pgwire::encode_backend(pgwire::BackendMessage(error)));
    const auto fields = pgwire::decode_server_fields(BytesView(kept).substr(5));
    EXPECT_EQ(pgwire::field(*fields, 'D'), "Key (email)=(" + token("ann@example.com") + ") already exists.");
}

class CatalogRedactionTest : public SessionRedactorTest {
protected:
    CatalogRedactionTest() : SessionRedactorTest({"users.email"}, &catalog()) {}
    static const catalog::Catalog& catalog() {
        static const catalog::Catalog value = users_catalog();
        return value;
    }
};

TEST_F(CatalogRedactionTest, KnowsColumnsByTheirPlace) {
    EXPECT_EQ(sql("insert into users values (1, 'x y', 2)"), "insert into users values (1, '" + token("x y") + "', 2)");
    sql("copy users from stdin");
    EXPECT_EQ(client(fe::copy_data("1\tann\t2\n")), fe::copy_data("1\t" + token("ann") + "\t2\n"));
    pgwire::RowDescription description;
    description.columns = {{"renamed", 100, 3, 25, -1, -1, 0}, {"email", 200, 1, 25, -1, -1, 0}};
    const Bytes body = pgwire::encode_backend(pgwire::BackendMessage(description)).substr(5);
    EXPECT_EQ(server(be::row({"ann", "ann"}), body), be::row({token("ann"), "ann"}));
    EXPECT_EQ(sql("select 1 from people where email = 'ann'"),
              "select 1 from people where email = '" + token("ann") + "'");
    EXPECT_EQ(sql("select 1 from notes where email = 'ann'"), "select 1 from notes where email = 'ann'");
}

TEST_F(CatalogRedactionTest, KnowsWhichRowsHoldRuledColumns) {
    sql("select n as one, u as two from notes n, users u");
    EXPECT_EQ(row({{"one", 2249}, {"two", 2249}}, {"(a)", "(b)"}), be::row({"(a)", token("(b)")}));
    EXPECT_EQ(sql("select 1 from users u(a, b, c) where a = 1 and b = 'ann' and c = 2"),
              "select 1 from users u(a, b, c) where a = 1 and b = '" + token("ann") + "' and c = 2");
}

TEST_F(CatalogRedactionTest, RewritesBinaryCopiesByType) {
    const Bytes head("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    const Bytes id("\0\2\0\0\0\4\0\0\0\1", 10);
    sql("copy users (id, email) from stdin binary");
    const auto field = [](const Bytes& text) {
        Bytes out;
        ByteWriter(out).u32(static_cast<std::uint32_t>(text.size()));
        return out + text;
    };
    const Bytes end("\xff\xff", 2);
    EXPECT_EQ(client(fe::copy_data(head + id) + fe::copy_data(field("ann") + end)),
              fe::copy_data(head) + fe::copy_data(id + field(token("ann")) + end));
}

/// However the data is cut, it becomes the same.
TEST_F(SessionRedactorTest, CopyDataMayBeCutAnywhere) {
    const Bytes csv = "1,\"a\nb\"\"c\",x\r\n2,,\n3,plain,\"q\"\n\\.\n";
    const auto run = [&](std::size_t piece) {
        sql("copy users (id, email, note) from stdin csv");
        Bytes data;
        for (std::size_t at = 0; at < csv.size(); at += piece) {
            data += client(fe::copy_data(csv.substr(at, piece))).substr(5);
        }
        const Bytes last = client(fe::copy_done());
        return data + (last.size() > 5 ? last.substr(5, last.size() - 10) : Bytes());
    };
    const Bytes whole = run(csv.size());
    EXPECT_EQ(whole, "1,\"" + token("a\nb\"c") + "\",x\r\n2,,\n3," + token("plain") + ",\"q\"\n\\.\n");
    for (std::size_t piece = 1; piece < csv.size(); ++piece) EXPECT_EQ(run(piece), whole) << piece;
}

}  // namespace
}  // namespace understudy::capture
