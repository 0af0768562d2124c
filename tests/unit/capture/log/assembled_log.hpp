#pragma once

#include <string>
#include <variant>
#include <vector>

#include "capture/log/log_assembler.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace understudy::capture::testing {

constexpr std::int64_t kStart = 1'772'366'400'000'000'000;

inline Timestamp at_ms(std::int64_t ms) { return Timestamp::from_ns(kStart + ms * 1'000'000); }

struct Describer {
    std::string operator()(const pgwire::Query& m) const { return "Query(" + m.sql + ")"; }
    std::string operator()(const pgwire::Parse& m) const { return "Parse(" + m.statement + ", " + m.sql + ")"; }
    std::string operator()(const pgwire::Bind& m) const {
        std::string text = "Bind(" + m.portal + ", " + m.statement;
        for (const auto& value : m.parameters) text += value ? ", '" + *value + "'" : ", NULL";
        return text + ")";
    }
    std::string operator()(const pgwire::Execute& m) const { return "Execute(" + m.portal + ")"; }
    std::string operator()(const pgwire::Close& m) const { return "Close(" + m.name + ")"; }
    std::string operator()(const pgwire::Sync&) const { return "Sync"; }
    template <class Other>
    std::string operator()(const Other&) const {
        return "unexpected";
    }
};

/// "Parse(S_1, select $1) Bind(, S_1, '1', NULL) Execute() Sync"
inline std::string described(const Bytes& frames) {
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    std::string text;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        const auto message = pgwire::decode_frontend(frame);
        text += (text.empty() ? "" : " ") + (message ? std::visit(Describer(), *message) : "malformed");
    }
    reader.end();
    return text;
}

/// Feeds entries to an assembler and sorts what comes out.
class AssembledLog final : private EventSink {
public:
    explicit AssembledLog(ResultsPolicy policy = ResultsPolicy::digest)
        : digester_(DigestKey::generate()), assembler_({policy, std::nullopt}, digester_, *this) {}

    /// The entry that is handed over when the next one begins.
    class Entry {
    public:
        Entry& detail(std::string text) { return set(detail_, std::move(text)); }
        Entry& context(std::string text) { return set(context_, std::move(text)); }
        Entry& statement(std::string text) { return set(statement_, std::move(text)); }
        Entry& activity(std::string text) { return set(activity_, std::move(text)); }
        Entry& in(std::string text) { return set(transaction_, std::move(text)); }
        Entry& backend(std::string text) { return set(backend_, std::move(text)); }
        Entry& id(std::string text) { return set(session_, std::move(text)); }
        Entry& process(std::uint32_t id) {
            process_ = id;
            return *this;
        }

    private:
        friend class AssembledLog;
        Entry& set(std::string& what, std::string text) {
            what = std::move(text);
            return *this;
        }
        std::int64_t ms_ = 0;
        std::uint32_t process_ = 4711;
        std::string severity_, sqlstate_, message_, detail_, context_, statement_, activity_, transaction_, backend_,
            session_;
    };

    Entry& log(std::int64_t ms, std::string message) { return begin(ms, "LOG", "00000", std::move(message)); }
    Entry& error(std::int64_t ms, std::string sqlstate, std::string message, std::string severity = "ERROR") {
        return begin(ms, std::move(severity), std::move(sqlstate), std::move(message));
    }
    void end() {
        hand_over();
        assembler_.finish();
    }

    [[nodiscard]] std::vector<std::string> asked() const {
        std::vector<std::string> all;
        for (const Request& request : requests) all.push_back(described(request.frames));
        return all;
    }
    [[nodiscard]] std::uint64_t counter(const std::string& name) const {
        const auto counters = assembler_.counters();
        const auto found = counters.find(name);
        return found == counters.end() ? 0 : found->second;
    }

    std::vector<SessionOpened> opened;
    std::vector<SessionClosed> closed;
    std::vector<Request> requests;
    std::vector<Response> responses;
    std::vector<std::string> why;  ///< of entries that became nothing

private:
    void on_event(Event&& event) override {
        if (auto* e = std::get_if<SessionOpened>(&event)) opened.push_back(std::move(*e));
        if (auto* e = std::get_if<SessionClosed>(&event)) closed.push_back(std::move(*e));
        if (auto* e = std::get_if<Request>(&event)) requests.push_back(std::move(*e));
        if (auto* e = std::get_if<Response>(&event)) responses.push_back(std::move(*e));
    }
    Entry& begin(std::int64_t ms, std::string severity, std::string sqlstate, std::string message) {
        hand_over();
        next_ = Entry();
        next_.ms_ = ms;
        next_.severity_ = std::move(severity);
        next_.sqlstate_ = std::move(sqlstate);
        next_.message_ = std::move(message);
        waiting_ = true;
        return next_;
    }
    void hand_over() {
        if (!waiting_) return;
        waiting_ = false;
        LogEntry entry;
        entry.time = at_ms(next_.ms_);
        entry.process_id = next_.process_;
        entry.severity = next_.severity_;
        entry.sqlstate = next_.sqlstate_;
        entry.message = next_.message_;
        entry.detail = next_.detail_;
        entry.context = next_.context_;
        entry.statement = next_.statement_;
        entry.activity = next_.activity_;
        entry.virtual_transaction = next_.transaction_;
        entry.backend_type = next_.backend_;
        entry.session = next_.session_;
        const BytesView reason = assembler_.on_entry(entry);
        if (!reason.empty()) why.emplace_back(reason);
    }

    Digester digester_;
    LogAssembler assembler_;
    Entry next_;
    bool waiting_ = false;
};

}  // namespace understudy::capture::testing
