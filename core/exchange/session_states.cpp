#include "core/exchange/session_states.hpp"

#include <algorithm>

namespace understudy {
namespace {

bool was_obeyed(StepOutcome outcome) {
    return outcome == StepOutcome::complete || outcome == StepOutcome::suspended || outcome == StepOutcome::empty ||
           outcome == StepOutcome::incomplete;
}

bool runs(StepKind kind) { return kind == StepKind::execute || kind == StepKind::statement; }

}  // namespace

SessionStates::SessionStates(const Limits& limits) : limits_(limits), texts_(limits.all_text_bytes) {}

void SessionStates::on_event(const Event& event) {
    if (const auto* request = std::get_if<Request>(&event)) return on(*request);
    if (const auto* response = std::get_if<Response>(&event)) return on(*response);
    if (const auto* opened = std::get_if<SessionOpened>(&event)) return on(*opened);
    if (const auto* state = std::get_if<SessionState>(&event)) return on(*state);
    if (const auto* closed = std::get_if<SessionClosed>(&event)) return on(*closed);
    if (const auto* gap = std::get_if<Gap>(&event)) return on(*gap);
}

std::uint64_t SessionStates::revision(SessionId session) const {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? 0 : found->second.revision;
}

std::vector<SessionState> SessionStates::states(Timestamp now) const {
    std::vector<SessionState> states;
    for (const auto& [id, session] : sessions_) {
        if (session.ready && session.open) states.push_back(make_state(session, now));
    }
    std::sort(states.begin(), states.end(),
              [](const SessionState& a, const SessionState& b) { return a.session < b.session; });
    return states;
}

std::optional<SessionState> SessionStates::state_of(SessionId session, Timestamp now) const {
    const auto found = sessions_.find(session);
    if (found == sessions_.end() || !found->second.ready || !found->second.open) return std::nullopt;
    return make_state(found->second, now);
}

SessionState SessionStates::make_state(const Session& session, Timestamp now) const {
    SessionState state = session.base;
    state.time = now;
    Statements statements = session.statements;
    for (const Step& step : session.pending) {
        if (step.kind == StepKind::parse && (step.name.empty() || statements.count(step.name) == 0)) {
            statements[step.name] = step.parsed;
        } else if (step.kind == StepKind::close) {
            statements.erase(step.name);
        }
    }
    for (const auto& [name, statement] : statements) {
        if (statement.sql == nullptr) {
            state.complete = false;
        } else {
            state.statements.push_back({name, *statement.sql, statement.types});
        }
        if (!statement.types_known) state.complete = false;
    }
    return state;
}

SessionStates::Session* SessionStates::find_or_add(SessionId id) {
    const auto found = sessions_.find(id);
    if (found != sessions_.end()) {
        if (!found->second.open) ++open_;
        found->second.open = true;
        return &found->second;
    }
    if (sessions_.size() >= limits_.sessions) {
        std::vector<SessionId> ended;
        for (const auto& [other, session] : sessions_) {
            if (!session.open) ended.push_back(other);
        }
        for (const SessionId other : ended) erase(other);
    }
    if (sessions_.size() >= limits_.sessions) {
        ++left_out_;
        return nullptr;
    }
    ++open_;
    Session& session = sessions_.emplace(id, Session(limits_.text_bytes)).first->second;
    session.base.session = id;
    return &session;
}

void SessionStates::erase(SessionId id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    const Session& session = found->second;
    all_statements_ -= session.statements.size();
    all_pending_ -= session.pending.size();
    split_bytes_ -= session.scanner.kept();
    if (session.open) --open_;
    sessions_.erase(found);
}

void SessionStates::on(const SessionOpened& event) {
    erase(event.session);
    Session* session = find_or_add(event.session);
    if (session == nullptr) return;
    session->base.identity = event.identity;
    session->base.complete = !event.joined;
}

/// Begins a session, or repeats what is known; it may know more than what was seen here.
void SessionStates::on(const SessionState& event) {
    const bool knew = sessions_.count(event.session) != 0;
    Session* session = find_or_add(event.session);
    if (session == nullptr) return;
    const bool first = !session->ready;
    session->ready = true;
    SessionState& base = session->base;
    if (!knew || !event.identity.user.empty()) base.identity = event.identity;
    if (first) {
        base.complete = event.complete;
        base.transaction_status = event.transaction_status;
    } else if (event.complete && !base.complete) {
        drop_all(*session);
        base.complete = true;
    }
    base.next_ordinal = std::max(base.next_ordinal, event.next_ordinal);
    for (const auto& setting : event.settings) {
        const auto same = [&](const auto& known) { return known.first == setting.first; };
        if (first || std::none_of(base.settings.begin(), base.settings.end(), same)) set(*session, setting);
    }
    for (const PreparedStatement& statement : event.statements) {
        if (session->statements.count(statement.name) != 0) continue;
        Statement known = statement_of(statement.sql);
        known.types = statement.parameter_types;
        session->any_acts = session->any_acts || known.acts;
        define(*session, statement.name, std::move(known));
    }
}

void SessionStates::on(const SessionClosed& event) {
    if (event.end != SessionEnd::still_open) return erase(event.session);
    // Only the file ends: it may go on in the next one. Nothing that is pending is answered any more.
    const auto found = sessions_.find(event.session);
    if (found == sessions_.end() || !found->second.open) return;
    found->second.open = false;
    --open_;
}

void SessionStates::on(const Gap& event) {
    if (!event.from_client && event.exchanges_dropped == 0) return;
    Session* session = find_or_add(event.session);
    if (session == nullptr) return;
    session->base.complete = false;
    split_bytes_ -= session->scanner.kept();
    session->scanner.reset();
}

void SessionStates::set(Session& session, const std::pair<Bytes, Bytes>& setting) {
    auto& settings = session.base.settings;
    const auto known = std::find_if(settings.begin(), settings.end(),
                                    [&](const auto& candidate) { return candidate.first == setting.first; });
    if (known != settings.end() && known->second == setting.second) return;
    ++session.revision;
    if (known != settings.end()) {
        known->second = setting.second;
    } else if (settings.size() < limits_.settings) {
        settings.push_back(setting);
    } else {
        ++left_out_;
        session.base.complete = false;
    }
}

void SessionStates::on(const Response& event) {
    Session* session = find_or_add(event.session);
    if (session == nullptr) return;
    session->ready = true;
    const std::uint32_t ordinal = event.ordinal.value();
    std::uint32_t index = event.first_step.value();
    for (const StepResult& result : event.results) {
        for (const auto& setting : result.parameters) set(*session, setting);
        take_result(*session, ordinal, index++, result);
    }
    if (!event.ready.known()) return;
    if (event.transaction_status != 0) session->base.transaction_status = event.transaction_status;
    while (!session->pending.empty() && session->pending.front().ordinal <= ordinal) {
        const Step& front = session->pending.front();
        if (front.kind != StepKind::statement) apply(*session, front, StepOutcome::incomplete, nullptr);
        pop(*session);
    }
    session->ended_until = std::max<std::uint64_t>(session->ended_until, std::uint64_t{ordinal} + 1);
    session->base.next_ordinal = std::max(session->base.next_ordinal, event.ordinal.next());
}

void SessionStates::take_result(Session& session, std::uint32_t ordinal, std::uint32_t index,
                                const StepResult& result) {
    const auto before = [&](const Step& step) {
        return step.ordinal < ordinal || (step.ordinal == ordinal && step.index < index);
    };
    while (!session.pending.empty() && before(session.pending.front())) {
        const Step& front = session.pending.front();
        if (front.kind == StepKind::statement && front.ordinal == ordinal) break;  // one of several statements
        if (front.kind != StepKind::statement) apply(session, front, StepOutcome::incomplete, nullptr);
        pop(session);
    }
    const Step* step = session.pending.empty() ? nullptr : &session.pending.front();
    const bool mine = step != nullptr && step->ordinal == ordinal && step->index <= index;
    if (!mine) {
        if (runs(result.kind) && was_obeyed(result.outcome)) run(session, {}, 0, result);
        return;
    }
    if (step->kind == StepKind::statement) {
        if (index == step->index && result.outcome != StepOutcome::skipped) drop(session, Bytes());
        if (was_obeyed(result.outcome)) run(session, step->effects, index - step->index, result);
        return;
    }
    apply(session, *step, result.outcome, &result);
    pop(session);
}

/// A step other than a Query, as it was answered.
void SessionStates::apply(Session& session, const Step& step, StepOutcome outcome, const StepResult* result) {
    if (outcome == StepOutcome::incomplete) session.base.complete = false;
    if (!was_obeyed(outcome)) {
        // The server drops the unnamed statement before it reads its successor.
        const bool tried = step.kind == StepKind::parse && outcome == StepOutcome::error;
        if (tried && step.name.empty()) drop(session, step.name);
        return;
    }
    if (step.kind == StepKind::parse) {
        const bool taken = !step.name.empty() && session.statements.count(step.name) != 0;
        if (!taken || outcome != StepOutcome::incomplete) define(session, step.name, Statement(step.parsed));
        return;
    }
    if (step.kind == StepKind::close) return drop(session, step.name);
    if (step.kind == StepKind::bind) {
        const auto bound = session.statements.find(step.source);
        const bool acts = bound != session.statements.end() && bound->second.acts && bound->second.sql != nullptr;
        if (!acts) {
            session.portals.erase(step.name);
        } else if (session.portals.size() < limits_.statements) {
            session.portals[step.name] = bound->second.sql;
        }
        return;
    }
    if (step.kind != StepKind::execute || result == nullptr) return;
    const auto portal = session.portals.find(step.name);
    run(session, portal == session.portals.end() ? std::vector<NameEffect>() : name_effects(*portal->second), 0,
        *result);
}

/// A statement ran: its effect, as the command tag confirms it. A source without tags (a log) leaves them empty.
void SessionStates::run(Session& session, const std::vector<NameEffect>& effects, std::uint32_t place,
                        const StepResult& result) {
    const Bytes& tag = result.command_tag;
    if (tag == "DEALLOCATE ALL" || tag == "DISCARD ALL") return drop_all(session);
    const auto effect = std::find_if(effects.begin(), effects.end(),
                                     [&](const NameEffect& candidate) { return candidate.statement == place; });
    const bool known = effect != effects.end();
    if (tag.empty() && known && effect->kind == NameEffect::Kind::drop_all) return drop_all(session);
    const bool drops = tag == "DEALLOCATE" || (tag.empty() && known && effect->kind == NameEffect::Kind::drop);
    const bool defines = tag == "PREPARE" || (tag.empty() && known && effect->kind == NameEffect::Kind::define);
    if (!drops && !defines) return;
    if (!known || effect->kind != (drops ? NameEffect::Kind::drop : NameEffect::Kind::define)) {
        session.base.complete = false;  // a name that nobody could read
        ++session.revision;
        return;
    }
    if (drops) return drop(session, effect->name);
    Statement statement = statement_of(effect->sql);
    statement.types_known = !effect->typed;
    define(session, effect->name, std::move(statement));
}

void SessionStates::define(Session& session, const Bytes& name, Statement&& statement) {
    const auto known = session.statements.find(name);
    if (known != session.statements.end()) {
        if (known->second.sql != statement.sql || known->second.types != statement.types) ++session.revision;
        known->second = std::move(statement);
        return;
    }
    ++session.revision;
    if (session.statements.size() >= limits_.statements || all_statements_ >= limits_.all_statements ||
        name.size() > limits_.name_bytes) {
        ++left_out_;
        session.base.complete = false;
        return;
    }
    ++all_statements_;
    session.statements.emplace(name, std::move(statement));
}

void SessionStates::drop(Session& session, const Bytes& name) {
    if (session.statements.erase(name) == 0) return;
    --all_statements_;
    ++session.revision;
}

void SessionStates::drop_all(Session& session) {
    all_statements_ -= session.statements.size();
    if (!session.statements.empty()) ++session.revision;
    session.statements.clear();
    session.portals.clear();
}

}  // namespace understudy
