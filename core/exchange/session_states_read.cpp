#include "core/base/byte_reader.hpp"
#include "core/exchange/session_states.hpp"

// What clients send: the part of SessionStates that reads frames.
namespace understudy {

void SessionStates::on(const Request& event) {
    Session* session = find_or_add(event.session);
    if (session == nullptr) return;
    session->ready = true;
    const std::uint32_t ordinal = event.ordinal.value();
    session->base.next_ordinal = std::max(session->base.next_ordinal, event.ordinal.next());
    split_bytes_ -= session->scanner.kept();
    if (session->scanned_ordinal != ordinal) {
        session->scanner.reset();
        session->next_step = 0;
    }
    session->scanned_ordinal = ordinal;
    session->next_step = std::max<std::uint64_t>(session->next_step, event.step.value());
    BytesView rest = event.frames;
    ScannedFrame frame;
    while (session->scanner.next(rest, frame)) read_frame(*session, ordinal, frame);
    split_bytes_ += session->scanner.kept();
    if (split_bytes_ > limits_.split_bytes) {
        split_bytes_ -= session->scanner.kept();
        session->scanner.reset();
        session->base.complete = false;
        ++left_out_;
    }
}

void SessionStates::read_frame(Session& session, std::uint32_t ordinal, const ScannedFrame& frame) {
    Step step;
    step.kind = step_kind_of(frame.tag);
    if (step.kind == StepKind::unknown) return;
    step.ordinal = ordinal;
    step.index = static_cast<std::uint32_t>(session.next_step++);
    if (!read_step(session, frame, step)) return;
    if (ordinal < session.ended_until) {  // its end was recorded first: how it ended is not known
        if (step.kind == StepKind::parse || step.kind == StepKind::close) session.base.complete = false;
        return;
    }
    push(session, std::move(step));
}

/// Fills the step in; false when it does not matter for what is prepared.
bool SessionStates::read_step(Session& session, const ScannedFrame& frame, Step& step) {
    ByteReader body(frame.body);
    const auto rest_to_zero = [&body] {
        const BytesView rest = body.rest();
        return rest.substr(0, rest.find('\0'));
    };
    switch (step.kind) {
        case StepKind::parse: {
            step.name = body.c_string();
            if (frame.cut || !body.ok()) return true;  // the text stays unknown
            const BytesView sql = body.c_string();
            step.parsed = statement_of(sql);
            session.any_acts = session.any_acts || step.parsed.acts;
            const std::size_t count = body.u16();
            for (std::size_t i = 0; i < count && body.ok() && body.remaining() >= 4; ++i) {
                step.parsed.types.push_back(body.u32());
            }
            return true;
        }
        case StepKind::statement: step.effects = name_effects(rest_to_zero()); return true;
        case StepKind::close: {
            const bool statement = body.u8() == 'S';
            step.name = body.c_string();
            return statement;
        }
        case StepKind::bind:
            step.name = body.c_string();
            step.source = body.c_string();
            return session.any_acts;
        case StepKind::execute: step.name = body.c_string(); return session.any_acts;
        default: return false;
    }
}

SessionStates::Statement SessionStates::statement_of(BytesView sql) {
    Statement statement;
    if (sql.size() > limits_.text_bytes) {
        ++left_out_;
        return statement;
    }
    statement.sql = texts_.keep(sql);
    statement.acts = !name_effects(sql).empty();
    return statement;
}

void SessionStates::push(Session& session, Step&& step) {
    if (all_pending_ >= limits_.pending || step.name.size() > limits_.name_bytes ||
        step.source.size() > limits_.name_bytes) {
        ++left_out_;
        session.base.complete = false;
        return;
    }
    ++all_pending_;
    session.pending.push_back(std::move(step));
}

void SessionStates::pop(Session& session) {
    --all_pending_;
    session.pending.pop_front();
}

}  // namespace understudy
