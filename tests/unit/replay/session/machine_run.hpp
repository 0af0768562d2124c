#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replay/session/session_machine.hpp"
#include "tests/support/dialogue.hpp"
#include "tests/support/frames.hpp"

namespace understudy::replay {

/// A SessionMachine in virtual time before a server that answers as the script says: the nth answer comes
/// some milliseconds after the nth piece was sent.
class MachineRun {
public:
    struct Options {
        double speed = 1;
        bool joined = false;
        std::set<std::string> allowed;
        std::optional<std::size_t> lose_after;  ///< the connection ends after so many sends and receives
        std::optional<ImpersonatedRole> role = std::nullopt;
    };
    explicit MachineRun(Options options)
        : options_(std::move(options)),
          pacing_(options_.speed, testing::at_ms(0), kStart),
          machine_(SessionId(1), options_.joined,
                   {testing::test_digester(), ResultsPolicy::full, pacing_, options_.allowed, counts_, list_, stats_}) {
        if (options_.role) machine_.impersonate(*options_.role);
    }
    MachineRun() : MachineRun(Options{}) {}

    MachineRun& request(std::int64_t ms, std::uint32_t ordinal, std::uint32_t step, Bytes frames, Seen seen,
                        bool unresolved = false) {
        machine_.push(Request{SessionId(1), Ordinal(ordinal), StepIndex(step), testing::at_ms(ms), seen, unresolved,
                              std::move(frames)});
        return *this;
    }
    /// What the plan of a replay puts among the recorded events.
    MachineRun& planned(Event event) {
        const bool note = std::holds_alternative<Response>(event);
        machine_.push(PlannedEvent{std::move(event), {}, 0, note});
        return *this;
    }
    MachineRun& cancel(std::int64_t ms) {
        machine_.push(CancelSent{SessionId(1), testing::at_ms(ms)});
        return *this;
    }
    MachineRun& end(std::int64_t ms, SessionEnd end = SessionEnd::terminate) {
        machine_.push(SessionClosed{SessionId(1), testing::at_ms(ms), end, {}, {}});
        return *this;
    }
    /// The events that a client's side of a capture has; the answers are the script of the server.
    MachineRun& dialogue(const std::vector<Event>& events) {
        for (const Event& event : events) {
            if (std::holds_alternative<Request>(event)) machine_.push(Event(event));
        }
        return *this;
    }
    MachineRun& answer(Bytes bytes, std::int64_t after_ms = 1) {
        script_.push_back({std::move(bytes), Duration::milliseconds(after_ms)});
        return *this;
    }

    /// Runs to the end. `log()` has each action with its milliseconds since the start: "0 send QQ", "5
    /// cancel", "9 close X".
    MachineRun& run() {
        machine_.end_of_input();
        for (int i = 0; i < 10'000; ++i) {
            const Action action = machine_.next(now_);
            if (action.kind == Action::Kind::done) return *this;
            perform(action);
        }
        say("endless");
        return *this;
    }

    [[nodiscard]] const std::string& log() const { return log_; }
    [[nodiscard]] const Bytes& sent() const { return sent_; }
    [[nodiscard]] std::size_t moves() const { return moves_; }
    [[nodiscard]] const ReplayStats& stats() const { return stats_; }
    [[nodiscard]] const std::vector<Event>& events() const { return list_.events; }
    [[nodiscard]] std::string written() const {
        std::string text;
        for (const Event& event : list_.events) {
            if (const auto* closed = std::get_if<SessionClosed>(&event)) {
                text += "closed " + std::string(to_string(closed->end)) + "\n";
            } else {
                text += testing::text_of(event) + "\n";
            }
        }
        return text;
    }

private:
    static constexpr Timestamp kStart = Timestamp::from_ns(1'800'000'000'000'000'000);
    struct Answer {
        Bytes bytes;
        Duration after;
    };
    struct Arrival {
        Timestamp at;
        Bytes bytes;
    };

    void say(const std::string& what) {
        log_ += (log_.empty() ? "" : "; ") + std::to_string((now_ - kStart).count_ns() / 1'000'000) + " " + what;
    }
    bool move() {
        if (options_.lose_after && moves_ == *options_.lose_after) {
            say("lost");
            machine_.lost("the test says so", now_);
            return false;
        }
        ++moves_;
        return true;
    }
    void deliver() {
        const Arrival arrival = std::move(arrivals_.front());
        arrivals_.pop_front();
        now_ = std::max(now_, arrival.at);
        machine_.received(arrival.bytes, now_);
    }
    void perform(const Action& action) {
        switch (action.kind) {
            case Action::Kind::wait_for_input:
                say("waits for input for ever");
                machine_.lost("stuck", now_);
                return;
            case Action::Kind::wait_until:
                if (machine_.awaits_answer() && !arrivals_.empty() && arrivals_.front().at <= action.until)
                    return deliver();
                now_ = action.until;
                return;
            case Action::Kind::send: {
                if (!move()) return;
                std::string tags;
                for (const Bytes& frame : testing::split_frames(action.bytes)) tags += frame[0];
                say("send " + tags);
                sent_ += action.bytes;
                machine_.sent(now_);
                if (script_.empty()) return;
                if (!script_.front().bytes.empty())
                    arrivals_.push_back({now_ + script_.front().after, script_.front().bytes});
                script_.pop_front();
                return;
            }
            case Action::Kind::receive:
                if (!move()) return;
                if (!arrivals_.empty()) return deliver();
                say("waits for the server for ever");
                machine_.lost("stuck", now_);
                return;
            case Action::Kind::prepare:
                say("prepare");
                for (PreparedStatement& statement : machine_.to_prepare()) machine_.prepared(std::move(statement));
                return;
            case Action::Kind::wait_for_order:
                say("waits for another session");
                machine_.let_go();
                return;
            case Action::Kind::cancel: say("cancel"); return;
            case Action::Kind::close:
                say(action.bytes.empty() ? "close" : "close " + Bytes(action.bytes.substr(0, 1)));
                machine_.closed(now_);
                return;
            case Action::Kind::done: return;
        }
    }

    Options options_;
    Pacing pacing_;
    MessageCounts counts_;
    testing::EventList list_;
    ReplayStats stats_;
    SessionMachine machine_;
    std::deque<Answer> script_;
    std::deque<Arrival> arrivals_;
    Timestamp now_ = kStart;
    std::string log_;
    Bytes sent_;
    std::size_t moves_ = 0;
};

/// What a client had seen.
inline Seen after(std::uint32_t ordinal, std::uint32_t steps = 0) { return {Ordinal(ordinal), steps, false}; }
inline Seen in_copy(std::uint32_t ordinal, std::uint32_t steps) { return {Ordinal(ordinal), steps, true}; }

}  // namespace understudy::replay
