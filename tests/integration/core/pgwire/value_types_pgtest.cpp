// Types that are made of others, and those beyond numbers, texts and times: both formats against a real server.

#include "tests/support/value_against_server.hpp"

namespace understudy::pgwire {
namespace {

class TypesAgainstServer : public ValueAgainstServer {};

TEST_F(TypesAgainstServer, geometry) {
    compare_literals("point", {"(0,0)", "(-0,1e300)", "(NaN,Infinity)", "(0.1,-1e-300)"});
    compare_literals("line", {"{1,-1,0}", "{0.1,2e10,-3}"});
    compare_literals("lseg", {"[(0,0),(1,1)]", "[(0.1,-2),(1e20,3)]"});
    compare_literals("box", {"(1,1),(0,0)", "(0.1,5),(-3,4)"});
    compare_literals("path", {"((0,0),(1,1),(2,0))", "[(0,0),(1,1)]", "((0.5,0.25))"});
    compare_literals("polygon", {"((0,0),(1,1),(2,0))", "((0.5,0.25))"});
    compare_literals("circle", {"<(0,0),1>", "<(0.1,-2),0>"});
    compare_literals("box[]", {"{(1,1),(0,0);(3,3),(2,2)}", "{}", "{NULL;(3,3),(2,2)}"});
    compare_literals("point[]", {"{\"(1,2)\",NULL}"});
    compare_series("point((random() - 0.5) * power(10, i % 600 - 300), random())");
    compare_series("circle(point(random(), random()), random())");
    compare_series("('(' || array_to_string(array(select point(random(), j) from generate_series(1, 1 + i % 9) j), ',')"
                   " || ')')::polygon");
    ask("set extra_float_digits = 0", 0);
    compare_series("point(i / 8.0, i / 1024.0)", true);
}

TEST_F(TypesAgainstServer, boxes_and_circles_of_equal_area_are_not_the_same) {
    // Their operator = compares areas; what an application reads is the text.
    compare_pairs("select box(point(i % 3, i % 2), point(i % 5 + 3, 4)) from generate_series(1, 20) i",
                  "a::text = b::text");
    compare_pairs("select circle(point(i % 3, i % 4), i % 2 + 1) from generate_series(1, 20) i", "a::text = b::text");
    compare_pairs("select point(i % 3, i % 4 + 1) from generate_series(1, 20) i", "a::text = b::text");
}

TEST_F(TypesAgainstServer, addresses) {
    compare_literals("inet", {"10.0.0.1", "10.1.2.3/8", "0.0.0.0/0", "255.255.255.255/32", "::", "::1", "::1/64",
                              "fe80::1:0:0:1/10", "1:0:0:2::3", "::ffff:1.2.3.4", "::1.2.3.4", "::1:2", "1:2:3:4:5:6:7:8",
                              "1:0:2:0:3:0:4:0", "::ffff:0:0", "0:0:0:0:0:0:8:0", "abcd:ef01::"});
    compare_literals("cidr", {"10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "::/0", "fe80::/10", "::1/128"});
    compare_literals("macaddr", {"08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"});
    compare_literals("macaddr8", {"08:00:2b:01:02:03:04:05"});
    compare_literals("inet[]", {"{10.0.0.1,::1,NULL}"});
    compare_series("'0.0.0.0'::inet + (random() * 4294967295)::bigint");
    // Groups that are zero half the time, for every place of the run of zeros.
    compare_series("(select string_agg(case when random() < 0.6 then '0' else to_hex((random() * 65535)::int) end, ':')"
                   " from generate_series(1, 8 + i * 0))::inet");
    compare_series("('::' || case i % 3 when 0 then 'ffff:' when 1 then '1:' else '' end || to_hex(i) || ':' ||"
                   " to_hex(i % 3))::inet");
    compare_pairs("select set_masklen(inet '10.0.0.0' + i % 4, 24 + i % 3) from generate_series(1, 30) i", "a = b");
}

TEST_F(TypesAgainstServer, bits_and_the_servers_own_numbers) {
    compare_literals("varbit", {"", "1", "10101010", "101010101"});
    compare_literals("bit(5)", {"10110"});
    compare_literals("tid", {"(0,1)", "(4294967295,65535)"});
    compare_literals("xid", {"0", "4294967295"});
    compare_literals("cid", {"7"});
    compare_literals("pg_lsn", {"0/0", "FFFFFFFF/FFFFFFFF", "16/B374D848"});
    compare_literals("xid8", {"0", "18446744073709551615"});
    compare_literals("pg_snapshot", {"10:20:10,14,15", "10:10:"});
    compare_literals("txid_snapshot", {"10:20:10,14,15"});
    compare_literals("oidvector", {"", "1 2 4294967295"});
    compare_literals("int2vector", {"", "-1 2"});
    compare_literals("refcursor", {"", "<unnamed portal 1>"});
    compare_literals("jsonpath", {"$.\"a\"[*]?(@ > 1)"});
    compare_literals("varbit[]", {"{101,NULL,\"\"}"});
    compare_series("(i * 7919)::bit(32)");
    compare_pairs("select (i % 9)::bit(4) from generate_series(1, 30) i", "a = b");
}

TEST_F(TypesAgainstServer, text_search) {
    compare_literals("tsvector", {"", "a", "a:1A,2B,3C,4 b c:16383", "''it''''s'':1 ''back\\\\\\\\slash''", "''a b''"});
    compare_literals("tsquery", {"", "a", "a & b | c", "(a | b) & c", "!(a & b)", "!!a", "a <-> b <2> c", "a <-> (b <-> c)",
                                 "a <-> (b | c)", "(a & b) <-> c", "a:*AB & !b:D", "''it''''s'' | ''a b''",
                                 "!(a <-> b) | (c & (d | e))"});
    compare_series("to_tsvector('simple', repeat('w' || i % 17 || ' v' || i % 5 || ' ', 1 + i % 7))");
    compare_pairs("select to_tsquery('simple', case i % 3 when 0 then 'a' else '!a' end || case i % 2 when 0 then ' & '"
                  " else ' | ' end || 'b' || i % 2) from generate_series(1, 20) i", "a = b");
}

TEST_F(TypesAgainstServer, ranges) {
    compare_literals("int4range", {"empty", "[1,2]", "(,)", "(,5)", "[5,)", "[-2147483648,5]"});
    compare_literals("int8range", {"[1,9223372036854775807)", "empty"});
    compare_literals("numrange", {"[1.50,2)", "(1.5,2.00]", "[-Infinity,NaN]"});
    compare_literals("daterange", {"[2024-01-01,2024-12-31]", "[-infinity,infinity]", "(\"0044-03-15 BC\",)"});
    compare_literals("tsrange", {"[\"2024-01-01 00:00:00\",\"2024-01-01 00:00:00.5\")", "[-infinity,infinity)"});
    compare_literals("tstzrange", {"[\"2024-01-01 00:00:00+00\",)", "empty"});
    compare_literals("int4range[]", {"{\"[1,3)\",empty,NULL}"});
    compare_series("int4range(i - 5, i + i % 7)");
    compare_series("numrange((random() * i)::numeric(20, 4), null, '(]')");
    compare_series("tsrange(null, timestamp '2000-01-01' + random() * interval '90 years', '[]')");
    compare_pairs("select int4range(i % 5, i % 3 + 5, case i % 2 when 0 then '[]' else '[)' end) from"
                  " generate_series(1, 30) i", "a = b");
    for (const char* zone : {"Asia/Kolkata", "America/St_Johns"}) {
        ask(std::string("set timezone = '") + zone + "'", 0);
        compare_series("tstzrange(timestamptz '2000-01-01' + random() * interval '90 years', null)", true);
        compare_series("array[timestamptz '2000-01-01' + random() * interval '90 years', null]", true);
        compare_pairs("select tstzrange(timestamptz '2000-01-01 00:00+00' + i % 5 * interval '1 hour', null) from"
                      " generate_series(1, 20) i", "a = b");
    }
}

TEST_F(TypesAgainstServer, multiranges) {
    compare_literals("int4multirange", {"{}", "{[1,2],[5,6]}", "{(,)}"});
    compare_literals("nummultirange", {"{[1.50,2),(3,4]}"});
    compare_literals("datemultirange", {"{[2024-01-01,2024-02-01),[2025-01-01,)}"});
    compare_literals("int4multirange[]", {"{\"{[1,3),[5,7)}\",\"{}\"}"});
    compare_pairs("select int4multirange(int4range(i % 3, i % 3 + 2), int4range(i % 4 + 1, 9)) from"
                  " generate_series(1, 20) i", "a = b");
    ask("set timezone = 'Asia/Kolkata'", 0);
    compare_series("tstzmultirange(tstzrange(timestamptz '2000-01-01' + random() * interval '90 years', null))", true);
}

TEST_F(TypesAgainstServer, rows_without_a_name) {
    int compared = 0;
    compare("select row(1, null, '', 'a b', 'quo\"te', 'back\\slash', '(x)', 1.50, true)", compared);
    compare("select row()", compared);
    compare("select row(row(1, row('a,b'::text)), array['x y', null], int4range(1, 5), point(1, 2))", compared);
    compare("select array[row(1, 'a'::text), row(2, null)]", compared);
    EXPECT_EQ(compared, 4);
}

TEST_F(TypesAgainstServer, settings_that_print_arrays_in_other_ways) {
    ask("set bytea_output = 'escape'", 0);
    compare_series("array[sha256(i::text::bytea), null, '']", true);
    ask("set extra_float_digits = 0", 0);
    compare_series("array[i / 8.0::float8, null, 'NaN']", true);
    compare_series("array[[(i / 8.0)::float4], [-0]]", true);
}

TEST_F(TypesAgainstServer, what_cannot_be_read_is_said_to_be_bytes) {
    // Money prints by the locale, names of objects are sent as OIDs, which differ between databases.
    for (const char* literal : {"'12.30'::money", "'pg_class'::regclass", "'int4'::regtype"}) {
        const Answer binary = ask(std::string("select ") + literal, 1);
        Bytes scratch;
        const BytesView sent(PQgetvalue(binary.get(), 0, 0), static_cast<std::size_t>(PQgetlength(binary.get(), 0, 0)));
        const auto type = static_cast<std::uint32_t>(PQftype(binary.get(), 0));
        EXPECT_EQ(canonical_value(type, 1, sent, scratch).value_class, ValueClass::opaque_binary) << literal;
    }
}

}  // namespace
}  // namespace understudy::pgwire
