#include "capture/session/statement_inference.hpp"

#include <algorithm>
#include <string>

#include "core/base/byte_reader.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

using pgwire::FrontendTag;

Bytes key_of(const Bytes& pool, BytesView name) { return Bytes(pool).append(1, '\0').append(name); }

/// "INSERT" of "INSERT 0 1", "CREATE TABLE" as it is.
Bytes verb_of(BytesView tag) {
    const std::size_t digit = tag.find_first_of("0123456789");
    BytesView verb = tag.substr(0, digit);
    while (!verb.empty() && verb.back() == ' ') verb.remove_suffix(1);
    return Bytes(verb);
}

std::size_t columns_of(const StepResult& result) {
    if (result.row_description.size() >= 2) return ByteReader(result.row_description).u16();
    if (!result.digest.columns.empty()) return result.digest.columns.size();
    return result.rows == 0 ? 0 : result.digest.cells.size() / result.rows;
}

std::uint16_t parameters_of(BytesView bind) {
    ByteReader reader(bind);
    reader.c_string();
    reader.c_string();
    reader.bytes(std::size_t{2} * reader.u16());
    return reader.u16();
}

bool agree(const Bytes& a, const Bytes& b) { return a.empty() || b.empty() || a == b; }

}  // namespace

bool StatementInference::Shape::fits(const Shape& other) const {
    if (!known || !other.known || parameters != other.parameters) return false;
    const bool columns_known = columns != 0 && other.columns != 0;
    const bool verbs_known = !verb.empty() && !other.verb.empty();
    return (columns_known || verbs_known) && (!columns_known || columns == other.columns) &&
           (!verbs_known || verb == other.verb);
}

void StatementInference::on_event(const Event& event) {
    if (const auto* request = std::get_if<Request>(&event)) return on_request(*request);
    if (const auto* response = std::get_if<Response>(&event)) return on_response(*response);
    if (const auto* opened = std::get_if<SessionOpened>(&event)) return on_identity(opened->session, opened->identity);
    if (const auto* state = std::get_if<SessionState>(&event)) return on_identity(state->session, state->identity);
    const auto* closed = std::get_if<SessionClosed>(&event);
    const auto found = closed == nullptr ? sessions_.end() : sessions_.find(closed->session);
    if (found == sessions_.end()) return;
    asked_ -= found->second.asked.size();
    unshaped_ -= found->second.unshaped.size();
    found->second.asked = {};
    found->second.unshaped = {};
    if (found->second.uses.empty()) sessions_.erase(found);
}

void StatementInference::on_identity(SessionId id, const SessionIdentity& identity) {
    Session& session = sessions_[id];
    session.pool = identity.client.substr(0, identity.client.rfind(':')) + ' ' + identity.server;
    session.user = identity.user;
    session.database = identity.database;
}

void StatementInference::on_request(const Request& request) {
    Session* session = nullptr;
    Asked bound;  // by the last Bind, until its Execute
    auto step = request.step.value();
    BytesView rest = request.frames;
    while (rest.size() >= 5) {
        const std::size_t length = std::size_t{1} + ByteReader(rest.substr(1)).u32();
        if (length < 5 || length > rest.size()) return;  // a message that fills several records
        const char tag = rest[0];
        const BytesView body = rest.substr(5, length - 5);
        rest.remove_prefix(length);
        const bool prepares = tag == static_cast<char>(FrontendTag::parse) && !body.empty() && body[0] != '\0';
        const bool binds = tag == static_cast<char>(FrontendTag::bind);
        const bool shows = binds && (request.unresolved || unshaped_ > 0);
        if ((prepares || shows) && session == nullptr) {
            const auto found = sessions_.find(request.session);
            if (found == sessions_.end()) return;
            session = &found->second;
        }
        if (prepares) on_prepared(*session, request.session, body);
        if (shows && (request.unresolved || !session->unshaped.empty())) on_bind(*session, bound, body);
        if (tag == static_cast<char>(FrontendTag::execute) && !bound.name.empty()) {
            bound.ordinal = request.ordinal;
            bound.step = StepIndex(step);
            if (session->asked.size() < kMaxAsked) {
                session->asked.push_back(bound);
                ++asked_;
            }
            bound.name.clear();
        }
        if (step_kind_of(tag) != StepKind::unknown) ++step;
    }
}

void StatementInference::on_prepared(Session& session, SessionId id, BytesView body) {
    const auto view = pgwire::view_parse(body);
    if (!view) return;
    if (session.prepared.size() < kMaxEntries) session.prepared.emplace(view->statement);
    session.uses.erase(Bytes(view->statement));  // from here on it is known, and what was before is another
    PreparedStatement statement{Bytes(view->statement), Bytes(view->sql), {}};
    ByteReader types(view->parameter_types);
    while (!types.at_end() && types.ok()) statement.parameter_types.push_back(types.u32());
    const Bytes key = key_of(session.pool, statement.name);
    const auto found = texts_.find(key);
    if (found != texts_.end()) {
        for (Text& text : found->second) {
            if (text.user != session.user || text.database != session.database) continue;
            text.contradicted = text.contradicted || text.statement != statement;
            const bool counted = std::find(text.sessions.begin(), text.sessions.end(), id) != text.sessions.end();
            if (!counted && text.sessions.size() < kMaxAgreeing) text.sessions.push_back(id);
            if (!text.shape.known && session.unshaped.insert(statement.name).second) ++unshaped_;
            return;
        }
    }
    if (entries_ >= kMaxEntries || text_bytes_ + statement.sql.size() > kMaxText) {
        if (found != texts_.end()) found->second.front().contradicted = true;  // nobody will compare the new one
        return;
    }
    ++entries_;
    text_bytes_ += statement.sql.size();
    if (session.unshaped.insert(statement.name).second) ++unshaped_;
    texts_[key].push_back({session.user, session.database, std::move(statement), {id}, {}, false});
}

void StatementInference::on_bind(Session& session, Asked& bound, BytesView body) {
    const auto view = pgwire::view_bind(body);
    bound.name = view ? Bytes(view->statement) : Bytes();
    if (bound.name.empty()) return;
    bound.parameters = parameters_of(body);
    bound.unresolved = session.prepared.count(bound.name) == 0;
    if (!bound.unresolved) return;
    if (session.uses.count(bound.name) == 0) {
        if (entries_ >= kMaxEntries) return bound.name.clear();
        ++entries_;
    }
    ++session.uses[bound.name].binds;
}

void StatementInference::on_response(const Response& response) {
    if (asked_ == 0) return;
    const auto found = sessions_.find(response.session);
    if (found == sessions_.end() || found->second.asked.empty()) return;
    Session& session = found->second;
    asked_ -= std::erase_if(session.asked, [&](const Asked& asked) {
        const std::uint32_t first = response.first_step.value();
        if (asked.ordinal == response.ordinal && asked.step.value() >= first &&
            asked.step.value() < first + response.results.size()) {
            on_answer(session, asked, response.results[asked.step.value() - first]);
            return true;
        }
        return asked.ordinal < response.ordinal || (asked.ordinal == response.ordinal && response.ready.known());
    });
}

void StatementInference::on_answer(Session& session, const Asked& asked, const StepResult& result) {
    if (result.outcome != StepOutcome::complete && result.outcome != StepOutcome::suspended) return;
    const Shape shape{asked.parameters, columns_of(result), verb_of(result.command_tag), true};
    if (asked.unresolved) {
        const auto use = session.uses.find(asked.name);
        if (use == session.uses.end()) return;
        use->second.contradicted =
            use->second.contradicted || (use->second.shape.known && !use->second.shape.fits(shape));
        if (!use->second.shape.known || use->second.shape.columns == 0) use->second.shape = shape;
        return;
    }
    // A SELECT without rows may not show its columns: the next answer does.
    if (shape.columns != 0 || shape.verb != "SELECT") unshaped_ -= session.unshaped.erase(asked.name);
    const auto texts = texts_.find(key_of(session.pool, asked.name));
    if (texts == texts_.end()) return;
    for (Text& text : texts->second) {
        if (text.user != session.user || text.database != session.database) continue;
        if (!text.shape.known || text.shape.columns == 0) text.shape = shape;
    }
}

/// The one text that the name has wherever the session may be at home.
const StatementInference::Text* StatementInference::text_for(const Session& session, const Bytes& name,
                                                             const Use& use) const {
    const auto found = texts_.find(key_of(session.pool, name));
    if (found == texts_.end() || use.contradicted) return nullptr;
    const Text* only = nullptr;
    for (const Text& text : found->second) {
        if (!agree(text.user, session.user) || !agree(text.database, session.database)) continue;
        if (text.contradicted || (only != nullptr && text.statement != only->statement)) return nullptr;
        if (only == nullptr || !only->shape.known) only = &text;
    }
    return only != nullptr && only->shape.fits(use.shape) ? only : nullptr;
}

StatementInference::Outcome StatementInference::resolve(Timestamp now) const {
    Outcome outcome;
    for (const auto& [id, session] : sessions_) {
        for (const auto& [name, use] : session.uses) {
            const Text* text = text_for(session, name, use);
            if (text == nullptr) continue;
            outcome.requests += use.binds;
            outcome.statements.push_back({id, now, text->statement, static_cast<std::uint32_t>(text->sessions.size())});
        }
    }
    return outcome;
}

}  // namespace understudy::capture
