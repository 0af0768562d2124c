// Lost bytes: nothing may be paired wrongly, and pairing must be sure again as soon as it can be.

#include <gtest/gtest.h>

#include "core/pgwire/response_tracker.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy::pgwire {
namespace {

using testing::Dialogue;
namespace be = testing::be;
namespace fe = testing::fe;

Bytes answer(BytesView tag) { return be::parsed_and_bound() + be::complete(tag) + be::ready(); }

TEST(ResponseTrackerGap, OneExchangeIsLostAndTheNextIsSure) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync())
        .server(be::parse_complete())
        .server_gap()
        .server(be::complete("A") + be::ready());
    talk.client(fe::unnamed("b") + fe::sync()).server(answer("B"));
    EXPECT_EQ(talk.track(), "P0.0+ unexpected:C B0.1? E0.2? Z0=I P1.0+ B1.1+ E1.2+ Z1=I");
    EXPECT_EQ(talk.check_every_gap(), "");
}

TEST(ResponseTrackerGap, LostReadyOfAClientThatWaits) {
    Dialogue talk;
    talk.client(fe::query("a")).server_gap().client(fe::query("b")).server(be::complete("B") + be::ready());
    talk.client(fe::query("c")).server(be::complete("C") + be::ready());
    EXPECT_EQ(talk.track(), "Q0.0? Z0=- Q1.0? Z1=- Q2.0+ Z2=I");
}

TEST(ResponseTrackerGap, AGapWhenNothingIsOwedHarmsNothing) {
    Dialogue talk;
    talk.server_gap().client(fe::query("a")).server(be::complete("A") + be::ready());
    EXPECT_EQ(talk.track(), "Q0.0+ Z0=I");
}

Dialogue pipelining(bool with_gap) {
    Dialogue talk;  // the first exchanges show that the client pipelines
    talk.client(fe::unnamed("w") + fe::sync() + fe::query("x")).server(answer("W") + be::complete("X") + be::ready());
    talk.client(fe::unnamed("a") + fe::sync() + fe::unnamed("b") + fe::sync() + fe::unnamed("c") + fe::sync());
    talk.server(be::parse_complete());
    with_gap ? talk.server_gap() : talk.server(be::bind_complete());
    talk.server(be::complete("A") + be::ready());
    talk.client(fe::unnamed("d") + fe::sync()).server(answer("B") + answer("C") + answer("D"));
    talk.client(fe::query("e")).server(be::complete("E") + be::ready());
    return talk;
}

TEST(ResponseTrackerGap, PipelinedAnswersAreNotGivenToOthers) {
    // The answers of b and c could be those of d, until as many as were owed have come.
    const std::string text = pipelining(true).track();
    EXPECT_EQ(text.find("P5.0+"), std::string::npos) << text;
    EXPECT_NE(text.find("Q6.0+ Z6=I"), std::string::npos) << text;
    EXPECT_EQ(pipelining(false).check_every_gap(11), "");
}

TEST(ResponseTrackerGap, AnErrorAfterAGapBelongsToNobody) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync()).server_gap().server(be::error("23505") + be::ready());
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    EXPECT_EQ(talk.track(), "P0.0? B0.1? E0.2? Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerGap, StatementsOfAQueryThatMayBeMissingAreMarked) {
    Dialogue lost_end;
    lost_end.client(fe::query("a; b")).server(be::complete("A")).server_gap().server(be::ready());
    EXPECT_EQ(lost_end.track(), "Q0.0+ Q0.1? Z0=I");
    Dialogue lost_middle;
    lost_middle.client(fe::query("a; b")).server_gap().server(be::complete("B") + be::ready());
    EXPECT_EQ(lost_middle.track(), "Q0.0? Z0=I");
}

TEST(ResponseTrackerGap, LostClientBytesMakeTheirExchangeIncomplete) {
    Dialogue talk;  // of Parse, Bind, Execute, Bind, Execute, Sync the first three were lost
    talk.client_gap().client(fe::bind("", "") + fe::execute() + fe::sync());
    talk.server(be::parsed_and_bound() + be::complete("A") + be::bind_complete() + be::complete("B") + be::ready());
    talk.client(fe::query("c")).server(be::complete("C") + be::ready());
    const std::string text = talk.track();
    EXPECT_EQ(text.find("E0.1+"), std::string::npos) << text;
    EXPECT_NE(text.find("Q1.0+ Z1=I"), std::string::npos) << text;
}

TEST(ResponseTrackerGap, BothSidesLost) {
    Dialogue talk;  // the server's gap must not hide the client's
    talk.client_gap()
        .server_gap()
        .client(fe::query("b"))
        .server(be::complete("A") + be::ready() + be::complete("B") + be::ready());
    talk.client(fe::query("c")).server(be::complete("C") + be::ready());
    EXPECT_EQ(talk.track(), "Q0.0? Z0=I unexpected:C unexpected:Z Q1.0+ Z1=I");
}

TEST(ResponseTrackerGap, ALostSyncEndsTheDiscarding) {
    Dialogue talk;
    talk.client(fe::parse("", "bad") + fe::flush()).server(be::error("42601")).client_gap().server(be::ready());
    talk.client(fe::query("b"))
        .server(be::complete("B") + be::ready())
        .client(fe::query("c"))
        .server(be::complete("C") + be::ready());
    EXPECT_EQ(talk.track(), "P0.0! Q0.1? Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerGap, AnErrorForALostMessageDoesNotEndTheSession) {
    EXPECT_EQ(Dialogue().client_gap().server(be::error("42601") + be::ready()).track(), "");
    EXPECT_EQ(Dialogue().client_gap().server(be::error("57P01", "bye", "FATAL")).track(), "fatal");
}

TEST(ResponseTrackerGap, LostCopyInResponse) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parse_complete()).server_gap();
    talk.client(fe::copy_data("1\n") + fe::copy_done() + fe::sync()).server(be::complete("COPY 1") + be::ready());
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    EXPECT_EQ(talk.track(), "P0.0+ unexpected:C B0.1? E0.2? S0.3? Z0=- S1.0? Z1=- Q2.0+ Z2=I");
}

TEST(ResponseTrackerGap, QuietTellsThatNothingIsOwed) {
    testing::Dialogue::Options options;
    std::vector<Ending> endings;
    class Listener final : public TrackerListener {
    public:
        explicit Listener(std::vector<Ending>& to) : to_(to) {}
        void on_step_ended(const Pending&, Ending ending) override { to_.push_back(ending); }
        void on_exchange_ended(std::uint32_t, char) override {}

    private:
        std::vector<Ending>& to_;
    } listener(endings);
    ResponseTracker tracker(listener);
    const auto say = [&](const Bytes& frames, bool client) {
        for (const Bytes& frame : testing::split_frames(frames)) {
            if (client) tracker.on_frontend(testing::view_frame(frame));
            if (!client) tracker.on_backend(testing::view_frame(frame));
        }
    };
    say(fe::query("a") + fe::query("b"), true);  // a client that pipelines
    say(be::complete("A") + be::ready() + be::complete("B") + be::ready(), false);
    say(fe::query("c") + fe::query("d"), true);
    tracker.on_quiet();  // means nothing without a gap
    EXPECT_EQ(tracker.pending().size(), 2U);
    tracker.on_frontend_gap();
    tracker.on_quiet();
    EXPECT_TRUE(tracker.certain());
    EXPECT_TRUE(tracker.pending().empty());
    say(fe::query("e"), true);
    say(be::complete("E") + be::ready(), false);
    EXPECT_EQ(endings, (std::vector<Ending>{Ending::complete, Ending::complete, Ending::incomplete, Ending::incomplete,
                                            Ending::complete}));
}

TEST(ResponseTrackerGap, EveryGapInDialoguesOfClientsThatWait) {
    Dialogue talk;
    talk.client(fe::query("a; b"))
        .server(be::row_description({{"x"}}) + be::row({"a"}) + be::complete("A") + be::complete("B") + be::ready());
    talk.client(fe::parse("s", "c") + fe::describe_statement("s") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"c"}}) + be::ready());
    talk.client(fe::bind("", "s") + fe::execute("", 1) + fe::flush());
    talk.server(be::bind_complete() + be::row({"c"}) + be::portal_suspended());
    talk.client(fe::execute() + fe::sync()).server(be::error("22012", "c fails") + be::ready());
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(fe::copy_data("1\n") + fe::copy_done() + fe::sync()).server(be::complete("COPY 1") + be::ready());
    talk.client(fe::parse("", "bad") + fe::flush())
        .server(be::error("42601", "bad"))
        .client(fe::query("d") + fe::sync());
    talk.server(be::ready()).client(fe::function_call(1)).server(be::function_result("f") + be::ready());
    talk.client(fe::query("g"))
        .server(be::copy_out() + be::copy_data("g") + be::copy_done() + be::complete("COPY 7") + be::ready());
    EXPECT_EQ(talk.check_every_ending(), "");
    EXPECT_EQ(talk.check_every_gap(), "");
}

}  // namespace
}  // namespace understudy::pgwire
