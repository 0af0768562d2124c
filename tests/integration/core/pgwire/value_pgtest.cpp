// The canonical and the displayed form of values, judged by a real server: each value is asked for in text
// and in binary.

#include "tests/support/value_against_server.hpp"

namespace understudy::pgwire {
namespace {

TEST_F(ValueAgainstServer, integers_and_booleans) {
    compare_literals("boolean", {"t", "f"});
    compare_literals("smallint", {"-32768", "-1", "0", "32767"});
    compare_literals("integer", {"-2147483648", "0", "2147483647"});
    compare_literals("bigint", {"-9223372036854775808", "0", "9223372036854775807"});
    compare_literals("oid", {"0", "4294967295"});
    compare_series("(random() * 2e18 - 1e18)::bigint");
}

TEST_F(ValueAgainstServer, floats) {
    const std::vector<std::string> special{"0",      "-0",       "NaN",      "Infinity", "-Infinity", "1e15",
                                           "1e14",   "123456.7", "1e-4",     "1e-5",     "0.1",       "1e6",
                                           "999999", "1e5",      "16777216", "33554434"};
    compare_literals("float8", special);
    compare_literals("float4", special);
    compare_literals("float8", {"5e-324", "1.7976931348623157e308", "2.2250738585072014e-308", "1e22", "1e23",
                                "18014398509481988", "9007199254740993", "123456789012345680"});
    compare_literals("float4", {"1e-45", "3.4028235e38", "1.17549435e-38", "67108868", "134217736"});
    compare_series("(random() - 0.5) * power(10, (i % 600) - 300)");
    compare_series("((random() - 0.5) * power(10, (i % 70) - 35))::float4");
    compare_series("power(2::float8, i % 2000 - 1000) * (1 + i % 3)");
    compare_series("power(2::float8, i % 240 - 120)::float4 * (1 + i % 3)::float4");
    // Whole numbers above 2^53 and 2^24: decimals that lie halfway between two floats are frequent here.
    compare_series("(random() * 1e19)::float8::numeric(20)::float8");
    compare_series("9007199254740992::float8 * (2 + i % 64) + 4 * i");
    compare_series("(16777216 * (1 + i % 32) + 2 * i)::float4");
}

TEST_F(ValueAgainstServer, numerics) {
    compare_literals("numeric",
                     {"0", "0.000", "-0.1", "1.50", "10000", "9999", "0.0001", "0.00001", "-12345678901234567890.5",
                      "1e1000", "1e-1000", "1e131071", "NaN", "Infinity", "-Infinity"});
    compare_series("((random() - 0.5) * 1e6)::numeric * power(10::numeric, i % 60 - 30)");
    compare_series("round((random() * 1e12)::numeric, i % 20)");
}

TEST_F(ValueAgainstServer, texts) {
    const std::vector<std::string> texts{"", "plain", " a b ", "quote\" back\\ brace{}", "ä€😀"};
    for (const char* type : {"text", "varchar(30)", "char(30)", "name", "json", "jsonb"}) {
        if (std::string_view(type).substr(0, 4) == "json") {
            compare_literals(type, {"{\"b\": [1, 2.50, null], \"a\": \"x\"}", "1", "\"\""});
        } else {
            compare_literals(type, texts);
        }
    }
    compare_literals("\"char\"", {"", "x"});
    compare_literals("xml", {"<a>b</a>"});
    int compared = 0;
    compare("select 'literal'", compared);
    EXPECT_EQ(compared, 1);
}

TEST_F(ValueAgainstServer, byteas_and_uuids) {
    compare_literals("bytea", {"", "\\x00ff5c", "\\x5c78"});
    compare_series("sha256(i::text::bytea)");
    compare_series("gen_random_uuid()");
    ask("set bytea_output = 'escape'", 0);
    compare_series("sha256(i::text::bytea)", true);
}

TEST_F(ValueAgainstServer, dates_and_times) {
    compare_literals("date", {"2000-01-01", "1999-12-31", "4714-11-24 BC", "0001-12-31 BC", "0001-01-01",
                              "5874897-12-31", "10000-01-01", "infinity", "-infinity"});
    compare_literals("time", {"00:00:00", "24:00:00", "23:59:59.999999", "12:00:00.5"});
    compare_literals("timetz", {"00:00:00+00", "24:00:00-15:59", "12:34:56.789+05:30", "01:02:03-00:53:28"});
    compare_literals("timestamp", {"2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC",
                                   "294276-12-31 23:59:59.999999", "infinity", "-infinity"});
    compare_literals("timestamptz", {"4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity"});
    compare_series("date '0001-01-01' + (random() * 4000000 - 1200000)::int");
    compare_series("time '00:00' + random() * interval '1 day'");
    compare_series("timestamp '2000-01-01' + (random() - 0.5) * interval '8000 years'");
    compare_series("timestamptz '2000-01-01' + (random() - 0.5) * interval '200 years'");
}

TEST_F(ValueAgainstServer, instants_of_every_zone_have_one_canonical_form) {
    for (const char* zone : {"Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "Pacific/Chatham", "<far>-15:59"}) {
        ask(std::string("set timezone = '") + zone + "'", 0);
        // Up to the first years of our era, when the zones' offsets had seconds.
        compare_series("timestamptz '2000-01-01' + (random() - 0.9) * interval '2500 years'", true);
        int compared = 0;
        for (const char* instant : {"4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "-infinity"}) {
            compare(std::string("select timestamptz '") + instant + "'", compared, true);
        }
        EXPECT_EQ(compared, 3);
    }
}

TEST_F(ValueAgainstServer, intervals) {
    compare_literals("interval",
                     {"0", "1 year", "-1 year", "1 mon -1 day", "-1 mon 1 day 1 sec", "-1 sec", "1 day -0.5 sec",
                      "-178000000 years", "178000000 years", "2147483647 days", "-00:00:00.000001", "100 hours",
                      "-1 day 100 hours", "1 year 2 mons 3 days 04:05:06.789"});
    compare_series(
        "make_interval(0, (random() * 100 - 50)::int, 0, (random() * 100 - 50)::int, 0, 0, "
        "random() * 1e6 - 5e5)");
}

TEST_F(ValueAgainstServer, arrays) {
    compare_literals("text[]", {"{}", "{a,NULL,\"\",\"null\",\"a b\",\"{\",\"\\\"\",\"\\\\\",\"a,b\"}", "{{a,b},{c,d}}",
                                "[0:1]={a,b}", "[-2:-1][5:5]={{x},{y}}", "{{{{{{deep}}}}}}"});
    compare_literals("int[]", {"{1,-2,NULL}", "{{1},{2}}"});
    compare_literals("boolean[]", {"{t,f}"});
    compare_literals("numeric[]", {"{1.50,NaN,-Infinity}"});
    compare_literals("float8[]", {"{1e300,0.1,-0,NaN}"});
    compare_literals("float4[]", {"{1e30,0.1}"});
    compare_literals("bytea[]", {"{\"\\\\\\\\x00ff\"}"});
    compare_literals("uuid[]", {"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"});
    compare_literals("date[]", {"{2024-01-15,\"0044-03-15 BC\",infinity}"});
    compare_literals("timestamptz[]", {"{\"2024-01-15 12:00:00+00\"}"});
    compare_literals("timestamp[]", {"{\"2024-01-15 12:00:00.5\"}"});
    compare_literals("timetz[]", {"{12:00:00+05:30}"});
    compare_literals("time[]", {"{12:00:00}"});
    compare_literals("interval[]", {"{\"1 year 2 days\",00:00:01}"});
    compare_literals("jsonb[]", {"{\"{\\\"a\\\": 1}\",1}"});
    compare_literals("json[]", {"{\"{\\\"a\\\":1}\"}"});
    for (const char* type : {"smallint[]", "bigint[]", "oid[]", "varchar[]", "char(3)[]", "name[]", "\"char\"[]"}) {
        compare_literals(type, {"{1,2,NULL}"});
    }
}

TEST_F(ValueAgainstServer, names_of_builtin_types) {
    const Answer types = ask("select oid, format_type(oid, null) from pg_type where oid < 16384", 0);
    int named = 0;
    for (int row = 0; row < PQntuples(types.get()); ++row) {
        const BytesView name =
            builtin_type_name(static_cast<std::uint32_t>(std::stoul(PQgetvalue(types.get(), row, 0))));
        if (name.empty()) continue;
        EXPECT_EQ(name, PQgetvalue(types.get(), row, 1));
        ++named;
    }
    EXPECT_GT(named, 100);
}

}  // namespace
}  // namespace understudy::pgwire
