#include "replay/order/order_board.hpp"

#include <gtest/gtest.h>

#include "replay/order/split_request.hpp"
#include "replay/order/time_order.hpp"
#include "replay/order/wait_cycle.hpp"
#include "tests/unit/replay/order/history.hpp"

namespace understudy::replay {
namespace {

class Count final : public Wakeable {
public:
    void wake() override { ++woken; }
    int woken = 0;
};

Predecessor until(SessionIndex session, std::uint32_t ordinal, EdgeKind kind = EdgeKind::hard) {
    return {session, Progress::past(Ordinal(ordinal)), kind};
}

struct Board : ::testing::Test {
    Board() {
        for (SessionIndex session = 0; session < 3; ++session) board.add_session(session);
    }
    OrderBoard::Answer wait(SessionIndex session, const Predecessor& before, Progress position = Progress()) {
        return board.wait_for(session, position, before, testing::at_ms(0), waker);
    }
    OrderBoard board;
    std::shared_ptr<Count> waker = std::make_shared<Count>();
};

TEST_F(Board, WakesWhoWaitedOnceItIsDone) {
    EXPECT_EQ(wait(1, until(0, 4)), OrderBoard::Answer::waits);
    board.advance(0, Progress(Ordinal(4), 2));
    EXPECT_EQ(waker->woken, 0) << "the exchange is not over";
    board.advance(0, Progress::past(Ordinal(4)));
    EXPECT_EQ(waker->woken, 1);
    EXPECT_EQ(wait(1, until(0, 4)), OrderBoard::Answer::over);
    EXPECT_TRUE(board.waiting().empty());
}

TEST_F(Board, NeverGoesBack) {
    board.advance(0, Progress::past(Ordinal(9)));
    board.advance(0, Progress::past(Ordinal(3)));
    EXPECT_EQ(wait(1, until(0, 9)), OrderBoard::Answer::over);
}

TEST_F(Board, AnEndedSessionHoldsNobodyUp) {
    EXPECT_EQ(wait(1, until(0, 4)), OrderBoard::Answer::waits);
    board.fail_from(0, Progress(Ordinal(2), 0));
    board.advance(0, Progress::end());
    EXPECT_EQ(waker->woken, 1);
    EXPECT_TRUE(board.tainted({until(0, 4)}));
    EXPECT_FALSE(board.tainted({until(0, 1)})) << "that was before it failed";
}

TEST_F(Board, ALetGoWaitIsOver) {
    EXPECT_EQ(wait(1, until(0, 4)), OrderBoard::Answer::waits);
    ASSERT_EQ(board.waiting().size(), 1U);
    board.release(board.waiting().front());
    EXPECT_EQ(waker->woken, 1);
    EXPECT_EQ(wait(1, until(0, 4)), OrderBoard::Answer::released);
}

TEST_F(Board, FindsACycleAndBreaksItWhereTheReasonIsWeakest) {
    wait(0, until(1, 1));
    wait(1, until(2, 1, EdgeKind::soft));
    EXPECT_TRUE(find_cycle(board.waiting(), {}).empty());
    const auto by_lock = find_cycle(board.waiting(), {{2, 0}});
    ASSERT_EQ(by_lock.size(), 2U);
    EXPECT_EQ(weakest(by_lock).session, 1U);
    wait(2, until(0, 1));
    EXPECT_EQ(find_cycle(board.waiting(), {}).size(), 3U);
}

TEST_F(Board, ThatAPipelinedRequestWaitsHoldsNobodyUpWhoWaitsForTheOneBeforeIt) {
    wait(0, until(1, 9), Progress(Ordinal(5), 0));
    wait(1, until(0, 4), Progress(Ordinal(9), 0));
    EXPECT_TRUE(find_cycle(board.waiting(), {}).empty()) << "exchange 4 of session 0 was asked";
    const auto through_lock = find_cycle(board.waiting(), {{0, 1}});
    ASSERT_EQ(through_lock.size(), 1U) << "but the server does not answer it before session 1 goes on";
    EXPECT_EQ(through_lock.front().session, 1U);
    wait(1, until(0, 5), Progress(Ordinal(9), 0));
    EXPECT_EQ(find_cycle(board.waiting(), {}).size(), 2U);
    wait(0, until(1, 9), Progress(Ordinal(5), 8));
    wait(1, {0, Progress(Ordinal(5), 4), EdgeKind::hard}, Progress(Ordinal(9), 0));
    EXPECT_EQ(find_cycle(board.waiting(), {}).size(), 2U) << "the answer may come with that of the Sync";
}

TEST(TimeOrder, BringsAnswersBeforeWhatWasAskedLater) {
    History history;
    history.ask(1, 0, "select 1").ask(2, 20, "select 2").answer(1, 10, "SELECT 1").answer(2, 30, "SELECT 1");
    TimeOrder order(Duration::milliseconds(15));
    std::string kinds;
    const auto drain = [&](bool all) {
        while (const auto event = order.pop(all)) {
            kinds += std::to_string(store::event_session(event->event).value());
            kinds += std::holds_alternative<Request>(event->event) ? "? " : "! ";
        }
    };
    for (const Event& event : history.events()) {
        order.push(Event(event));
        drain(false);
    }
    EXPECT_EQ(kinds, "1? 1! ") << "nothing can come before these any more";
    drain(true);
    EXPECT_EQ(kinds, "1? 1! 2? 2! ");
}

}  // namespace
}  // namespace understudy::replay
