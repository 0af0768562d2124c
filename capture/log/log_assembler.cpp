#include "capture/log/log_assembler.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "capture/session/redactor.hpp"

namespace understudy::capture {
namespace {

bool is_error(BytesView severity) { return severity == "ERROR" || severity == "FATAL" || severity == "PANIC"; }

/// The two numbers of a session's id: when it began, and its process.
std::pair<std::uint64_t, std::uint32_t> parts_of(BytesView session) {
    const std::size_t dot = std::min(session.find('.'), session.size());
    std::uint64_t start = 0;
    std::uint32_t process = 0;
    std::from_chars(session.data(), session.data() + dot, start, 16);
    if (dot < session.size()) std::from_chars(session.data() + dot + 1, session.data() + session.size(), process, 16);
    return {start, process};
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    std::uint64_t mix = (a + 0x9E3779B97F4A7C15ULL) * 0xD6E8FEB86659FD93ULL;
    mix = (mix ^ (mix >> 32U) ^ b) * 0xD6E8FEB86659FD93ULL;
    return mix ^ (mix >> 29U);
}

BytesView known(BytesView name) { return name == "[unknown]" ? BytesView() : name; }

/// "10.0.0.7(51234)" of a line prefix as "10.0.0.7:51234".
std::string address(BytesView client) {
    std::string text(known(client));
    const std::size_t open = text.find('(');
    if (open != std::string::npos && text.ends_with(')')) {
        text.pop_back();
        text[open] = ':';
    }
    return text;
}

/// "connection received: host=127.0.0.1 port=45410"
std::string received_from(BytesView message) {
    const std::size_t host = message.find("host=");
    if (host == BytesView::npos) return {};
    BytesView rest = message.substr(host + 5);
    const std::size_t port = rest.find(" port=");
    if (port == BytesView::npos) return std::string(rest);
    return std::string(rest.substr(0, port)) + ":" + std::string(rest.substr(port + 6));
}

}  // namespace

BytesView LogAssembler::on_entry(const LogEntry& entry) {
    if (!entry.time.known()) {
        ++without_time_;
        return "entry without a time";
    }
    if (entry.time + kClockSlack < now_) ++clock_went_back_;
    now_ = entry.time;
    if (now_ > latest_) {
        latest_ = now_;
        order_.advance(now_);
    }
    if (!entry.backend_type.empty() && entry.backend_type != "client backend" &&
        entry.backend_type != "not initialized" && entry.backend_type != "walsender") {
        return "not of a client's session";
    }
    const std::uint32_t process = entry.process_id != 0 ? entry.process_id : parts_of(entry.session).second;
    const bool error = is_error(entry.severity);
    if (!error && entry.severity != "LOG") return "notice";
    if (process == 0) return "entry without a process";
    if (error) return on_error(session_of(entry, process), entry, process);
    return on_log(session_of(entry, process), entry, process);
}

SessionId LogAssembler::new_id(const LogEntry& entry, std::uint32_t process) {
    const std::uint64_t start = parts_of(entry.session).first;
    const std::uint64_t id = mixed(start != 0 ? start : static_cast<std::uint64_t>(entry.time.ns()), process);
    if (ids_.size() >= kMaxIdsKept) {
        ids_.clear();
        ++salt_;
    }
    const std::uint64_t again = (salt_ << 32U) + ids_[id]++;
    return SessionId((again == 0 ? id : mixed(id, again)) | 1U);  // never 0
}

LogAssembler::Session& LogAssembler::session_of(const LogEntry& entry, std::uint32_t process) {
    auto found = sessions_.find(process);
    if (found != sessions_.end() && found->second.id != entry.session) {
        close(process, entry.time, SessionEnd::connection, std::nullopt);
        found = sessions_.end();
    }
    if (found == sessions_.end()) {
        if (sessions_.size() >= kMaxSessions) evict();
        const SessionId id = new_id(entry, process);
        found =
            sessions_
                .emplace(process, Session{LogSession(id, context_), Bytes(entry.session), {}, {}, entry.time, {}, {}})
                .first;
    }
    found->second.heard = entry.time;
    return found->second;
}

void LogAssembler::open(Session& session, const LogEntry& entry, Timestamp time, bool joined) {
    session.opened = true;
    ++context_.counts.sessions;
    if (joined) ++context_.counts.sessions_joined;
    SessionOpened opened;
    opened.session = session.session.id();
    opened.time = session.session.forward(time);
    opened.joined = joined;
    SessionIdentity& identity = opened.identity;
    const bool authorized = entry.message.starts_with("connection authorized: ");
    identity.user = Bytes(known(entry.user));
    if (identity.user.empty() && authorized) identity.user = Bytes(authorized_user(entry.message));
    identity.database = Bytes(known(entry.database));
    if (identity.database.empty() && authorized) identity.database = Bytes(authorized_database(entry.message));
    identity.application =
        setting_without_passwords(authorized ? authorized_application(entry.message) : known(entry.application));
    identity.client = address(entry.client);
    if (identity.client.empty()) identity.client = session.client;
    identity.process_id = entry.process_id != 0 ? entry.process_id : parts_of(entry.session).second;
    SessionState state;
    state.session = opened.session;
    state.time = opened.time;
    state.identity = identity;
    order_.push(opened.time, std::move(opened));
    order_.push(state.time, std::move(state));
}

BytesView LogAssembler::on_log(Session& session, const LogEntry& entry, std::uint32_t process) {
    const LogMessage message = read_log_message(entry.message);
    switch (message.what) {
        case LogWhat::other: return "no statement";
        case LogWhat::plan: return "plan of auto_explain";
        case LogWhat::function_call: return "function call, whose arguments are not logged";
        case LogWhat::authenticated: return {};
        case LogWhat::received:
            if (session.opened) {  // the process id is used again, and the end of the session before was not logged
                close(process, entry.time, SessionEnd::connection, std::nullopt);
                return on_log(session_of(entry, process), entry, process);
            }
            session.received = true;
            session.since = entry.time;
            session.client = received_from(entry.message);
            return {};
        case LogWhat::authorized:
            if (!session.opened) open(session, entry, session.received ? session.since : entry.time, false);
            return {};
        case LogWhat::replication:
            if (!session.opened) open(session, entry, session.received ? session.since : entry.time, false);
            close(process, entry.time, SessionEnd::replication, std::nullopt);
            return {};
        case LogWhat::disconnection: close(process, entry.time, SessionEnd::connection, std::nullopt); return {};
        default: break;
    }
    if (!session.opened) {
        if (message.what == LogWhat::duration) return "duration of what was not logged";
        open(session, entry, entry.time + (Duration() - message.duration.value_or(Duration())), true);
    }
    return session.session.on_message(entry, message);
}

BytesView LogAssembler::on_error(Session& session, const LogEntry& entry, std::uint32_t process) {
    const bool ends = entry.severity != "ERROR";
    if (!session.opened && entry.statement.empty()) {
        const bool starting = session.received || entry.activity == "authentication" || entry.activity == "startup";
        if (!ends || !starting) {
            ++context_.counts.errors_without_statement;
            return "error without a statement";
        }
        open(session, entry, session.since, false);
        ++context_.counts.sessions_refused;
        close(process, entry.time, SessionEnd::refused, LogSession::error_of(entry, context_));
        return {};
    }
    if (!session.opened) open(session, entry, entry.time, true);
    const bool of_session = ends && entry.statement.empty();
    const BytesView unused = of_session ? BytesView() : session.session.on_error(entry);
    if (ends) close(process, entry.time, SessionEnd::connection, LogSession::error_of(entry, context_));
    return unused;
}

void LogAssembler::close(std::uint32_t process, Timestamp time, SessionEnd end, std::optional<ServerMessage> error) {
    const auto found = sessions_.find(process);
    Session& session = found->second;
    if (session.opened) {
        session.session.settle(time, error.has_value() || end == SessionEnd::still_open);
        SessionClosed closed;
        closed.session = session.session.id();
        closed.time = session.session.forward(time);
        closed.end = end;
        closed.error = std::move(error);
        order_.push(closed.time, std::move(closed));
    }
    sessions_.erase(found);
}

/// Makes room: an eighth at once, so that finding those that were silent longest costs little for each.
void LogAssembler::evict() {
    std::vector<std::pair<Timestamp, std::uint32_t>> by_age;
    by_age.reserve(sessions_.size());
    for (const auto& [process, session] : sessions_) by_age.emplace_back(session.heard, process);
    std::sort(by_age.begin(), by_age.end());
    by_age.resize(by_age.size() / 8 + 1);
    for (const auto& [heard, process] : by_age) {
        if (sessions_.at(process).opened) ++context_.counts.sessions_evicted;
        close(process, heard, SessionEnd::still_open, std::nullopt);
    }
}

void LogAssembler::finish() {
    // In an order that does not depend on the table's.
    std::vector<std::uint32_t> open;
    for (const auto& [process, session] : sessions_) open.push_back(process);
    std::sort(open.begin(), open.end());
    for (const std::uint32_t process : open) close(process, latest_, SessionEnd::still_open, std::nullopt);
    order_.flush();
}

std::map<std::string, std::uint64_t> LogAssembler::counters() const {
    const LogCounts& counts = context_.counts;
    const std::array<std::pair<const char*, std::uint64_t>, 16> all{{
        {"statements", counts.statements},
        {"errors", counts.errors},
        {"sessions", counts.sessions},
        {"sessions_joined", counts.sessions_joined},
        {"sessions_refused", counts.sessions_refused},
        {"sessions_evicted", counts.sessions_evicted},
        {"copy_without_data", counts.copy_without_data},
        {"truncated_parameters", counts.truncated_parameters},
        {"parameters_unknown", counts.parameters_unknown},
        {"fetch_size_unknown", counts.fetch_size_unknown},
        {"protocol_unknown", counts.protocol_unknown},
        {"without_end", counts.without_end},
        {"errors_without_statement", counts.errors_without_statement},
        {"clock_went_back", clock_went_back_},
        {"entries_without_time", without_time_},
        {"late_events", order_.late()},
    }};
    std::map<std::string, std::uint64_t> counters;
    for (const auto& [name, value] : all) {
        if (value > 0) counters[std::string("log.") + name] = value;
    }
    return counters;
}

}  // namespace understudy::capture
