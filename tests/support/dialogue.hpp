#pragma once

#include <string>
#include <vector>

#include "core/exchange/transcriber.hpp"
#include "core/model/event.hpp"
#include "tests/support/frames.hpp"

namespace understudy::testing {

/// A script of what passes between a client and a server after start-up, in the order in which a listener
/// sees it.
///
///     Dialogue talk;
///     talk.client(fe::query("select 1")).server(be::complete("SELECT 1") + be::ready());
///     EXPECT_EQ(talk.track(), "Q0.0+ Z0=I");
///     EXPECT_EQ(talk.check_every_ending(), "");
class Dialogue {
public:
    struct Options {
        ResultsPolicy policy = ResultsPolicy::full;
        bool joined = false;
        bool finish = true;
    };

    /// Whole frames that arrive in one piece.
    Dialogue& client(BytesView frames) { return add(Kind::client, frames); }
    Dialogue& server(BytesView frames) { return add(Kind::server, frames); }
    Dialogue& client_gap() { return add(Kind::client_gap, {}); }
    Dialogue& server_gap() { return add(Kind::server_gap, {}); }

    /// What a ResponseTracker says: each step as kind letter (PBDECSQF), ordinal.step and + complete, ~
    /// suspended, _ empty, ! error,
    /// - skipped, ? incomplete; `Z0=I` where an exchange ends ('-': without ReadyForQuery); `unexpected:T`,
    /// `refused:T` and `fatal` for frames of tag T that fit nothing; `pending:` and the steps that wait at
    /// the end.
    [[nodiscard]] std::string track() const;

    /// What a Transcriber writes; each event as text_of() has it, one a line.
    [[nodiscard]] std::string transcribe(const Options& options) const;
    [[nodiscard]] std::string transcribe() const { return transcribe(Options{}); }
    [[nodiscard]] std::vector<Event> events(const Options& options) const;
    [[nodiscard]] std::vector<Event> events() const { return events(Options{}); }

    /// Replays the script with the connection ending after each frame, and checks: no step is reported twice,
    /// every step sent is reported (Syncs apart), and what is reported as answered is what the whole script
    /// says of that step. Empty when all is well, else what is not. Give each statement a command tag or
    /// error of its own.
    [[nodiscard]] std::string check_every_ending() const;
    /// The same with each run of one side's frames lost, and with a gap reported before each frame though
    /// nothing is missing. The first `sound` frames stay: a client that pipelines has to be known for that.
    [[nodiscard]] std::string check_every_gap(std::size_t sound = 0) const;

private:
    enum class Kind { client, server, client_gap, server_gap };
    struct Part {
        Kind kind;
        Bytes frames;
    };
    friend class DialogueRun;

    Dialogue& add(Kind kind, BytesView frames) {
        parts_.push_back({kind, Bytes(frames)});
        return *this;
    }
    [[nodiscard]] std::vector<Part> cut_into_frames() const;

    std::vector<Part> parts_;
};

/// `> 0.0 PBES seen 0.0` a Request with its frames' tags (` copy`, ` unresolved` where so), `< 0.1 Bind+
/// Execute+{SELECT 1;rows 1} ready I` a Response, `rows 0.2 5` a RowPart, `gap client 7`.
std::string text_of(const Event& event);

/// Keeps the events.
class EventList final : public EventSink {
public:
    void on_event(Event&& event) override { events.push_back(std::move(event)); }
    std::vector<Event> events;
};

/// The digest key of all tests.
const Digester& test_digester();
/// A time so many milliseconds after one morning.
Timestamp at_ms(std::int64_t milliseconds);

}  // namespace understudy::testing
