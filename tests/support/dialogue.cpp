#include "tests/support/dialogue.hpp"

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/response_tracker.hpp"

namespace understudy::testing {
namespace {

using pgwire::Ending;
using pgwire::Pending;

char letter(pgwire::PendingKind kind) { return "PBDECSQF"[static_cast<std::size_t>(kind)]; }

class TextListener final : public pgwire::TrackerListener {
public:
    void on_step_ended(const Pending& step, Ending ending) override {
        say(fmt::format("{}{}.{}{}", letter(step.kind), step.ordinal, step.step,
                        "+~_!-?"[static_cast<std::size_t>(ending)]));
    }
    void on_exchange_ended(std::uint32_t ordinal, char status) override {
        say(fmt::format("Z{}={}", ordinal, status == 0 ? '-' : status));
    }
    void say(const std::string& word) { text += (text.empty() ? "" : " ") + word; }
    std::string text;
};

char symbol(StepOutcome outcome) { return "+!-~_?*x"[static_cast<std::size_t>(outcome)]; }

std::string text_of(const StepResult& result) {
    std::string text = fmt::format("{}{}", to_string(result.kind), symbol(result.outcome));
    std::string inside;
    const auto add = [&](const std::string& part) { inside += (inside.empty() ? "" : ";") + part; };
    if (!result.command_tag.empty()) add(result.command_tag);
    if (result.rows > 0) add(fmt::format("rows {}", result.rows));
    if (result.error) add(fmt::format("{} {}", result.error->sqlstate(), result.error->get('M')));
    if (result.copy.direction != CopyDirection::none) {
        add(fmt::format("copy {} {}", result.copy.messages, result.copy.bytes));
    }
    for (const ServerMessage& notice : result.notices) add(fmt::format("notice {}", notice.get('M')));
    for (const auto& [name, value] : result.parameters) add(fmt::format("{}={}", name, value));
    for (const Bytes& channel : result.notified_channels) add("notify " + channel);
    if (!result.note.empty()) add("note " + result.note);
    return inside.empty() ? text : text + "{" + inside + "}";
}

struct TextOf {
    std::string operator()(const Request& request) const {
        std::string tags;
        BytesView frames = request.frames;
        while (frames.size() >= 5) {
            tags.push_back(frames[0]);
            const std::size_t size = ByteReader(frames.substr(1)).u32() + std::size_t{1};
            frames.remove_prefix(std::min(size, frames.size()));
        }
        return fmt::format("> {}.{} {} seen {}.{}{}{}", request.ordinal.value(), request.step.value(), tags,
                           request.seen.ordinal.value(), request.seen.steps, request.seen.copy_in ? " copy" : "",
                           request.unresolved ? " unresolved" : "");
    }
    std::string operator()(const Response& response) const {
        std::string text = fmt::format("< {}.{}", response.ordinal.value(), response.first_step.value());
        for (const StepResult& result : response.results) text += " " + text_of(result);
        if (response.ready.known()) {
            text += fmt::format(" ready {}", response.transaction_status == 0 ? '-' : response.transaction_status);
        }
        return text;
    }
    std::string operator()(const RowPart& part) const {
        return fmt::format("rows {}.{} {}", part.ordinal.value(), part.step.value(), part.rows.size());
    }
    std::string operator()(const Gap& gap) const {
        return fmt::format("gap {} {}", gap.from_client ? "client" : "server", gap.bytes);
    }
    template <class Other>
    std::string operator()(const Other&) const {
        return "other";
    }
};

}  // namespace

std::string text_of(const Event& event) { return std::visit(TextOf{}, event); }

const Digester& test_digester() {
    static const Digester digester(DigestKey({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
    return digester;
}

Timestamp at_ms(std::int64_t milliseconds) {
    return Timestamp::from_ns(1'700'000'000'000'000'000) + Duration::milliseconds(milliseconds);
}

std::string Dialogue::track() const {
    TextListener listener;
    pgwire::ResponseTracker tracker(listener);
    for (const Part& part : parts_) {
        if (part.kind == Kind::client_gap) tracker.on_frontend_gap();
        if (part.kind == Kind::server_gap) tracker.on_backend_gap();
        for (const Bytes& frame : split_frames(part.frames)) {
            if (part.kind == Kind::client) {
                if (tracker.on_frontend(view_frame(frame)).unexpected)
                    listener.say(fmt::format("refused:{}", frame[0]));
                continue;
            }
            const pgwire::Arrival arrival = tracker.on_backend(view_frame(frame));
            if (arrival == pgwire::Arrival::unexpected) listener.say(fmt::format("unexpected:{}", frame[0]));
            if (arrival == pgwire::Arrival::session_error) listener.say("fatal");
        }
    }
    if (!tracker.pending().empty()) listener.say("pending:");
    for (const Pending& step : tracker.pending()) {
        listener.say(fmt::format("{}{}.{}", letter(step.kind), step.ordinal, step.step));
    }
    return listener.text;
}

std::vector<Event> Dialogue::events(const Options& options) const {
    EventList list;
    MessageCounts counts;
    Transcriber transcriber(SessionId(1), test_digester(), options.policy, options.joined, counts, list);
    std::int64_t now = 0;
    for (const Part& part : parts_) {
        const Timestamp time = at_ms(++now);
        for (const Bytes& frame : split_frames(part.frames)) {
            if (part.kind == Kind::client) transcriber.frontend(view_frame(frame), time);
            if (part.kind == Kind::server) transcriber.backend(view_frame(frame), time);
        }
        if (part.kind == Kind::client) transcriber.end_of_client_data();
        if (part.kind == Kind::server) transcriber.end_of_server_data();
        if (part.kind == Kind::client_gap || part.kind == Kind::server_gap) {
            transcriber.gap(part.kind == Kind::client_gap, 1, time);
        }
    }
    if (options.finish) transcriber.finish(at_ms(now + 1));
    return std::move(list.events);
}

std::string Dialogue::transcribe(const Options& options) const {
    std::string text;
    for (const Event& event : events(options)) text += text_of(event) + "\n";
    return text;
}

std::vector<Dialogue::Part> Dialogue::cut_into_frames() const {
    std::vector<Part> steps;
    for (const Part& part : parts_) {
        if (part.frames.empty()) steps.push_back(part);
        for (Bytes& frame : split_frames(part.frames)) steps.push_back({part.kind, std::move(frame)});
    }
    return steps;
}

}  // namespace understudy::testing
