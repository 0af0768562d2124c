#include "compare/analysis/statement_context.hpp"

#include <gtest/gtest.h>

#include "compare/analysis/statement_facts.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace understudy::compare {
namespace {

using namespace pgwire;

Request request(std::uint32_t ordinal, std::uint32_t step, Bytes frames) {
    Request made;
    made.session = SessionId(1);
    made.ordinal = Ordinal(ordinal);
    made.step = StepIndex(step);
    made.frames = std::move(frames);
    return made;
}

Bytes frames(const std::vector<FrontendMessage>& messages) {
    Bytes bytes;
    for (const auto& message : messages) encode_frontend_to(bytes, message);
    return bytes;
}

class Contexts : public ::testing::Test {
protected:
    std::vector<StepContext> ask(std::uint32_t ordinal, const std::vector<FrontendMessage>& messages) {
        std::vector<StepContext> found;
        contexts_.on_request(request(ordinal, 0, frames(messages)), found);
        return found;
    }
    StatementContexts contexts_;
};

TEST_F(Contexts, APreparedStatementIsKnownInLaterExchanges) {
    ask(0, {Parse{"s1", "SELECT $1", {23}}, Sync{}});
    const auto steps = ask(1, {Bind{"p", "s1", {}, {"5"}, {}}, Execute{"p", 0}, Close{Target::portal, "p"}, Sync{}});
    ASSERT_EQ(steps.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(steps[i].text->sql, "SELECT $1");
    EXPECT_EQ(steps[1].portal, steps[0].portal);
    EXPECT_EQ(steps[3].kind, StepKind::sync);
    EXPECT_EQ(ask(2, {Execute{"p", 0}})[0].text, nullptr) << "the portal was closed";
    contexts_.on_closed(SessionId(1));
    EXPECT_EQ(ask(0, {Bind{"", "s1", {}, {}, {}}})[0].text, nullptr);
}

TEST_F(Contexts, StatementsKnownFromTheSessionsState) {
    SessionState state;
    state.session = SessionId(1);
    state.statements.push_back({"s9", "TABLE t", {}});
    contexts_.on_state(state);
    EXPECT_EQ(ask(0, {Bind{"", "s9", {}, {}, {}}})[0].text->sql, "TABLE t");
}

TEST_F(Contexts, EqualNamedStatementsShareTheirText) {
    const auto first = ask(0, {Parse{"s", "SELECT 1", {}}});
    Request other = request(0, 0, frames({Parse{"s", "SELECT 1", {}}}));
    other.session = SessionId(2);
    std::vector<StepContext> second;
    contexts_.on_request(other, second);
    EXPECT_EQ(first[0].text, second[0].text);
}

TEST_F(Contexts, CopyDataAndFlushAreNoSteps) {
    const auto steps = ask(0, {Query{"COPY t FROM STDIN"}, CopyData{"1\n"}, CopyDone{}, Flush{}});
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].kind, StepKind::statement);
}

TEST_F(Contexts, AMessageOverSeveralRequests) {
    const Bytes whole = frames({Query{"SELECT '" + Bytes(1000, 'x') + "'"}});
    std::vector<StepContext> steps;
    contexts_.on_request(request(0, 0, whole.substr(0, 400)), steps);
    contexts_.on_request(request(0, 1, whole.substr(400, 300)), steps);
    contexts_.on_request(request(0, 1, whole.substr(700)), steps);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_TRUE(steps[0].text->cut);
    EXPECT_TRUE(steps[0].text->sql.starts_with("SELECT 'xxx"));
    EXPECT_EQ(ask(1, {Query{"SELECT 1"}})[0].text->sql, "SELECT 1");
}

TEST_F(Contexts, GarbageEndsTheRequestAndNothingElse) {
    std::vector<StepContext> steps;
    contexts_.on_request(request(0, 0, Bytes("Q\0\0\0\1x", 6)), steps);
    EXPECT_TRUE(steps.empty());
    contexts_.on_request(request(0, 0, frames({Parse{"", "SELECT 1", {}}}) + Bytes("B\0\0\0\6\0\0", 7)), steps);
    EXPECT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[1].portal, nullptr);
}

TEST_F(Contexts, TheKthStatementOfAQuery) {
    const auto steps = ask(0, {Query{"BEGIN; INSERT INTO t VALUES (';'); COMMIT"}});
    EXPECT_EQ(statement_of(&steps[0], 1), "INSERT INTO t VALUES (';')");
    EXPECT_EQ(statement_of(&steps[0], 2), "COMMIT");
    EXPECT_EQ(statement_of(nullptr, 0), "");
    FactsCache cache;
    EXPECT_EQ(cache.of(nullptr, 0).fingerprint.value, 0U);
    EXPECT_FALSE(cache.of(&steps[0], 1).traits.relations.empty());
}

}  // namespace
}  // namespace understudy::compare
