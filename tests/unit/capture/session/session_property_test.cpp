// A recorded session as a network and a capture may disturb it. Without losses the same exchanges come out;
// with losses they are counted, and no answer is ever given to a statement that is not its own.

#include <cstdlib>

#include "capture/pipeline.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "tests/unit/capture/session/disturbed_session.hpp"

namespace understudy::capture {
namespace {

std::uint32_t seeds() { return std::getenv("UNDERSTUDY_LONG") != nullptr ? 3400 : 150; }

/// What a session is, however its records were cut and whenever its packets came.
struct Seen {
    struct Exchange {
        Bytes frames;
        std::map<std::uint32_t, StepResult> steps;
        char status = 0;
        friend bool operator==(const Exchange&, const Exchange&) = default;
    };
    std::map<std::uint32_t, Exchange> exchanges;
    std::vector<SessionEnd> ends;
    std::uint64_t gaps = 0;
    std::uint64_t losses = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
};

class Collector final : public EventSink {
public:
    void on_event(Event&& event) override {
        if (const auto* request = std::get_if<Request>(&event)) {
            seen.exchanges[request->ordinal.value()].frames += request->frames;
        } else if (auto* response = std::get_if<Response>(&event)) {
            Seen::Exchange& exchange = seen.exchanges[response->ordinal.value()];
            std::uint32_t step = response->first_step.value();
            for (StepResult& result : response->results) {
                result.first = result.end = Timestamp();
                EXPECT_TRUE(exchange.steps.emplace(step++, std::move(result)).second) << "a step was answered twice";
            }
            if (response->ready.known()) exchange.status = response->transaction_status;
        } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
            seen.ends.push_back(closed->end);
        } else if (std::holds_alternative<Gap>(event)) {
            ++seen.gaps;
        } else if (const auto* counters = std::get_if<Counters>(&event)) {
            for (const auto& [name, value] : counters->values) seen.losses += name.rfind("loss.", 0) == 0 ? value : 0;
        }
    }
    Seen seen;
};

Seen decode(const std::vector<Segment>& segments, Duration step) {
    Collector collector;
    PipelineOptions options;
    options.flows.server_ports = {5432};
    options.policy = ResultsPolicy::full;
    CapturePipeline pipeline(options, testing::test_digester(), collector);
    Timestamp now = testing::at_ms(0);
    for (const Segment& segment : segments) {
        now = now + step;
        const Bytes packet = testing::ethernet_packet(segment);
        pipeline.on_packet(testing::kLinkEthernet, packet, static_cast<std::uint32_t>(packet.size()), now);
    }
    pipeline.advance(now + Duration::seconds(1));
    pipeline.finish(PcapStats{});
    return std::move(collector.seen);
}

std::string number_in(BytesView text) {
    const std::size_t end = text.find('.');
    const std::size_t begin = text.substr(0, end).rfind('n');
    return end == BytesView::npos || begin == BytesView::npos ? "" : std::string(text.substr(begin, end - begin));
}

/// The numbers of what an exchange asks, by step.
std::vector<std::string> asked(const Bytes& frames) {
    std::vector<std::string> numbers;
    for (const Bytes& whole : testing::split_frames(frames)) {
        const pgwire::FrameView frame = testing::view_frame(whole);
        if (frame.tag == 'Q') {
            BytesView sql = frame.body;
            for (std::string number = number_in(sql); !number.empty(); number = number_in(sql)) {
                numbers.push_back(number);
                sql.remove_prefix(sql.find('.') + 1);
            }
        } else if (BytesView("PBDECS").find(frame.tag) != BytesView::npos) {
            numbers.push_back(number_in(frame.body));
        }
    }
    return numbers;
}

/// Every answer said to be whole is that to its own statement. Returns how many there are.
std::uint64_t expect_own_answers(const Seen& seen) {
    std::uint64_t answers = 0;
    for (const auto& [ordinal, exchange] : seen.exchanges) {
        const std::vector<std::string> numbers = asked(exchange.frames);
        for (const auto& [step, result] : exchange.steps) {
            if (result.outcome != StepOutcome::complete && result.outcome != StepOutcome::error) continue;
            const std::string said =
                number_in(result.error ? BytesView(result.error->get('M')) : BytesView(result.command_tag));
            if (said.empty()) continue;
            ++answers;
            EXPECT_TRUE(step < numbers.size() && numbers[step] == said)
                << "exchange " << ordinal << " step " << step << " has the answer to " << said;
            for (const Bytes& row : result.kept_rows) EXPECT_EQ(number_in(BytesView(row).substr(6)), said);
        }
    }
    return answers;
}

TEST(SessionProperty, WithoutLossTheSameExchangesComeOut) {
    for (std::uint32_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const SessionScript script(seed, 8);
        const DisturbedSession plain(script, {}, 1);
        const Seen truth = decode(plain.segments(), Duration::microseconds(50));
        ASSERT_GE(truth.exchanges.size(), 8U);
        ASSERT_EQ(truth.losses, 0U);
        ASSERT_GT(expect_own_answers(truth), 4U);
        DisturbedSession::Disturbance how;
        how.reach = seed % 3 == 0 ? 0 : seed % 20;
        how.again = seed % 4 == 0 ? 0 : 15;
        how.max_segment = 1 + seed * 7 % 300;
        how.forged = how.reach == 0 ? 10 : 0;
        how.v6 = seed % 2 == 0;
        const DisturbedSession disturbed(script, how, seed);
        ASSERT_TRUE(decode(disturbed.segments(), Duration::microseconds(50)) == truth);
    }
}

/// `kept` percent of the answers must come out whole, or the test would prove nothing.
void expect_no_wrong_answer(const DisturbedSession::Disturbance& base, std::uint64_t kept) {
    std::uint64_t all = 0;
    std::uint64_t whole = 0;
    std::uint64_t disturbed_sessions = 0;
    for (std::uint32_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const SessionScript script(seed, 30);
        const DisturbedSession plain(script, {}, 1);
        const Seen truth = decode(plain.segments(), Duration::microseconds(50));
        DisturbedSession::Disturbance how = base;
        how.max_segment = 100 + seed * 37 % 1348;
        how.v6 = seed % 5 == 0;
        const DisturbedSession disturbed(script, how, seed);
        const Duration step = Duration::microseconds(seed % 2 == 0 ? 50 : 20'000);
        const Seen seen = decode(disturbed.segments(), step);
        all += expect_own_answers(truth);
        whole += expect_own_answers(seen);
        if (seen.exchanges != truth.exchanges) {
            ++disturbed_sessions;
            EXPECT_TRUE(seen.losses > 0 || !disturbed.lost_any()) << "what is missing was not counted";
        }
        ASSERT_FALSE(::testing::Test::HasFailure());
    }
    EXPECT_GT(disturbed_sessions, seeds() / 6) << "the disturbances did not disturb";
    EXPECT_GE(whole * 100, all * kept) << whole << " of " << all;
}

TEST(SessionProperty, LossesAreCountedAndNeverMistaken) {
    DisturbedSession::Disturbance how;
    how.losses = {2, 2};
    expect_no_wrong_answer(how, 30);
}

/// What is said to be answered is answered as the whole capture says.
void expect_as_in(const Seen& truth, const Seen& seen) {
    std::map<Bytes, const Seen::Exchange*> real;
    for (const auto& [ordinal, exchange] : truth.exchanges) real[exchange.frames] = &exchange;
    for (const auto& [ordinal, exchange] : seen.exchanges) {
        const auto found = real.find(exchange.frames);
        if (found == real.end()) continue;  // entered in the middle
        for (const auto& [step, result] : exchange.steps) {
            if (result.outcome == StepOutcome::incomplete || result.outcome == StepOutcome::unanswered) continue;
            const StepResult& own = found->second->steps.at(step);
            EXPECT_EQ(result.outcome, own.outcome) << "exchange " << ordinal << " step " << step;
            EXPECT_EQ(result.command_tag, own.command_tag) << "exchange " << ordinal << " step " << step;
            EXPECT_EQ(result.kept_rows, own.kept_rows) << "exchange " << ordinal << " step " << step;
        }
    }
}

TEST(SessionProperty, JoinedAnywhereWithASegmentLostNothingIsMistaken) {
    std::mt19937 random(1);
    const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    std::uint64_t all = 0;
    std::uint64_t whole = 0;
    for (std::uint32_t seed = 0; seed < seeds(); ++seed) {
        const SessionScript script(seed, 20);
        if (script.overtaking) continue;  // cannot be told from a client that waits
        DisturbedSession::Disturbance how;
        how.max_segment = 60 + seed * 37 % 1388;
        const DisturbedSession plain(script, how, seed);
        const Seen truth = decode(plain.segments(), Duration::microseconds(50));
        const std::vector<Segment> packets = plain.segments();
        for (int i = 0; i < 2; ++i) {
            const std::size_t start = below(packets.size() / 2);
            const std::size_t lost = i == 0 ? start : start + 1 + below(packets.size() - start - 1);
            SCOPED_TRACE("seed " + std::to_string(seed) + " from " + std::to_string(start) + " without " +
                         std::to_string(lost));
            std::vector<Segment> part(packets.begin() + static_cast<std::ptrdiff_t>(start), packets.end());
            part.erase(part.begin() + static_cast<std::ptrdiff_t>(lost - start));
            const Duration step = Duration::microseconds(i % 2 == 0 ? 50 : 20'000);
            const Seen seen = decode(part, step);
            expect_as_in(truth, seen);
            whole += expect_own_answers(seen);
            all += expect_own_answers(truth);
            ASSERT_FALSE(::testing::Test::HasFailure());
        }
    }
    EXPECT_GE(whole * 100, all * 40) << whole << " of " << all;  // a quarter was before the start
}

/// Directions that come through different queues: now and then an answer is captured before what it answers.
TEST(SessionProperty, AnswersCapturedBeforeTheirRequestsAreHeldUntilThoseCome) {
    for (std::uint32_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const SessionScript script(seed, 12);
        const DisturbedSession plain(script, {}, 1);
        DisturbedSession::Disturbance how;
        how.across = true;
        how.reach = 2 + seed % 9;
        how.moved = 1 + seed % 40;
        how.max_segment = 100 + seed * 37 % 1348;
        const DisturbedSession disturbed(script, how, seed);
        ASSERT_TRUE(decode(disturbed.segments(), Duration::microseconds(50)) ==
                    decode(plain.segments(), Duration::microseconds(50)));
    }
}

}  // namespace
}  // namespace understudy::capture
