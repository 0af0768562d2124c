#include <algorithm>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "replay/order/order_planner.hpp"

// What the messages of a request ask, step by step.

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;

std::vector<std::uint32_t> oids(BytesView bytes) {
    std::vector<std::uint32_t> found;
    ByteReader reader(bytes);
    while (reader.remaining() >= 4) found.push_back(reader.u32());
    return found;
}

/// Whether a statement after the n-th asks to end the transaction.
bool ends_after(const ParsedText& text, std::size_t n) {
    return std::any_of(text.statements.begin() + static_cast<std::ptrdiff_t>(std::min(n + 1, text.statements.size())),
                       text.statements.end(), [](const sql::StatementAccess& later) {
                           return later.transaction == sql::TransactionAct::commit ||
                                  later.transaction == sql::TransactionAct::rollback;
                       });
}

bool has_act(const PlannedStep& step) {
    return step.act != sql::TransactionAct::none || step.isolation != sql::Isolation::unsaid;
}

}  // namespace

void OrderPlanner::read_frame(Session& session, const ScannedFrame& frame, const Request& request,
                              Session::Waiting& waiting) {
    const StepKind kind = step_kind_of(frame.tag);
    const bool one_exchange = kind == StepKind::statement || kind == StepKind::function_call;
    session.sync_asked = session.sync_asked || one_exchange || frame.tag == static_cast<char>(FrontendTag::sync);
    if (kind == StepKind::unknown) return;
    if (kind == StepKind::statement) {
        return on_query(session, frame.body.substr(0, frame.body.find('\0')), request, waiting);
    }
    PlannedStep step;
    step.ordinal = request.ordinal;
    step.step = session.next_step++;
    step.request = waiting.number;
    step.asked = request.time;
    switch (kind) {
        case StepKind::parse: {
            const auto parse = frame.cut ? std::nullopt : pgwire::view_parse(frame.body);
            if (!parse) return;
            if (session.statements.size() >= Session::kMaxNames) session.statements.clear();
            session.statements[Bytes(parse->statement)] = {texts_.get(parse->sql), 0, oids(parse->parameter_types)};
            return;
        }
        case StepKind::bind: return on_bind(session, frame.body, std::move(step), waiting);
        case StepKind::execute: return on_execute(session, frame, std::move(step), waiting);
        case StepKind::close: {
            const auto view = pgwire::view_name({frame.tag, frame.body, {}});
            if (!view) return;
            view->target == 'S' ? session.statements.erase(Bytes(view->name))
                                : session.portals.erase(Bytes(view->name));
            return;
        }
        case StepKind::function_call:  // what a function does is not known
            step.footprint.opaque = true;
            step.footprint.effect = true;
            return expect(session, std::move(step), waiting);
        default: return;
    }
}

void OrderPlanner::on_query(Session& session, BytesView sql, const Request& request, Session::Waiting& waiting) {
    const ParsedTextPtr text = texts_.get(sql);
    const std::size_t count = text->parsed ? text->statements.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        PlannedStep step;
        step.ordinal = request.ordinal;
        step.step = session.next_step++;
        step.request = waiting.number;
        step.asked = request.time;
        Session::Statement statement{text, i, {}};
        GivenValues::Parameters parameters;
        if (text->parsed && !text->statements[i].executes.empty()) {
            const sql::StatementAccess& execute = text->statements[i];
            const GivenValues given(text->sql, parameters, digester_);
            const auto prepared = session.statements.find(execute.executes);
            GivenValues::Parameters arguments;
            for (const auto& argument : execute.arguments) {
                arguments.values.push_back(argument ? given.text(*argument) : std::nullopt);
            }
            if (prepared == session.statements.end()) {
                step.footprint.opaque = step.footprint.effect = true;
            } else {
                describe(session, prepared->second, arguments, step);
            }
        } else {
            describe(session, statement, parameters, step);
        }
        const bool prepares = text->parsed && !text->statements[i].prepares.empty();
        if (prepares && session.statements.size() < Session::kMaxNames) {
            session.statements[text->statements[i].prepares] = statement;
            step.footprint = {};
        }
        if (!step.footprint.effect) plan_read(session, step, waiting);
        if (text->parsed) follow_cursor(session, text->statements[i], Progress(step.ordinal, step.step + 1));
        expect(session, std::move(step), waiting, ends_after(*text, i));
    }
}

/// A cursor shows what its DECLARE saw.
void OrderPlanner::follow_cursor(Session& session, const sql::StatementAccess& access, Progress step) {
    if (!access.declares.empty()) session.views.take("." + access.declares, step);
    if (!access.fetches.empty()) show(session, "." + access.fetches, step);
}

/// A reader's snapshot is taken by the Bind, whenever it is executed (PortalStart in the server's pquery.c); locks and
/// writes come with the Execute.
void OrderPlanner::on_bind(Session& session, BytesView body, PlannedStep&& step, Session::Waiting& waiting) {
    const auto decoded = pgwire::decode_frontend({static_cast<char>(FrontendTag::bind), body, {}});
    const auto* bind = decoded ? std::get_if<pgwire::Bind>(&*decoded) : nullptr;
    if (bind == nullptr) return;
    const auto statement = session.statements.find(bind->statement);
    if (statement == session.statements.end()) {
        step.footprint.opaque = step.footprint.effect = true;
    } else {
        const GivenValues::Parameters parameters{bind->parameters, bind->parameter_formats, statement->second.types};
        describe(session, statement->second, parameters, step);
    }
    if (session.portals.size() >= Session::kMaxNames) session.portals.clear();
    Session::Portal& portal = session.portals[bind->portal];
    portal = {{}, step.act, step.and_chain, step.isolation, step.session_isolation};
    if (step.footprint.effect) {
        portal.footprint = std::move(step.footprint);
    } else {
        plan_read(session, step, waiting);
        session.views.take("." + bind->portal, Progress(step.ordinal, step.step + 1));
    }
}

void OrderPlanner::on_execute(Session& session, const ScannedFrame& frame, PlannedStep&& step,
                              Session::Waiting& waiting) {
    const auto view = pgwire::view_name({frame.tag, frame.body, {}});
    const auto portal = view ? session.portals.find(Bytes(view->name)) : session.portals.end();
    if (portal == session.portals.end()) return;
    if (!portal->second.footprint.effect) show(session, "." + portal->first, Progress(step.ordinal, step.step + 1));
    step.footprint = portal->second.footprint;
    step.act = portal->second.act;
    step.and_chain = portal->second.and_chain;
    step.isolation = portal->second.isolation;
    step.session_isolation = portal->second.session_isolation;
    expect(session, std::move(step), waiting);
}

void OrderPlanner::describe(Session&, const Session::Statement& statement, const GivenValues::Parameters& parameters,
                            PlannedStep& step) {
    if (!statement.text->parsed) {
        ++stats_.unparsed_texts;
        step.footprint.opaque = step.footprint.effect = true;
        return;
    }
    if (statement.index >= statement.text->statements.size()) return;  // an empty text
    const sql::StatementAccess& access = statement.text->statements[statement.index];
    step.act = access.transaction;
    step.and_chain = access.and_chain;
    step.isolation = access.isolation;
    step.session_isolation = access.session_isolation;
    step.footprint = footprints_.make(access, GivenValues(statement.text->sql, parameters, digester_));
    for (; table_relations_ < relations_.size(); ++table_relations_) {
        const auto relation = static_cast<RelationIndex>(table_relations_);
        table_.add_relation(relation, relations_.info(relation).keys.size());
    }
}

/// Remembers a step whose answer says something: that it took effect, or that a transaction ended. `ends`: the end of
/// its transaction was asked along with it.
void OrderPlanner::expect(Session& session, PlannedStep&& step, Session::Waiting& waiting, bool ends) {
    if (!step.footprint.effect && !has_act(step)) return;
    if (step.footprint.opaque) ++stats_.opaque_steps;
    const bool is_end = step.act == sql::TransactionAct::commit || step.act == sql::TransactionAct::rollback ||
                      step.act == sql::TransactionAct::prepare;
    step.late = step.footprint.effect || is_end;
    if (step.late) {
        ++waiting.late;
        session.exchange_effects = true;
    }
    if (asks_to_end(step.act)) {
        ++session.ends_asked;
        end_holds(session);
    }
    note_in_flight(session, step, ends);
    session.steps.push_back(std::move(step));
}

}  // namespace understudy::replay
