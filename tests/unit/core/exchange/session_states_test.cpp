#include "core/exchange/session_states.hpp"

#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy {
namespace {

namespace fe = testing::fe;

constexpr SessionId kOne(1);
Timestamp at(int ms) { return Timestamp::from_ns(1'700'000'000'000'000'000 + std::int64_t{ms} * 1'000'000); }

SessionState ready_state(SessionId session = kOne) {
    SessionState state;
    state.session = session;
    state.time = at(0);
    state.complete = true;
    state.identity.user = "shop";
    state.settings = {{"TimeZone", "UTC"}};
    state.transaction_status = 'I';
    return state;
}

StepResult done(StepKind kind, Bytes tag = {}, StepOutcome outcome = StepOutcome::complete) {
    StepResult result;
    result.kind = kind;
    result.outcome = outcome;
    result.command_tag = std::move(tag);
    result.end = at(1);
    return result;
}

/// A session that is fed with whole exchanges.
class SessionStatesTest : public ::testing::Test {
protected:
    void SetUp() override { states_.on_event(ready_state()); }
    void ask(const Bytes& frames, std::uint32_t step = 0) {
        Request request;
        request.session = kOne;
        request.ordinal = Ordinal(ordinal_);
        request.step = StepIndex(step);
        request.time = at(1);
        request.frames = frames;
        states_.on_event(request);
    }
    void answer(std::vector<StepResult> results, char status = 'I', std::uint32_t first = 0) {
        Response response;
        response.session = kOne;
        response.ordinal = Ordinal(ordinal_++);
        response.first_step = StepIndex(first);
        response.results = std::move(results);
        response.transaction_status = status;
        response.ready = at(2);
        states_.on_event(response);
    }
    void exchange(const Bytes& frames, std::vector<StepResult> results) {
        ask(frames);
        answer(std::move(results));
    }
    void prepare(BytesView name, BytesView sql, std::vector<std::uint32_t> types = {}) {
        exchange(fe::parse(name, sql, std::move(types)) + fe::sync(), {done(StepKind::parse)});
    }
    SessionState state() { return states_.state_of(kOne, at(9)).value(); }
    std::vector<Bytes> names() {
        std::vector<Bytes> names;
        for (const PreparedStatement& statement : state().statements) names.push_back(statement.name);
        return names;
    }
    using Names = std::vector<Bytes>;

    SessionStates states_;
    std::uint32_t ordinal_ = 0;
};

TEST_F(SessionStatesTest, KnowsWhatWasPreparedWithItsTypes) {
    prepare("s1", "select $1", {23});
    prepare("s2", "select 2");
    const SessionState now = state();
    ASSERT_EQ(now.statements.size(), 2U);
    EXPECT_EQ(now.statements[0], (PreparedStatement{"s1", "select $1", {23}}));
    EXPECT_EQ(now.statements[1].sql, "select 2");
    EXPECT_TRUE(now.complete);
    EXPECT_EQ(now.next_ordinal, Ordinal(2));
    EXPECT_EQ(now.time, at(9));
    EXPECT_EQ(now.identity.user, "shop");
}

TEST_F(SessionStatesTest, AParseThatFailedOrWasSkippedDefinesNothing) {
    exchange(fe::parse("bad", "selekt") + fe::parse("after", "select 1") + fe::sync(),
             {done(StepKind::parse, {}, StepOutcome::error), done(StepKind::parse, {}, StepOutcome::skipped)});
    EXPECT_EQ(names(), Names{});
    EXPECT_TRUE(state().complete);
}

TEST_F(SessionStatesTest, AFailedParseLeavesANamedStatementAndDropsTheUnnamedOne) {
    prepare("s", "select 1");
    prepare("", "select 2");
    EXPECT_EQ(names(), (Names{"", "s"}));
    exchange(fe::parse("s", "select 3") + fe::sync(), {done(StepKind::parse, {}, StepOutcome::error)});
    exchange(fe::parse("", "selekt") + fe::sync(), {done(StepKind::parse, {}, StepOutcome::error)});
    ASSERT_EQ(names(), Names{"s"});
    EXPECT_EQ(state().statements[0].sql, "select 1");
}

TEST_F(SessionStatesTest, TheUnnamedStatementIsReplacedAndDroppedByAQuery) {
    prepare("", "select 1");
    prepare("", "select 2");
    ASSERT_EQ(names(), Names{""});
    EXPECT_EQ(state().statements[0].sql, "select 2");
    exchange(fe::query("select 3"), {done(StepKind::statement, "SELECT 1")});
    EXPECT_EQ(names(), Names{});
}

TEST_F(SessionStatesTest, CloseDropsAStatementButNotForAPortal) {
    prepare("s", "select 1");
    exchange(fe::close_portal("s") + fe::sync(), {done(StepKind::close)});
    EXPECT_EQ(names(), Names{"s"});
    exchange(fe::close_statement("s") + fe::sync(), {done(StepKind::close)});
    EXPECT_EQ(names(), Names{});
}

TEST_F(SessionStatesTest, SimpleQueriesDeallocateAndPrepare) {
    prepare("a", "select 1");
    prepare("Mixed Case", "select 2");
    exchange(
        fe::query("select 1; deallocate /* x */ A; PREPARE q AS select $1::int; ; Deallocate prepare \"Mixed Case\""),
        {done(StepKind::statement, "SELECT 1"), done(StepKind::statement, "DEALLOCATE"),
         done(StepKind::statement, "PREPARE"), done(StepKind::statement, "DEALLOCATE")});
    ASSERT_EQ(names(), Names{"q"});
    EXPECT_EQ(state().statements[0].sql, "select $1::int");
    EXPECT_TRUE(state().complete);
}

TEST_F(SessionStatesTest, AStatementOfAQueryThatFailedHasNoEffect) {
    prepare("a", "select 1");
    exchange(fe::query("deallocate b; deallocate a"), {done(StepKind::statement, {}, StepOutcome::error)});
    EXPECT_EQ(names(), Names{"a"});
}

TEST_F(SessionStatesTest, TypesThatOnlyNamesDeclareAreSaidToBeMissing) {
    exchange(fe::query("prepare q(int, text) as select $1, $2"), {done(StepKind::statement, "PREPARE")});
    EXPECT_EQ(names(), Names{"q"});
    EXPECT_FALSE(state().complete);
    exchange(fe::query("deallocate q"), {done(StepKind::statement, "DEALLOCATE")});
    EXPECT_TRUE(state().complete);
}

TEST_F(SessionStatesTest, DiscardAllDropsAllInEitherProtocol) {
    prepare("a", "select 1");
    exchange(fe::query("DISCARD ALL"), {done(StepKind::statement, "DISCARD ALL")});
    EXPECT_EQ(names(), Names{});
    prepare("a", "select 1");
    exchange(fe::unnamed("deallocate all") + fe::sync(),
             {done(StepKind::parse), done(StepKind::bind), done(StepKind::execute, "DEALLOCATE ALL")});
    EXPECT_EQ(names(), Names{});
    prepare("b", "select 1");
    exchange(fe::query("discard plans"), {done(StepKind::statement, "DISCARD PLANS")});
    EXPECT_EQ(names(), Names{"b"});
}

TEST_F(SessionStatesTest, AnExecutedDeallocateDropsItsName) {
    prepare("a", "select 1");
    prepare("b", "select 1");
    prepare("drop", "DEALLOCATE a");
    exchange(fe::bind("p", "drop") + fe::execute("p") + fe::sync(),
             {done(StepKind::bind), done(StepKind::execute, "DEALLOCATE")});
    EXPECT_EQ(names(), (Names{"b", "drop"}));
    EXPECT_TRUE(state().complete);
}

TEST_F(SessionStatesTest, WithoutTagsTheTextDecides) {  // a log knows no tags
    prepare("a", "select 1");
    prepare("b", "select 1");
    exchange(fe::query("deallocate a"), {done(StepKind::statement)});
    EXPECT_EQ(names(), Names{"b"});
    exchange(fe::query("deallocate all"), {done(StepKind::statement)});
    EXPECT_EQ(names(), Names{});
}

TEST_F(SessionStatesTest, ADeallocateThatNobodyCanReadMakesTheStateIncomplete) {
    prepare("a", "select 1");
    exchange(fe::query("select f()"), {done(StepKind::statement, "DEALLOCATE")});
    EXPECT_FALSE(state().complete);
}

TEST_F(SessionStatesTest, WhatIsInFlightCountsAsDone) {
    prepare("taken", "select 1");
    prepare("closed", "select 2");
    ask(fe::parse("new", "select 3") + fe::parse("taken", "select 4") + fe::close_statement("closed") + fe::sync());
    EXPECT_EQ(names(), (Names{"new", "taken"}));
    EXPECT_EQ(state().statements[1].sql, "select 1");
    EXPECT_EQ(state().next_ordinal, Ordinal(3));
    answer({done(StepKind::parse), done(StepKind::parse, {}, StepOutcome::error),
            done(StepKind::close, {}, StepOutcome::skipped)});
    EXPECT_EQ(names(), (Names{"closed", "new", "taken"}));
    EXPECT_TRUE(state().complete);
}

TEST_F(SessionStatesTest, WithoutAnAnswerAStepCountsAsDoneWithADoubt) {
    prepare("taken", "select 1");
    ask(fe::parse("new", "select 3") + fe::parse("taken", "select 4") + fe::sync());
    answer({});
    EXPECT_EQ(names(), (Names{"new", "taken"}));
    EXPECT_EQ(state().statements[1].sql, "select 1");
    EXPECT_FALSE(state().complete);
}

TEST_F(SessionStatesTest, FramesInSeveralRequestsAreJoined) {
    const Bytes frames = fe::parse("s", "select " + Bytes(3000, 'x'), {23}) + fe::sync();
    for (std::size_t i = 0; i < frames.size(); i += 500) ask(frames.substr(i, 500));
    answer({done(StepKind::parse)});
    ASSERT_EQ(names(), Names{"s"});
    EXPECT_EQ(state().statements[0].sql.size(), 3007U);
    EXPECT_EQ(state().statements[0].parameter_types, std::vector<std::uint32_t>{23});
}

TEST_F(SessionStatesTest, SettingsAndTransactionStatusFollowTheAnswers) {
    const std::uint64_t before = states_.revision(kOne);
    ask(fe::query("begin; set timezone to 'Asia/Tokyo'"));
    StepResult set = done(StepKind::statement, "SET");
    set.parameters = {{"TimeZone", "Asia/Tokyo"}, {"application_name", "x"}};
    answer({done(StepKind::statement, "BEGIN"), std::move(set)}, 'T');
    const SessionState now = state();
    EXPECT_EQ(now.transaction_status, 'T');
    ASSERT_EQ(now.settings.size(), 2U);
    EXPECT_EQ(now.settings[0].second, "Asia/Tokyo");
    EXPECT_GT(states_.revision(kOne), before);
}

TEST_F(SessionStatesTest, TheRevisionChangesWithWhatIsPreparedOnly) {
    prepare("s", "select 1");
    const std::uint64_t before = states_.revision(kOne);
    exchange(fe::bind("", "s") + fe::execute() + fe::sync(),
             {done(StepKind::bind), done(StepKind::execute, "SELECT 1")});
    EXPECT_EQ(states_.revision(kOne), before);
    prepare("t", "select 1");
    EXPECT_NE(states_.revision(kOne), before);
}

TEST_F(SessionStatesTest, LostRequestsMakeTheStateIncomplete) {
    states_.on_event(Gap{kOne, at(3), false, 10});
    EXPECT_TRUE(state().complete);
    Gap dropped{kOne, at(3)};
    dropped.exchanges_dropped = 2;
    states_.on_event(dropped);
    EXPECT_FALSE(state().complete);
}

TEST_F(SessionStatesTest, ARepeatedStateAddsWhatItKnows) {
    prepare("s", "select 1");
    SessionState again = ready_state();
    again.complete = false;
    again.identity.user = "known now";
    again.settings = {{"TimeZone", "other"}, {"DateStyle", "ISO"}};
    again.statements = {{"s", "select 'other'", {}}, {"t", "select 2", {25}}};
    states_.on_event(again);
    const SessionState now = state();
    EXPECT_TRUE(now.complete);
    EXPECT_EQ(now.identity.user, "known now");
    EXPECT_EQ(now.settings.size(), 2U);
    EXPECT_EQ(now.settings[0].second, "UTC");
    ASSERT_EQ(now.statements.size(), 2U);
    EXPECT_EQ(now.statements[0].sql, "select 1");
    EXPECT_EQ(now.next_ordinal, Ordinal(1));
}

TEST_F(SessionStatesTest, SessionsComeAndGo) {
    SessionOpened opening;
    opening.session = SessionId(2);
    opening.time = at(0);
    states_.on_event(opening);
    EXPECT_EQ(states_.sessions(), 2U);
    EXPECT_EQ(states_.states(at(1)).size(), 1U);  // the other is still in its start-up
    states_.on_event(ready_state(SessionId(2)));
    ASSERT_EQ(states_.states(at(1)).size(), 2U);
    EXPECT_EQ(states_.states(at(1))[1].session, SessionId(2));
    states_.on_event(SessionClosed{kOne, at(2), SessionEnd::terminate, {}, {}});
    EXPECT_EQ(states_.sessions(), 1U);
    EXPECT_FALSE(states_.state_of(kOne));
}

TEST_F(SessionStatesTest, ASessionThatOnlyTheFileEndedGoesOn) {
    prepare("s", "select 1");
    states_.on_event(SessionClosed{kOne, at(2), SessionEnd::still_open, {}, {}});
    EXPECT_EQ(states_.sessions(), 0U);
    states_.on_event(ready_state());
    EXPECT_EQ(states_.sessions(), 1U);
    EXPECT_EQ(names(), Names{"s"});
}

TEST(SessionStatesLimits, AreCountedAndMakeStatesIncomplete) {
    SessionStates::Limits limits;
    limits.sessions = 2;
    limits.statements = 1;
    limits.text_bytes = 20;
    SessionStates states(limits);
    SessionState first = ready_state();
    first.statements = {{"a", "select 1", {}}, {"b", "select 2", {}}};
    states.on_event(first);
    EXPECT_EQ(states.left_out(), 1U);
    EXPECT_FALSE(states.state_of(kOne)->complete);
    EXPECT_EQ(states.state_of(kOne)->statements.size(), 1U);

    SessionState second = ready_state(SessionId(2));
    second.statements = {{"a", "select 1 and much more than that", {}}};
    states.on_event(second);
    EXPECT_EQ(states.left_out(), 2U);
    EXPECT_FALSE(states.state_of(SessionId(2))->complete);

    states.on_event(ready_state(SessionId(3)));
    EXPECT_EQ(states.left_out(), 3U);
    EXPECT_EQ(states.sessions(), 2U);
    states.on_event(SessionClosed{kOne, at(2), SessionEnd::still_open, {}, {}});
    states.on_event(ready_state(SessionId(3)));  // one that ended makes room
    EXPECT_EQ(states.sessions(), 2U);
    EXPECT_TRUE(states.state_of(SessionId(3)));
}

TEST(SessionStatesLimits, StepsWithoutAnswersAreBounded) {
    SessionStates::Limits limits;
    limits.pending = 3;
    SessionStates states(limits);
    states.on_event(ready_state());
    Request request;
    request.session = kOne;
    for (int i = 0; i < 5; ++i) request.frames += fe::parse("s" + std::to_string(i), "select 1");
    states.on_event(request);
    EXPECT_EQ(states.left_out(), 2U);
    EXPECT_EQ(states.state_of(kOne)->statements.size(), 3U);
    EXPECT_FALSE(states.state_of(kOne)->complete);
}

}  // namespace
}  // namespace understudy
