#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/exchange/frame_redactor.hpp"
#include "core/exchange/known_names.hpp"
#include "core/exchange/result_builder.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/response_tracker.hpp"

namespace understudy {

/// How many frames of each kind passed, for inspect and for checking against other readers.
struct MessageCounts {
    std::array<std::uint64_t, 128> frontend{};
    std::array<std::uint64_t, 128> backend{};
};

/// Turns the frames of one session, past its start-up, into Request and Response events. Capture feeds it with what it
/// saw pass, a replayer with what it sends and receives: both write the same kind of record.
///
/// Drive it: frontend() and backend() for each frame in order of arrival; end_of_client_data() and end_of_server_data()
/// after each piece of input (they emit what is gathered); finish() once at the end. One thread. Memory: one Request of
/// at most kMaxRequestBytes, a few steps' answers (see ResultBuilder), and the names of prepared statements.
class Transcriber final : private pgwire::TrackerListener {
public:
    static constexpr std::size_t kMaxRequestBytes = 8U << 20U;
    static constexpr std::size_t kMaxResults = 256;  ///< in one Response
    /// After a gap: when nothing passed for so long, no answer is on its way any more (ResponseTracker::on_quiet).
    static constexpr Duration kQuiet = Duration::seconds(5);
    static constexpr std::size_t kMaxNames = KnownNames::kMaxNames;

    /// `joined`: prepared statements may exist that were never seen. The references must outlive the transcriber.
    Transcriber(SessionId session, const Digester& digester, ResultsPolicy policy, bool joined, MessageCounts& counts,
                EventSink& sink);

    /// Values are replaced by `redactor` before they are kept; it must outlive the transcriber. nullptr: by nobody.
    void set_redactor(FrameRedactor* redactor) {
        redactor_ = redactor;
        builder_.set_hide_messages(redactor != nullptr);
    }

    /// A replayer's: it is shown the values of the columns that it asks for; it must outlive the transcriber. nullptr:
    /// nobody is.
    void set_mapper(ResultMapper* mapper) { mapper_ = mapper; }
    /// The backend's process (BackendKeyData): which notifications are the session's own.
    void set_own_process(std::uint32_t process) { builder_.set_own_process(process); }

    /// False for a frame that has no place in a session past its start-up.
    bool frontend(const pgwire::FrameView& frame, Timestamp time);
    pgwire::Arrival backend(const pgwire::FrameView& frame, Timestamp time);
    void end_of_client_data();
    void end_of_server_data();
    /// Bytes were lost on one side; see ResponseTracker.
    void gap(bool from_client, std::uint64_t bytes, Timestamp time);
    /// The session was open already, and what was sent before may still be answered; see ResponseTracker.
    void join(Timestamp time) {
        now_ = time;
        tracker_.on_join();
    }
    /// The client begins to send when the session seems at rest; see ResponseTracker.
    void at_rest() { tracker_.on_rest(); }
    /// Ends what is pending as unanswered.
    void finish(Timestamp time);

    [[nodiscard]] const pgwire::ResponseTracker& tracker() const { return tracker_; }
    [[nodiscard]] Seen seen() const;
    [[nodiscard]] char transaction_status() const { return transaction_status_; }
    /// The error with which the server ended the session, if it did.
    [[nodiscard]] const std::optional<ServerMessage>& session_error() const { return session_error_; }
    [[nodiscard]] std::uint64_t unresolved() const { return unresolved_; }
    /// Steps that ended as StepOutcome::incomplete.
    [[nodiscard]] std::uint64_t incomplete() const { return incomplete_; }
    [[nodiscard]] std::uint64_t unexpected() const { return unexpected_; }

    /// A replayer skips exchanges that it does not send: the next frame belongs to `ordinal`, if that is later than
    /// expected.
    void skip_to(Ordinal ordinal) {
        if (ordinal.value() > tracker_.next_ordinal()) tracker_.skip_to(ordinal.value());
    }
    /// Records that a replayer did not send what the recorded client sent, and why.
    void not_sent(Ordinal ordinal, StepIndex step, StepKind kind, std::string_view why, Timestamp time);

private:
    void on_step_ended(const pgwire::Pending& step, pgwire::Ending ending) override;
    void on_exchange_ended(std::uint32_t ordinal, char transaction_status) override;

    void append_to_request(const pgwire::FrameView& frame, const pgwire::Placement& placement, const Seen& seen,
                           Timestamp time);
    void describe_head(const pgwire::FrameView& frame);
    void learn(std::unordered_map<Bytes, std::uint32_t>& names, const Bytes& name, std::uint32_t description);
    void renew_descriptions();
    void add_late_messages(std::uint32_t ordinal);
    StepResult& next_result(std::uint32_t ordinal, std::uint32_t step);
    void result_added();
    void flush_request();
    void flush_response();
    void emit_row_part(const pgwire::Pending& step);

    SessionId session_;
    ResultsPolicy policy_;
    const Digester& digester_;
    MessageCounts& counts_;
    EventSink& sink_;
    pgwire::ResponseTracker tracker_;
    DescriptionTable descriptions_;
    ResultBuilder builder_;
    std::unordered_map<Bytes, std::uint32_t> statements_;  // name → description, once the server has answered
    std::unordered_map<Bytes, std::uint32_t> portals_;
    KnownNames known_names_;
    FrameRedactor* redactor_ = nullptr;
    ResultMapper* mapper_ = nullptr;
    Bytes redacted_;
    bool placing_ = false;  // a frontend frame is: what it ends is held until it is recorded
    std::optional<pgwire::Pending> held_step_;
    std::optional<std::uint32_t> held_exchange_;
    Request request_;
    bool has_request_ = false;
    Response response_;
    std::size_t response_bytes_ = 0;  // of its rows
    Seen answered_;
    Timestamp now_;
    std::uint32_t sync_step_ = 0;
    char transaction_status_ = 0;
    std::optional<ServerMessage> session_error_;
    std::uint64_t unresolved_ = 0;
    std::uint64_t unexpected_ = 0;
    std::uint64_t incomplete_ = 0;
    /// Data that a client sent before the server had asked for it. Where the server never does, it ignores them.
    struct EarlyCopy {
        void add(std::uint32_t to, std::uint64_t length) {
            if (ordinal != to) *this = {to, 0, 0};
            ++messages;
            bytes += length;
        }
        std::uint32_t ordinal = 0;
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
    };
    EarlyCopy early_copy_;
};

}  // namespace understudy
