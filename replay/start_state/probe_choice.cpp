#include "replay/start_state/probe_choice.hpp"

#include <algorithm>
#include <array>

#include "core/exchange/cell_forms.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;

/// Functions whose result depends on their arguments alone. Others may read a clock, a setting or a sequence.
bool is_plain_function(BytesView name) {
    constexpr std::array<BytesView, 34> kPlain{"count",
                                               "sum",
                                               "avg",
                                               "min",
                                               "max",
                                               "coalesce",
                                               "lower",
                                               "upper",
                                               "length",
                                               "char_length",
                                               "round",
                                               "abs",
                                               "ceil",
                                               "floor",
                                               "greatest",
                                               "least",
                                               "nullif",
                                               "concat",
                                               "concat_ws",
                                               "substr",
                                               "substring",
                                               "trim",
                                               "btrim",
                                               "replace",
                                               "array_agg",
                                               "string_agg",
                                               "jsonb_agg",
                                               "json_agg",
                                               "jsonb_build_object",
                                               "row_number",
                                               "rank",
                                               "dense_rank",
                                               "bool_and",
                                               "bool_or"};
    if (name.starts_with("pg_catalog.")) name.remove_prefix(11);
    return std::find(kPlain.begin(), kPlain.end(), name) != kPlain.end();
}

bool is_system_relation(const sql::RelationUse& relation) {
    return relation.schema == "pg_catalog" || relation.schema == "information_schema" ||
           relation.name.starts_with("pg_");
}

}  // namespace

void ProbeChoice::on_event(const Event& event) {
    if (const auto* state = std::get_if<SessionState>(&event)) {
        Session& session = sessions_[state->session];
        session.identity = state->identity;
        session.settled = state->complete;
    } else if (const auto* request = std::get_if<Request>(&event)) {
        on_request(*request);
    } else if (const auto* response = std::get_if<Response>(&event)) {
        on_response(*response);
    } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
        sessions_.erase(closed->session);
    }
}

void ProbeChoice::on_request(const Request& request) {
    Session& session = sessions_[request.session];
    Bytes& frames = session.asked[request.ordinal];
    if (session.asked.size() > kMaxAsked || frames.size() + request.frames.size() > kMaxAskedBytes) {
        unknown_writes_ = true;  // too much to look at: what it writes is not known here
        session.asked.clear();
        return;
    }
    frames += request.frames;
}

void ProbeChoice::on_response(const Response& response) {
    const auto found = sessions_.find(response.session);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    const auto asked = session.asked.find(response.ordinal);
    if (asked != session.asked.end()) on_exchange(session, asked->second, response);
    if (!response.ready.known()) return;
    ++exchanges_;
    session.asked.erase(response.ordinal);
}

/// Walks the frames of an exchange beside the results of some of its steps.
void ProbeChoice::on_exchange(Session& session, BytesView frames, const Response& response) {
    std::unordered_map<Bytes, pgwire::Bind> portals;
    std::set<Bytes> executed;  // portals: what a further Execute answers is not the whole
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    std::uint32_t step = 0;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        const auto message = pgwire::decode_frontend(frame);
        if (!message) return;
        const std::uint32_t index = step - response.first_step.value();
        const StepResult* result = index < response.results.size() ? &response.results[index] : nullptr;
        if (const auto* parse = std::get_if<pgwire::Parse>(&*message)) {
            session.statements[parse->statement] = *parse;
        } else if (const auto* bind = std::get_if<pgwire::Bind>(&*message)) {
            portals[bind->portal] = *bind;
            executed.erase(bind->portal);
        } else if (const auto* execute = std::get_if<pgwire::Execute>(&*message)) {
            const auto portal = portals.find(execute->portal);
            const auto statement =
                portal == portals.end() ? session.statements.end() : session.statements.find(portal->second.statement);
            if (statement == session.statements.end()) {
                unknown_writes_ = true;
            } else {
                const bool whole = executed.insert(execute->portal).second;
                if (result != nullptr && whole) consider(session, statement->second, portal->second, *result);
                const bool ran = result == nullptr || result->outcome == StepOutcome::complete ||
                                 result->outcome == StepOutcome::suspended;
                if (ran) note_writes(session, statement->second.sql);
            }
        } else if (const auto* query = std::get_if<pgwire::Query>(&*message)) {
            if (response.results.size() == 1 && response.first_step.value() == step) {
                consider(session, pgwire::Parse{{}, query->sql, {}}, pgwire::Bind{}, response.results[0]);
            }
            const bool nothing_ran = response.results.size() == 1 && response.results[0].outcome == StepOutcome::error;
            if (!nothing_ran) note_writes(session, query->sql);
        }
        const auto tag = static_cast<FrontendTag>(frame.tag);
        if (tag != FrontendTag::flush && tag != FrontendTag::copy_data && tag != FrontendTag::copy_done) ++step;
    }
}

void ProbeChoice::note_writes(Session& session, BytesView sql) {
    const sql::StatementTraits traits = sql::traits(sql);
    const bool opaque = !traits.parsed || traits.kind == sql::StatementKind::call_do;
    if (opaque) unknown_writes_ = true;
    if (traits.kind == sql::StatementKind::set || traits.kind == sql::StatementKind::utility_ddl)
        session.settled = false;
    for (const sql::RelationUse& relation : traits.relations) {
        if (!relation.written) continue;
        for (const RelationIndex index : relations_.named(relation.schema, relation.name)) note_written(index);
    }
}

/// With what its triggers write, and where its rows are referred to.
void ProbeChoice::note_written(RelationIndex relation) {
    if (!written_.insert(relation).second) return;
    const RelationInfo info = relations_.info(relation);
    unknown_writes_ = unknown_writes_ || info.unknown_on_write;
    for (const RelationIndex base : info.stands_for) note_written(base);
    for (const RowTouch& more : info.on_write) {
        if (more.any.writes) note_written(more.any.relation);
    }
    for (const ChildLink& child : info.children) {
        if (child.writes) note_written(child.child);
    }
}

bool ProbeChoice::is_written(const sql::RelationUse& relation) {
    for (const RelationIndex index : relations_.named(relation.schema, relation.name)) {
        if (written_.contains(index)) return true;
        for (const RelationIndex base : relations_.info(index).stands_for) {
            if (written_.contains(base)) return true;
        }
    }
    return false;
}

void ProbeChoice::consider(Session& session, const pgwire::Parse& parse, const pgwire::Bind& bind,
                           const StepResult& result) {
    if (done() || unknown_writes_ || !session.settled || result.outcome != StepOutcome::complete) return;
    if (result.rows > 0 && (result.digest.opaque_cells > 0 || has_first_form(result))) return;
    std::size_t& chosen = chosen_[parse.sql];
    if (chosen >= kMaxSame) return;
    const sql::StatementTraits traits = sql::traits(parse.sql);
    const bool plain_read = traits.parsed && traits.kind == sql::StatementKind::select && traits.read_only &&
                            !traits.relations.empty() && (!traits.limited || traits.ordered) &&
                            std::all_of(traits.functions.begin(), traits.functions.end(), is_plain_function);
    if (!plain_read) return;
    for (const sql::RelationUse& relation : traits.relations) {
        if (is_system_relation(relation) || is_written(relation)) return;
    }
    ++chosen;
    probes_.push_back(
        {session.identity, parse.sql, parse.parameter_types, bind, traits.ordered, result.rows, result.digest});
}

}  // namespace understudy::replay
