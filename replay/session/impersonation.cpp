#include "replay/session/impersonation.hpp"

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/authorization_change.hpp"
#include "core/sql/split.hpp"

namespace understudy::replay {
namespace {

using pgwire::BackendTag;
using pgwire::FrontendTag;

constexpr std::size_t kMaxNames = 1000;  // of statements that change the authorization; more are not sent

Bytes quoted_name(BytesView name) {
    Bytes quoted = "\"";
    for (const char c : name) quoted += c == '"' ? Bytes("\"\"") : Bytes(1, c);
    return quoted + "\"";
}

BytesView text_of(BytesView body) { return body.substr(0, body.find('\0')); }

bool ends_session(const pgwire::ServerFields& fields) {
    const BytesView severity = pgwire::field(fields, 'V');
    return severity == "FATAL" || severity == "PANIC";
}

}  // namespace

Bytes ImpersonatedRole::assertion() const {
    Bytes sql = "set session authorization " + quoted_name(name);
    for (const auto& [setting, value] : settings) {
        if (setting == "role") sql += "; set role " + quoted_name(value);
    }
    return pgwire::encode_frontend(pgwire::Query{std::move(sql)});
}

Bytes ImpersonatedRole::startup_options() const {
    Bytes options;
    for (const auto& [setting, value] : settings) {
        options += "-c ";
        for (const char c : setting + "=" + value) {
            if (c == ' ' || c == '\\' || (c >= '\t' && c <= '\r')) options += '\\';
            options += c;
        }
        options += ' ';
    }
    return options;
}

std::string Impersonation::judge(BytesView frames, Ordinal exchange) {
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    std::string why;
    while (why.empty() && reader.next(frame) == pgwire::FrameStatus::complete) why = judge_frame(frame, exchange);
    return why;
}

std::string Impersonation::judge_frame(const pgwire::FrameView& frame, Ordinal exchange) {
    const auto tag = static_cast<FrontendTag>(frame.tag);
    const bool acts = tag == FrontendTag::query || tag == FrontendTag::execute || tag == FrontendTag::function_call;
    if (acts && changed_in_ == exchange) {
        return fmt::format("it would run as {}, not as {}: the session authorization was reset in the same exchange",
                           role_.login, role_.name);
    }
    if (tag == FrontendTag::query) return judge_query(text_of(frame.body), exchange);
    if (tag == FrontendTag::parse) {
        const auto parse = pgwire::view_parse(frame.body);
        if (!parse) return {};
        const auto change = sql::authorization_change(parse->sql);
        if (!change) {
            if (!changing_statements_.empty()) changing_statements_.erase(Bytes(parse->statement));
            return {};
        }
        if (changing_statements_.size() >= kMaxNames) return "too many prepared statements reset the authorization";
        changing_statements_.insert(Bytes(parse->statement));
        return judge_change(change->role);
    }
    if (tag == FrontendTag::bind && !(changing_statements_.empty() && changing_portals_.empty())) {
        const auto bind = pgwire::view_bind(frame.body);
        if (!bind) return {};
        changing_portals_.erase(Bytes(bind->portal));
        if (!changing_statements_.contains(Bytes(bind->statement))) return {};
        if (changing_portals_.size() >= kMaxNames) return "too many portals reset the authorization";
        changing_portals_.insert(Bytes(bind->portal));
    }
    if (tag == FrontendTag::execute && !changing_portals_.empty()) {
        const auto execute = pgwire::view_name(frame);
        if (execute && changing_portals_.contains(Bytes(execute->name))) changed_in_ = exchange;
    }
    return {};
}

std::string Impersonation::judge_query(BytesView sql, Ordinal exchange) {
    if (!sql::may_change_authorization(sql)) return {};
    bool changed = false;
    for (const BytesView statement : sql::split_statements(sql)) {
        if (changed) {
            return fmt::format("what follows the reset of the session authorization would run as {}, not as {}",
                               role_.login, role_.name);
        }
        const auto change = sql::authorization_change(statement);
        if (!change) continue;
        if (std::string why = judge_change(change->role); !why.empty()) return why;
        change_stays_ = change->role.has_value();
        changed = true;
    }
    if (changed) changed_in_ = exchange;
    return {};
}

/// The server would let the superuser that logged in do what it would refuse the recorded role.
std::string Impersonation::judge_change(const std::optional<Bytes>& to) const {
    if (!to || role_.superuser || *to == role_.name) return {};
    return fmt::format("{} is no superuser and could not change its session authorization; impersonated, it could",
                       role_.name);
}

Impersonation::Next Impersonation::next(Ordinal exchange, bool answered) {
    if (setting_) return Next::wait;
    if (!changed_in_ || *changed_in_ == exchange) return Next::go_on;
    if (!answered) return Next::wait;
    // In a failed transaction nothing can be set, and the reset was undone; a superuser's SET to another is what it is.
    const bool stays = transaction_ == 'E' || (change_stays_ && is_itself());
    change_stays_ = false;
    if (!stays) return Next::set_again;
    changed_in_.reset();
    return Next::go_on;
}

Bytes Impersonation::set_again() {
    changed_in_.reset();
    setting_ = true;
    refusal_.clear();
    return role_.assertion();
}

bool Impersonation::is_itself() const {
    if (role_.superuser) return reported_ != role_.login;
    return reported_ == role_.name && (!reported_superuser_ || role_.may_be_superuser);
}

bool Impersonation::takes(const pgwire::FrameView& frame) {
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::parameter_status: {
            ByteReader reader(frame.body);
            const BytesView name = reader.c_string();
            const BytesView value = reader.c_string();
            if (name == "session_authorization") {
                reported_ = value;
            } else if (name == "is_superuser") {
                reported_superuser_ = value != "off";
            } else {
                return false;
            }
            return true;
        }
        case BackendTag::ready_for_query: {
            const bool ours = setting_;
            on_ready(frame.body);
            return ours;
        }
        case BackendTag::command_complete:
        case BackendTag::notice_response: return setting_;
        case BackendTag::error_response: {
            if (!setting_) return false;
            const auto fields = pgwire::decode_server_fields(frame.body);
            if (fields && ends_session(*fields)) return false;
            refusal_ = fields ? Bytes(pgwire::field(*fields, 'M')) : Bytes("an unreadable error");
            return true;
        }
        default: return false;
    }
}

void Impersonation::on_ready(BytesView body) {
    transaction_ = body.empty() ? 'I' : body[0];
    if (setting_) {
        setting_ = false;
        if (!refusal_.empty()) failure_ = fmt::format("role {} could not be set again: {}", role_.name, refusal_);
    } else if (changed_in_) {
        return;  // it is set again, or judged, before the next request
    }
    if (!failure_ && !is_itself()) {
        failure_ = fmt::format("the session had become {}{} instead of {}, by nothing that its statements say",
                               reported_, reported_superuser_ ? " (superuser)" : "", role_.name);
    }
}

}  // namespace understudy::replay
