// Random dialogues with a model of the server that knows the truth.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/pgwire/response_tracker.hpp"
#include "tests/support/server_model.hpp"

namespace understudy::pgwire {
namespace {

using testing::ServerModel;
namespace fe = testing::fe;

/// A client with a random will, the server, and a tracker that sees what passes between them; some of it may
/// be lost to it.
class RandomDialogue final : public TrackerListener {
public:
    struct Options {
        bool pipelines = true;
        int losses = 0;  ///< so many runs of frames are lost
    };

    RandomDialogue(std::uint64_t seed, const Options& options) : dice_(seed), options_(options), server_(seed + 1) {}

    void run(int actions) {
        if (options_.pipelines) {  // so that the tracker knows
            server_waits_ = true;
            send(fe::query("ok") + fe::query("ok"));
            server_waits_ = false;
            drain();
        }
        may_lose_ = options_.losses > 0;
        for (int i = 0; i < actions; ++i) act();
        may_lose_ = false;
        send(fe::sync());
        drain();
    }

    [[nodiscard]] const ServerModel& server() const { return server_; }
    [[nodiscard]] const ResponseTracker& tracker() const { return tracker_; }
    std::vector<ServerModel::Ended> ended;
    std::vector<ServerModel::Exchange> exchanges;
    std::size_t unexpected = 0;

private:
    std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

    void on_step_ended(const Pending& step, Ending ending) override {
        const auto found = std::prev(places_.upper_bound({step.ordinal, step.step}));
        const bool has_answer = ending != Ending::skipped && step.kind != PendingKind::function_call;
        ended.push_back({found->second, step.step - found->first.second, ending,
                         has_answer || ending == Ending::error ? answer_ : ServerModel::kNone});
    }
    void on_exchange_ended(std::uint32_t ordinal, char status) override {
        const auto found = ends_.find(ordinal);
        exchanges.push_back({found == ends_.end() ? ServerModel::kNone : found->second, status});
    }

    /// Whether the next frame is lost; a gap is noticed when a frame comes after it.
    template <class Notice>
    bool loses(bool lost_one, Notice&& notice) {
        const bool may_lose = may_lose_ && (lost_one || losses_ < options_.losses);
        const bool loses_next = may_lose && roll(lost_one ? 2 : 40) == 0;
        if (loses_next && !lost_one) ++losses_;
        if (lost_one && !loses_next) notice(tracker_), notice(placer_);
        return loses_next;
    }

    void send(const Bytes& frames) {
        for (const Bytes& frame : testing::split_frames(frames)) {
            const std::size_t number = sent_++;
            client_lost_ = loses(client_lost_, [this](auto& tracker) { tracker.on_frontend_gap(); });
            if (!client_lost_) {
                const Placement placement = placer_.on_frontend(testing::view_frame(frame));
                const std::string_view steps = "PBDECQFS";
                if (steps.find(frame[0]) != std::string_view::npos)
                    places_[{placement.ordinal, placement.step}] = number;
                if (frame[0] == 'S' || frame[0] == 'Q' || frame[0] == 'F') ends_[placement.ordinal] = number;
                tracker_.on_frontend(testing::view_frame(frame));
            }
            server_.receive(frame);
            while (!server_waits_ && roll(2) == 0 && server_.step()) deliver(roll(4));
        }
    }

    void deliver(std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto frame = server_.send();
            if (!frame) return;
            server_lost_ = loses(server_lost_, [this](auto& tracker) { tracker.on_backend_gap(); });
            if (!server_lost_) {
                placer_.on_backend(testing::view_frame(*frame));
                if (tracker_.on_backend(testing::view_frame(*frame)) == Arrival::unexpected) ++unexpected;
            }
            ++answer_;
        }
    }

    void drain() {
        while (server_.step()) deliver(roll(4));
        deliver(UINT64_MAX);
    }

    void end_exchange(const Bytes& frame) {
        send(frame);
        if (!options_.pipelines || roll(3) == 0) drain();
    }

    void act() {
        switch (roll(8)) {
            case 0: return end_exchange(fe::function_call(static_cast<std::uint32_t>(1 + roll(3))));
            case 1: return query(false);
            case 2: return roll(3) == 0 ? early_copy() : query(true);
            case 3: return copy();
            case 4: return end_exchange(fe::sync());
            case 5: return send(fe::flush());
            default: return extended();
        }
    }

    std::string statement() {
        static const std::vector<std::string> kAll = {"ok",    "ok",    "rows 0", "rows 1",  "rows 5",
                                                      "empty", "error", "out 2",  "outerror"};
        return kAll[roll(kAll.size())];
    }
    std::string copy_statement() {
        static const std::vector<std::string> kAll = {"copy", "copy", "copyerror 1", "copyerror 3", "copyend", "error"};
        return kAll[roll(kAll.size())];
    }

    void query(bool with_copy) {
        std::string sql;
        for (std::uint64_t i = 0, n = roll(4) + (with_copy ? 1 : 0); i < n; ++i) {
            sql += (with_copy && roll(2) == 0 ? copy_statement() : statement()) + ";";
        }
        if (!with_copy) return end_exchange(fe::query(sql));
        send(fe::query(sql));
        drain();
        while (server_.reads_copy_data()) send_copy_data();
    }

    /// May go on after the server has given up.
    void send_copy_data() {
        for (std::uint64_t i = 0, n = roll(5); i < n; ++i) send(fe::copy_data("x"));
        if (roll(4) == 0) drain();
        send(roll(5) == 0 ? fe::copy_fail() : fe::copy_done());
        if (server_.reads_copy_data() || !options_.pipelines || roll(2) == 0) drain();
    }

    void early_copy() {
        send(fe::query(copy_statement()) + fe::copy_data("x") + fe::copy_data("x") + fe::copy_done());
        if (!options_.pipelines) drain();
    }

    void copy() {
        send(fe::parse("cp", copy_statement()) + fe::bind("cp", "cp") + fe::execute("cp"));
        send(roll(2) == 0 ? fe::sync() : fe::flush());
        drain();
        if (server_.reads_copy_data()) send_copy_data();
        end_exchange(fe::sync());
    }

    void extended() {
        static const std::vector<std::string> kNames = {"", "a", "b"};
        const auto name = [&] { return kNames[roll(kNames.size())]; };
        for (std::uint64_t i = 0, n = roll(4); i < n; ++i) {
            switch (roll(7)) {
                case 0: send(fe::parse(name(), roll(6) == 0 ? "bad" : roll(8) == 0 ? "deferred" : statement())); break;
                case 1: send(fe::bind(name(), name())); break;
                case 2: send(roll(2) == 0 ? fe::describe_statement(name()) : fe::describe_portal(name())); break;
                case 3: send(fe::execute(name(), static_cast<std::uint32_t>(roll(3)))); break;
                case 4: send(fe::close_portal(name())); break;
                default:
                    send(fe::parse("", statement()) + fe::bind("", "") +
                         fe::execute("", static_cast<std::uint32_t>(roll(3))));
            }
        }
        if (roll(4) != 0) end_exchange(fe::sync());
    }

    std::mt19937_64 dice_;
    Options options_;
    ServerModel server_;
    class Silent final : public TrackerListener {
        void on_step_ended(const Pending&, Ending) override {}
        void on_exchange_ended(std::uint32_t, char) override {}
    };
    ResponseTracker tracker_{*this};
    Silent silent_;
    ResponseTracker placer_{silent_};  // tells a frame's place before the tracker may report its end
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> places_;
    std::map<std::uint32_t, std::size_t> ends_;
    std::size_t sent_ = 0;
    std::size_t answer_ = 0;
    bool may_lose_ = false;
    int losses_ = 0;
    bool server_waits_ = false;
    bool client_lost_ = false;
    bool server_lost_ = false;
};

std::string text_of(const ServerModel::Ended& end) {
    return fmt::format("frame {} statement {} ending {} by {}", end.request, end.statement,
                       static_cast<int>(end.ending), static_cast<std::int64_t>(end.answer));
}

/// Those of `claims` that are not true.
std::vector<ServerModel::Ended> lies(const std::vector<ServerModel::Ended>& claims,
                                     std::vector<ServerModel::Ended> truth) {
    std::sort(truth.begin(), truth.end());
    std::vector<ServerModel::Ended> found;
    for (const ServerModel::Ended& claim : claims) {
        const bool lie = claim.ending != Ending::incomplete && !std::binary_search(truth.begin(), truth.end(), claim);
        if (lie) found.push_back(claim);
    }
    return found;
}

std::string difference(std::vector<ServerModel::Ended> claims, std::vector<ServerModel::Ended> truth) {
    std::sort(truth.begin(), truth.end());
    std::sort(claims.begin(), claims.end());
    const auto at = std::mismatch(claims.begin(), claims.end(), truth.begin(), truth.end());
    if (at.first == claims.end() && at.second == truth.end()) return {};
    return fmt::format("claimed: {}\ntrue: {}", at.first == claims.end() ? "" : text_of(*at.first),
                       at.second == truth.end() ? "" : text_of(*at.second));
}

TEST(ResponseTrackerRandom, PairsEverythingAsTheServerMeantIt) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        RandomDialogue dialogue(seed, {seed % 3 != 0, 0});
        dialogue.run(12);
        ASSERT_EQ(difference(dialogue.ended, dialogue.server().ended), "") << "seed " << seed;
        std::vector<ServerModel::Exchange> truth = dialogue.server().exchanges;
        std::sort(dialogue.exchanges.begin(), dialogue.exchanges.end());
        std::sort(truth.begin(), truth.end());
        ASSERT_EQ(dialogue.exchanges, truth) << "seed " << seed;
        ASSERT_EQ(dialogue.unexpected, 0U) << "seed " << seed;
        ASSERT_TRUE(dialogue.tracker().pending().empty()) << "seed " << seed;
    }
}

TEST(ResponseTrackerRandom, ClaimsNothingWrongWhereBytesAreLost) {
    std::size_t claimed = 0;
    std::size_t all = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const bool pipelines = seed % 3 != 0;
        RandomDialogue dialogue(seed, {pipelines, 1});
        dialogue.run(16);
        const auto wrong = lies(dialogue.ended, dialogue.server().ended);
        ASSERT_TRUE(wrong.empty()) << "seed " << seed << ": " << text_of(wrong[0]);
        if (pipelines) continue;
        all += dialogue.server().ended.size();
        for (const ServerModel::Ended& end : dialogue.ended) claimed += end.ending == Ending::incomplete ? 0 : 1;
    }
    // A client that waits is paired again soon.
    EXPECT_GT(claimed * 10, all * 8) << claimed << " of " << all;
}

// Bytes of both sides lost at once can look like something else that happened. It must be rare.
TEST(ResponseTrackerRandom, ClaimsHardlyAnythingWrongWhereMuchIsLost) {
    std::size_t claimed = 0;
    std::size_t wrong = 0;
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        RandomDialogue dialogue(seed, {seed % 3 != 0, 3});
        dialogue.run(16);
        wrong += lies(dialogue.ended, dialogue.server().ended).size();
        for (const ServerModel::Ended& end : dialogue.ended) claimed += end.ending == Ending::incomplete ? 0 : 1;
    }
    EXPECT_LT(wrong * 2000, claimed) << wrong << " of " << claimed;
}

}  // namespace
}  // namespace understudy::pgwire
