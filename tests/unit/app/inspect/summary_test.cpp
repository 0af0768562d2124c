#include "app/inspect/summary.hpp"

#include <gtest/gtest.h>

#include "tests/unit/app/inspect/shop_capture.hpp"

namespace understudy::app::inspect {
namespace {

FileReport report() {
    FileReport file;
    file.path = "shop.pgcap";
    file.header = shop_header();
    return file;
}

Summary summarise(const std::vector<Event>& events) {
    Summariser summariser;
    for (const Event& event : events) summariser.on_event(event);
    summariser.end_file(report());
    return summariser.finish();
}

TEST(Summary, JsonHasEveryField) {
    const Json json = to_json(summarise(shop_capture()));
    EXPECT_EQ(json["format_version"], 2);
    EXPECT_EQ(json["what"], "summary");
    EXPECT_EQ(json["complete"], true);
    EXPECT_EQ(json["sessions"], 4) << "the connection of a CancelRequest is none";
    EXPECT_EQ(json["joined_sessions"], 1);
    EXPECT_EQ(json["exchanges"], 6);
    EXPECT_EQ(json["statements"], 4);
    EXPECT_EQ(json["rows"], 2);
    EXPECT_EQ(json["errors"], 2);
    EXPECT_EQ(json["sqlstates"], Json::parse(R"({"28P01": 1, "42703": 1})"));
    EXPECT_EQ(json["first"], "2024-02-29 12:34:56 UTC");
    EXPECT_EQ(json["first_ns"], kStart.ns());
    EXPECT_EQ(json["duration_ms"], 40.0);
    EXPECT_EQ(json["session_ends"],
              Json::parse(R"({"cancel_request":1,"encrypted":1,"refused":1,"terminate":1,"unknown":1})"));
    EXPECT_EQ(json["users"], Json::parse(R"({"eve":1,"shop":1})"));
    EXPECT_EQ(json["databases"], Json::parse(R"({"shopdb":2})"));
    EXPECT_EQ(json["applications"], Json::parse(R"({"psql":1,"web":1})"));
    EXPECT_EQ(json["messages"], Json::parse(R"({"frontend":{"Query":2,"Sync":4},"backend":{"DataRow":2}})"));
    EXPECT_EQ(json["loss"], Json::parse(R"({"bytes_lost":0,"kernel_drops":3})"));
    EXPECT_EQ(json["counters"], Json::parse(R"({"packets.seen":99})"));
    EXPECT_EQ(json["steps"],
              Json::parse(R"({"all":13,"complete":8,"error":1,"skipped":2,"suspended":0,"empty":0,"incomplete":1,
                                             "unanswered":1,"not_sent":0})"));
    EXPECT_EQ(json["quality"]["percent"], 80.0);  // four of web's; one of the joined session is hurt, one still runs
    EXPECT_EQ(json["quality"]["known"], 5);
    EXPECT_EQ(json["quality"]["whole"], 4);
    EXPECT_EQ(json["quality"]["running"], 1);
    EXPECT_EQ(json["quality"]["upper_bound"], true);
    EXPECT_EQ(json["quality"]["doubts"], Json({"3 kernel_drops", "1 encrypted session (TLS or GSS)"}));
    EXPECT_EQ(json["unresolved_requests"], 1);
    EXPECT_EQ(json["gaps"], 1);
    EXPECT_EQ(json["gap_bytes"], 1448);
    EXPECT_EQ(json["cancels"], 1);
    EXPECT_EQ(json["catalogs"], 0);
    EXPECT_EQ(json["left_out"], 0);
    EXPECT_EQ(json["files"][0]["key_id"], "0102fe");
    EXPECT_EQ(json["files"][0]["policy"], "digest");
    EXPECT_EQ(json["files"][0]["system_identifier"], "7000000000000000001");
}

TEST(Summary, OfNothing) {
    const Json json = to_json(summarise({}));
    EXPECT_EQ(json["sessions"], 0);
    EXPECT_EQ(json["quality"]["percent"], 100.0);
    EXPECT_EQ(json["messages"], Json::parse(R"({"frontend":{},"backend":{}})"));
}

TEST(Summary, AddsUpTheCountersOfSeveralFiles) {
    Summariser summariser;
    for (const std::uint64_t drops : {5U, 7U}) {
        summariser.on_event(Counters{{{"loss.kernel_drops", 1}}, {}});
        summariser.on_event(Counters{{{"loss.kernel_drops", drops}}, {}});
        summariser.end_file(report());
    }
    summariser.end_file(report());
    EXPECT_EQ(summariser.finish().loss.values().at("kernel_drops"), 12U);
}

TEST(Summary, OneIncompleteFileMakesItIncomplete) {
    Summariser summariser;
    summariser.end_file(report());
    FileReport damaged = report();
    damaged.damage.bad_chunks = 1;
    summariser.end_file(damaged);
    const Json json = to_json(summariser.finish());
    EXPECT_EQ(json["complete"], false);
    EXPECT_EQ(json["files"][0]["complete"], true);
    EXPECT_EQ(json["files"][1]["complete"], false);
    EXPECT_EQ(json["files"][1]["damage"]["bad_chunks"], 1);
}

TEST(NamedCounts, SumsUpNamesPastItsLimit) {
    NamedCounts counts;
    for (std::size_t i = 0; i < NamedCounts::kMaxNames; ++i) counts.add(std::to_string(i));
    EXPECT_EQ(counts.values().size(), NamedCounts::kMaxNames);
    counts.add("one more");
    counts.add("and another", 2);
    counts.add("0");
    EXPECT_EQ(counts.values().size(), NamedCounts::kMaxNames + 1);
    EXPECT_EQ(counts.values().at("(others)"), 3U);
    EXPECT_EQ(counts.values().at("0"), 2U);
}

TEST(Damage, IsSaidInWords) {
    EXPECT_EQ(damage_text({}), "");
    EXPECT_EQ(damage_text({1, 300, 40, 2, true}),
              "1 damaged chunk left out, 300 bytes skipped up to the next chunk, 40 bytes of a chunk that is "
              "cut off, 2 records of a "
              "kind that this version does not know, no trailer (its writer is still at work, or died)");
}

}  // namespace
}  // namespace understudy::app::inspect
