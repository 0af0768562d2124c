#include "core/exchange/transcriber.hpp"

#include <gmock/gmock.h>

#include "core/base/byte_reader.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy {
namespace {

using testing::at_ms;
using testing::Dialogue;
using ::testing::HasSubstr;
using testing::view_frame;
namespace be = testing::be;
namespace fe = testing::fe;

const Bytes kAnswer = be::parsed_and_bound() + be::complete("SELECT 1") + be::ready();

TEST(Transcriber, RequestsAreCutByExchangeAndArrival) {
    Dialogue talk;
    talk.client(fe::parse("", "a") + fe::bind("", ""))
        .client(fe::execute() + fe::sync() + fe::query("b"))
        .server(kAnswer);
    talk.server(be::complete("B") + be::ready());
    EXPECT_EQ(talk.transcribe(),
              "> 0.0 PB seen 0.0\n"
              "> 0.2 ES seen 0.0\n"
              "> 1.0 Q seen 0.0\n"
              "< 0.0 Parse+ Bind+ Execute+{SELECT 1} ready I\n"
              "< 1.0 Statement+{B} ready I\n");
}

TEST(Transcriber, ResponsesAreCutByArrivalToo) {
    Dialogue talk;
    talk.client(fe::query("a; b"))
        .server(be::complete("A"))
        .server(be::notice("n"))
        .server(be::complete("B"))
        .server(be::ready('T'));
    EXPECT_EQ(talk.transcribe(),
              "> 0.0 Q seen 0.0\n"
              "< 0.0 Statement+{A}\n"
              "< 0.1 Statement+{B;notice n}\n"
              "< 0.0 ready T\n");
}

TEST(Transcriber, FramesAndTimesAreKept) {
    const Bytes sent = fe::unnamed("select 1") + fe::flush();
    Dialogue talk;
    talk.client(sent).server(be::parsed_and_bound() + be::complete("A"));
    const std::vector<Event> events = talk.events();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(std::get<Request>(events[0]).frames, sent);
    EXPECT_EQ(std::get<Request>(events[0]).time, at_ms(1));
    EXPECT_EQ(std::get<Response>(events[1]).results.at(2).first, at_ms(2));
    EXPECT_EQ(std::get<Response>(events[1]).results.at(2).end, at_ms(2));
    EXPECT_FALSE(std::get<Response>(events[1]).ready.known());
}

TEST(Transcriber, SeenCountsFlushedAnswersOnly) {
    Dialogue talk;
    talk.client(fe::unnamed("a"))
        .server(be::parsed_and_bound())
        .client(fe::flush());  // it left by itself: the buffer was full
    talk.server(be::complete("A")).client(fe::unnamed("b") + fe::sync()).client(fe::query("c")).server(kAnswer);
    talk.client(fe::query("d"));
    EXPECT_EQ(talk.transcribe({ResultsPolicy::full, false, false}),
              "> 0.0 PBE seen 0.0\n"
              "< 0.0 Parse+ Bind+\n"
              "> 0.3 H seen 0.0\n"
              "< 0.2 Execute+{A}\n"
              "> 0.3 PBES seen 0.3\n"  // the Flush asked for the Execute's answer, and so for what comes before it
              "> 1.0 Q seen 0.3\n"
              "< 0.3 Parse+ Bind+ Execute+{SELECT 1} ready I\n"
              "> 2.0 Q seen 1.0\n");
}

TEST(Transcriber, CopyInMarksItsDataAsSentAfterTheCall) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(fe::copy_data("12\n") + fe::copy_data("3\n")).client(fe::copy_done() + fe::sync());
    talk.server(be::complete("COPY 2") + be::ready());
    EXPECT_EQ(talk.transcribe(),
              "> 0.0 PBES seen 0.0\n"
              "< 0.0 Parse+ Bind+\n"
              "> 0.2 dd seen 0.2 copy\n"
              "> 0.2 cS seen 0.2 copy\n"
              "< 0.2 Execute+{COPY 2;copy 2 5} ready I\n");
}

TEST(Transcriber, SkippedStepsAreRecordedAfterTheirRequest) {
    Dialogue talk;
    talk.client(fe::parse("", "bad") + fe::flush()).server(be::error("42601", "no"));
    talk.client(fe::bind("", "") + fe::execute() + fe::query("q") + fe::sync()).server(be::ready());
    EXPECT_EQ(talk.transcribe(),
              "> 0.0 PH seen 0.0\n"
              "< 0.0 Parse!{42601 no}\n"
              "> 0.1 BEQ seen 0.1\n"
              "< 0.1 Bind- Execute- Statement- ready -\n"
              "> 1.0 S seen 1.0\n"
              "< 1.0 ready I\n");
}

TEST(Transcriber, LateMessagesBelongToTheLastStepOrTheSync) {
    Dialogue together;
    together.client(fe::query("set"))
        .server(be::complete("SET") + be::parameter("TimeZone", "UTC") + be::notification("c") + be::ready());
    EXPECT_EQ(together.transcribe(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SET;TimeZone=UTC;notify c} ready I\n");
    Dialogue apart;
    apart.client(fe::unnamed("set") + fe::sync()).server(be::parsed_and_bound() + be::complete("SET"));
    apart.server(be::parameter("TimeZone", "UTC")).server(be::ready());
    EXPECT_EQ(apart.transcribe(),
              "> 0.0 PBES seen 0.0\n< 0.0 Parse+ Bind+ Execute+{SET}\n< 0.3 Sync+{TimeZone=UTC} ready I\n");
    Dialogue cut = apart;  // the connection ends before ReadyForQuery
    cut.client(fe::unnamed("set") + fe::sync())
        .server(be::parsed_and_bound() + be::complete("SET") + be::parameter("a", "b"));
    cut.client(fe::unnamed("x") + fe::sync());
    EXPECT_EQ(cut.transcribe(), apart.transcribe() +
                                    "> 1.0 PBES seen 1.0\n< 1.0 Parse+ Bind+ Execute+{SET}\n> 2.0 PBES seen 1.3\n"
                                    "< 1.3 Sync+{a=b}\n< 2.0 Parse* Bind* Execute*\n");
}

TEST(Transcriber, WhatIsPendingAtTheEndIsUnanswered) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync() + fe::query("b")).server(be::parse_complete());
    const std::vector<Event> events = talk.events();
    std::vector<StepOutcome> outcomes;
    for (const Event& event : events) {
        if (const auto* response = std::get_if<Response>(&event)) {
            for (const StepResult& result : response->results) outcomes.push_back(result.outcome);
        }
    }
    EXPECT_EQ(outcomes, (std::vector<StepOutcome>{StepOutcome::complete, StepOutcome::unanswered,
                                                  StepOutcome::unanswered, StepOutcome::unanswered}));
}

TEST(Transcriber, UnresolvedNamesInJoinedSessionsOnly) {
    Dialogue talk;
    talk.client(fe::bind("p", "s") + fe::execute("p") + fe::sync())
        .client(fe::parse("s", "a") + fe::bind("p", "s") + fe::sync());
    talk.client(fe::execute("q") + fe::sync())
        .client(fe::describe_statement("s") + fe::describe_statement("t") + fe::sync());
    talk.client(fe::close_statement("s") + fe::bind("", "s") + fe::sync());
    EXPECT_EQ(talk.transcribe({ResultsPolicy::full, true, false}),
              "> 0.0 BES seen 0.0 unresolved\n> 1.0 PBS seen 0.0\n> 2.0 ES seen 0.0 unresolved\n"
              "> 3.0 DDS seen 0.0 unresolved\n> 4.0 CBS seen 0.0 unresolved\n");
    EXPECT_EQ(talk.transcribe({ResultsPolicy::full, false, false}).find("unresolved"), std::string::npos);
}

TEST(Transcriber, UnresolvedNamesAfterLostClientBytes) {
    Dialogue talk;
    talk.client(fe::parse("known", "a") + fe::sync())
        .client_gap()
        .client(fe::bind("", "known") + fe::bind("", "lost") + fe::sync());
    EXPECT_EQ(talk.transcribe({ResultsPolicy::full, false, false}),
              "> 0.0 PS seen 0.0\ngap client 1\n> 1.0 BBS seen 0.0 unresolved\n");
}

TEST(Transcriber, AMessageLongerThanARequestComesInPieces) {
    const Bytes data = fe::copy_data(Bytes(2 * Transcriber::kMaxRequestBytes, 'x'));
    Dialogue talk;
    talk.client(fe::query("copy")).server(be::copy_in()).client(fe::copy_data("y") + data + fe::copy_done());
    Bytes joined;
    std::vector<std::size_t> sizes;
    for (const Event& event : talk.events({ResultsPolicy::full, false, false})) {
        const auto* request = std::get_if<Request>(&event);
        if (request == nullptr || request->frames[0] == 'Q') continue;
        EXPECT_EQ(request->ordinal.value(), 0U);
        joined += request->frames;
        sizes.push_back(request->frames.size());
    }
    EXPECT_EQ(joined, fe::copy_data("y") + data + fe::copy_done());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{6, Transcriber::kMaxRequestBytes, Transcriber::kMaxRequestBytes, 10}));
}

TEST(Transcriber, ARequestThatWouldGrowTooLargeIsCutBetweenMessages) {
    const Bytes half = fe::query(Bytes(Transcriber::kMaxRequestBytes / 2, 'x'));
    const Bytes parse = fe::parse("", Bytes(Transcriber::kMaxRequestBytes / 2, 'x'));
    Dialogue talk;
    talk.client(parse + parse + half);
    std::vector<std::uint32_t> steps;
    for (const Event& event : talk.events({ResultsPolicy::full, false, false})) {
        const Request& request = std::get<Request>(event);
        EXPECT_EQ(testing::split_frames(request.frames).size(), 1U);
        steps.push_back(request.step.value());
    }
    EXPECT_EQ(steps, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Transcriber, FullPolicyHandsOutRowParts) {
    const Bytes row = be::row({Bytes(ResultBuilder::kMaxKeptBytes / 4, 'r')});
    Dialogue talk;
    talk.client(fe::query("select"))
        .server(be::row_description({{"a"}}) + row + row + row + row + row + be::complete("SELECT 5") + be::ready());
    EXPECT_EQ(talk.transcribe(), "> 0.0 Q seen 0.0\nrows 0.0 4\n< 0.0 Statement+{SELECT 5;rows 5} ready I\n");
    const std::vector<Event> events = talk.events();
    EXPECT_EQ(std::get<Response>(events.at(2)).results.at(0).kept_rows.size(), 1U);
    EXPECT_EQ(std::get<RowPart>(events.at(1)).rows.at(0), row.substr(5));
    EXPECT_EQ(talk.transcribe({ResultsPolicy::sample, false, true}),
              "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 5;rows 5} ready I\n");
}

TEST(Transcriber, AResponseIsBoundedInItsResultsAndRows) {
    Bytes sent;
    Bytes answers;
    for (std::size_t i = 0; i < Transcriber::kMaxResults + 10; ++i) {
        sent += fe::close_portal("p");
        answers += be::close_complete();
    }
    const Bytes row = be::row({Bytes(ResultBuilder::kMaxKeptBytes * 3 / 4, 'r')});
    Dialogue talk;
    talk.client(sent + fe::sync()).server(answers + be::ready()).client(fe::query("a; b; c"));
    talk.server(row + be::complete("A") + row + be::complete("B") + row + be::complete("C") + be::ready());
    std::vector<std::size_t> results;
    for (const Event& event : talk.events()) {
        if (const auto* response = std::get_if<Response>(&event)) results.push_back(response->results.size());
    }
    EXPECT_EQ(results, (std::vector<std::size_t>{Transcriber::kMaxResults, 10, 2, 1}));
}

TEST(Transcriber, NotSentStepsSayWhy) {
    testing::EventList list;
    MessageCounts counts;
    Transcriber transcriber(SessionId(9), testing::test_digester(), ResultsPolicy::digest, false, counts, list);
    transcriber.not_sent(Ordinal(4), StepIndex(2), StepKind::execute, "it has effects outside", at_ms(1));
    ASSERT_EQ(list.events.size(), 1U);
    EXPECT_EQ(testing::text_of(list.events[0]), "< 4.2 Executex{note it has effects outside}");
    EXPECT_EQ(std::get<Response>(list.events[0]).session, SessionId(9));
}

TEST(Transcriber, CountsFramesAndKeepsTheErrorThatEndedTheSession) {
    testing::EventList list;
    MessageCounts counts;
    Transcriber transcriber(SessionId(1), testing::test_digester(), ResultsPolicy::digest, false, counts, list);
    EXPECT_TRUE(transcriber.frontend(view_frame(fe::terminate()), at_ms(1)));
    EXPECT_FALSE(transcriber.frontend(view_frame(Bytes("p\0\0\0\x04", 5)), at_ms(1)));
    EXPECT_EQ(transcriber.backend(view_frame(be::row({"1"})), at_ms(1)), pgwire::Arrival::unexpected);
    EXPECT_EQ(transcriber.unexpected(), 2U);
    EXPECT_FALSE(transcriber.session_error().has_value());
    transcriber.backend(view_frame(be::error("57P01", "terminating connection", "FATAL")), at_ms(2));
    ASSERT_TRUE(transcriber.session_error().has_value());
    EXPECT_EQ(transcriber.session_error()->sqlstate(), "57P01");
    EXPECT_EQ(counts.frontend['X'], 1U);
    EXPECT_EQ(counts.frontend['p'], 1U);
    EXPECT_EQ(counts.backend['D'], 1U);
    EXPECT_EQ(counts.backend['E'], 1U);
    transcriber.backend(view_frame(be::ready('E')), at_ms(3));
    EXPECT_EQ(transcriber.transaction_status(), 'E');
}

TEST(Transcriber, AfterQuietAPipeliningClientIsPairedAgain) {
    testing::EventList list;
    MessageCounts counts;
    Transcriber transcriber(SessionId(1), testing::test_digester(), ResultsPolicy::full, false, counts, list);
    const auto say = [&](bool client, const Bytes& frames, std::int64_t ms) {
        for (const Bytes& frame : testing::split_frames(frames)) {
            if (client) transcriber.frontend(view_frame(frame), at_ms(ms));
            if (!client) transcriber.backend(view_frame(frame), at_ms(ms));
        }
        client ? transcriber.end_of_client_data() : transcriber.end_of_server_data();
    };
    say(true, fe::query("a") + fe::query("b"), 1);
    say(false, be::complete("A") + be::ready() + be::complete("B") + be::ready(), 2);
    say(true, fe::query("c") + fe::query("d"), 3);
    transcriber.gap(false, 10, at_ms(4));
    say(false, be::ready(), 5);
    EXPECT_FALSE(transcriber.tracker().certain());
    say(true, fe::query("e"), 5 + Transcriber::kQuiet.count_ns() / 1'000'000);
    EXPECT_TRUE(transcriber.tracker().certain());
    say(false, be::complete("E") + be::ready(), 6000);
    EXPECT_EQ(testing::text_of(list.events.back()), "< 4.0 Statement+{E} ready I");
}

/// A client need not wait for CopyInResponse; what it sends early is of the same COPY.
TEST(Transcriber, CopyDataBeforeTheServerAskedCounts) {
    Dialogue talk;
    talk.client(fe::query("copy a from stdin") + fe::copy_data("one\n"));
    talk.server(be::copy_in()).client(fe::copy_data("two\n") + fe::copy_done());
    talk.server(be::complete("COPY 2") + be::ready());
    talk.client(fe::query("select 1") + fe::copy_data("ignored\n")).server(be::complete("SELECT 1") + be::ready());
    talk.client(fe::query("copy b from stdin")).server(be::copy_in());
    talk.client(fe::copy_data("x\n") + fe::copy_done()).server(be::complete("COPY 1") + be::ready());
    const std::string text = talk.transcribe();
    EXPECT_THAT(text, HasSubstr("< 0.0 Statement+{COPY 2;copy 2 8} ready I"));
    EXPECT_THAT(text, HasSubstr("< 1.0 Statement+{SELECT 1} ready I"));
    EXPECT_THAT(text, HasSubstr("< 2.0 Statement+{COPY 1;copy 1 2} ready I"));
}

/// The server had failed the COPY while its client was still sending: that data is of the same step.
TEST(Transcriber, DataAndCopyDoneAfterTheCopyFailedBelongToIt) {
    Dialogue talk;
    talk.client(fe::query("copy a from stdin")).server(be::copy_in()).client(fe::copy_data("bad\n"));
    talk.server(be::error("22P02", "bad") + be::ready());
    talk.client(fe::copy_data("more\n") + fe::copy_done());
    talk.client(fe::query("select 1")).server(be::complete("SELECT 1") + be::ready());
    const std::string text = talk.transcribe();
    EXPECT_THAT(text, HasSubstr("> 0.0 dc seen 1.0\n"));
    EXPECT_THAT(text, HasSubstr("< 1.0 Statement+{SELECT 1} ready I"));
}

}  // namespace
}  // namespace understudy
