#include "schema/hazard/traffic_collector.hpp"

#include <algorithm>

#include "core/pgwire/message_tag.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/split.hpp"

namespace understudy::schema::hazard {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;

/// What stands behind AS in a PREPARE: behind the name, and the types in brackets.
BytesView prepared_text(BytesView statement) {
    std::size_t depth = 0;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.is('(')) ++depth;
        if (token.is(')') && depth > 0) --depth;
        if (depth == 0 && is_word(token, "as")) return statement.substr(token.end());
    }
    return {};
}

struct Deallocation {
    bool any = false;
    Bytes name;  ///< empty: all
};

/// DEALLOCATE [PREPARE] { name | ALL } and DISCARD ALL (PostgreSQL docs).
Deallocation deallocation(BytesView statement) {
    std::vector<sql::Token> words;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind != sql::TokenKind::comment) words.push_back(token);
        if (words.size() == 3) break;
    }
    if (words.size() < 2) return {};
    if (is_word(words[0], "discard")) return {is_word(words[1], "all"), {}};
    if (!is_word(words[0], "deallocate")) return {};
    const sql::Token& name = words[1 + (words.size() == 3 && is_word(words[1], "prepare") ? 1 : 0)];
    if (is_word(name, "all")) return {true, {}};
    return {true, name.kind == sql::TokenKind::quoted_identifier ? Bytes(name.body) : sql::to_lower(name.text)};
}

bool is_write(sql::AccessKind kind) { return kind != sql::AccessKind::read && kind != sql::AccessKind::lock; }

}  // namespace

void TrafficCollector::on_event(const Event& event) {
    std::visit([this](const auto& e) { on(e); }, event);
}

Traffic TrafficCollector::take() {
    for (auto& [id, session] : sessions_) end_transaction(session, last_);
    if (first_.known()) found_.span = std::max(last_ - first_, Duration::nanoseconds(1));
    return std::move(found_);
}

TrafficCollector::Session* TrafficCollector::session(SessionId id) {
    const auto found = sessions_.find(id.value());
    if (found != sessions_.end()) return &found->second;
    if (sessions_.size() >= limits_.sessions) return nullptr;
    return &sessions_.try_emplace(id.value(), limits_.message_bytes).first->second;
}

void TrafficCollector::identify(SessionId id, const SessionIdentity& identity) {
    Session* s = session(id);
    if (s == nullptr) return;
    s->application = identity.application;
    s->left_out = !database_.empty() && !identity.database.empty() && identity.database != database_;
}

void TrafficCollector::on(const SessionState& event) {
    identify(event.session, event.identity);
    Session* s = session(event.session);
    if (s == nullptr || s->left_out) return;
    for (const PreparedStatement& statement : event.statements) {
        if (s->statements.size() < limits_.names && s->statements.find(statement.name) == s->statements.end()) {
            s->statements[statement.name] = meanings_of(statement.sql);
        }
    }
}

void TrafficCollector::on(const SessionClosed& event) {
    const auto found = sessions_.find(event.session.value());
    if (found == sessions_.end()) return;
    end_transaction(found->second, event.time);
    sessions_.erase(found);
}

void TrafficCollector::on(const Gap& event) {
    Session* s = session(event.session);
    if (s == nullptr || !event.from_client) return;
    if (!s->unreadable) ++found_.unreadable;
    s->unreadable = true;
    s->reader.reset();
}

void TrafficCollector::on(const Request& event) {
    Session* s = session(event.session);
    see(event.time);
    if (s == nullptr) {
        ++found_.beyond_limit;
        return;
    }
    if (s->left_out) return;
    if (event.ordinal != s->ordinal) {
        s->ordinal = event.ordinal;
        s->unreadable = false;
        s->reader.reset();
    }
    if (s->unreadable) return;
    s->reader.begin(event.frames);
    pgwire::FrameView frame;
    pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
    while ((status = s->reader.next(frame)) == pgwire::FrameStatus::complete) on_frame(*s, frame, event.time);
    s->reader.end();
    if (status != pgwire::FrameStatus::error) return;
    ++found_.unreadable;
    s->unreadable = true;
    s->reader.reset();
}

void TrafficCollector::on(const Response& event) {
    if (event.ready.known()) see(event.ready);
    if (event.transaction_status != 'I') return;
    const auto found = sessions_.find(event.session.value());
    if (found != sessions_.end()) end_transaction(found->second, event.ready.known() ? event.ready : last_);
}

void TrafficCollector::on_frame(Session& session, const pgwire::FrameView& frame, Timestamp time) {
    const auto tag = static_cast<pgwire::FrontendTag>(frame.tag);
    if (tag == pgwire::FrontendTag::parse) {
        if (const auto parse = pgwire::view_parse(frame.body); parse && session.statements.size() < limits_.names) {
            session.statements[Bytes(parse->statement)] = meanings_of(parse->sql);
        }
    } else if (tag == pgwire::FrontendTag::bind) {
        const auto bind = pgwire::view_bind(frame.body);
        if (!bind || session.portals.size() >= limits_.names) return;
        const auto statement = session.statements.find(Bytes(bind->statement));
        if (statement == session.statements.end()) ++found_.unknown;
        session.portals[Bytes(bind->portal)] = statement == session.statements.end() ? nullptr : statement->second;
    } else if (tag == pgwire::FrontendTag::execute) {
        const auto view = pgwire::view_name(frame);
        const auto portal = view ? session.portals.find(Bytes(view->name)) : session.portals.end();
        if (portal != session.portals.end() && portal->second) run(session, portal->second, time);
    } else if (tag == pgwire::FrontendTag::close) {
        if (const auto view = pgwire::view_name(frame)) {
            (view->target == 'S' ? session.statements : session.portals).erase(Bytes(view->name));
        }
    } else if (tag == pgwire::FrontendTag::query) {
        run(session, meanings_of(frame.body.substr(0, frame.body.find('\0'))), time);
    }
}

void TrafficCollector::run(Session& session, const Meanings& meanings, Timestamp time) {
    for (const Meaning& meaning : *meanings) {
        ++found_.calls;
        if (!meaning.parsed) ++found_.unparsed;
        if (!meaning.prepares.empty()) {
            const bool room = session.statements.size() < limits_.names;
            if (room) session.statements[meaning.prepares] = meaning.prepared;
            if (!room) ++found_.beyond_limit;
        } else if (!meaning.executes.empty()) {
            const auto named = session.statements.find(meaning.executes);
            if (named == session.statements.end()) ++found_.unknown;
            // What is prepared executes nothing itself.
            const Meanings prepared = named == session.statements.end() ? nullptr : named->second;
            for (const Meaning& one : prepared ? *prepared : std::vector<Meaning>()) run_one(session, one, time);
        } else if (meaning.deallocates && meaning.deallocated.empty()) {
            session.statements.clear();
        } else if (meaning.deallocates) {
            session.statements.erase(meaning.deallocated);
        }
        run_one(session, meaning, time);
    }
}

void TrafficCollector::run_one(Session& session, const Meaning& meaning, Timestamp time) {
    if (meaning.shape != kNoShape) {
        StatementTraffic& statement = found_.statements[meaning.shape];
        ++statement.calls;
        statement.last = time;
    } else if (!meaning.uses.empty()) {
        ++found_.beyond_limit;
    }
    for (const Use& use : meaning.uses) {
        count(use.relation, use.writes, meaning.shape, time);
        touch(session, use, time);
    }
}

void TrafficCollector::touch(Session& session, const Use& use, Timestamp time) {
    auto& touched = session.touched;
    const bool known =
        std::any_of(touched.begin(), touched.end(), [&](const Touched& one) { return one.relation == use.relation; });
    if (known || touched.size() >= limits_.relations_in_transaction) return;
    for (const Touched& before : touched) {
        if (before.since == time) continue;  // one statement, or one message: the order is not told
        const auto pair = std::pair(before.relation, use.relation);
        const auto found = found_.orders.find(pair);
        if (found != found_.orders.end()) {
            ++found->second;
        } else if (found_.orders.size() < limits_.orders) {
            found_.orders.emplace(pair, 1);
        }
    }
    touched.push_back({use.relation, time});
}

void TrafficCollector::end_transaction(Session& session, Timestamp time) {
    for (const Touched& one : session.touched) {
        const auto found = found_.relations.find(one.relation);
        if (found == found_.relations.end() || time - one.since <= found->second.longest_transaction) continue;
        found->second.longest_transaction = time - one.since;
        found->second.longest_application = session.application;
    }
    session.touched.clear();
}

void TrafficCollector::count(const sql::RelationName& name, bool writes, std::size_t shape, Timestamp time) {
    auto found = found_.relations.find(name);
    if (found == found_.relations.end()) {
        if (found_.relations.size() >= limits_.relations) {
            ++found_.beyond_limit;
            return;
        }
        found = found_.relations.try_emplace(name).first;
    }
    RelationTraffic& relation = found->second;
    ++(writes ? relation.writes : relation.reads);
    if (shape != kNoShape &&
        std::find(relation.statements.begin(), relation.statements.end(), shape) == relation.statements.end()) {
        relation.statements.push_back(shape);
    }
    Minute& minute = minutes_[name];
    if (minute.number != time.ns() / kMinuteNs) minute = {time.ns() / kMinuteNs, 0};
    relation.busiest_minute = std::max(relation.busiest_minute, ++minute.calls);
}

void TrafficCollector::see(Timestamp time) {
    if (!first_.known() || time < first_) first_ = time;
    last_ = std::max(last_, time);
}

std::size_t TrafficCollector::shape_of(BytesView statement) {
    const sql::Fingerprint fingerprint = sql::fingerprint(statement);
    const auto found = shapes_.find(fingerprint.value);
    if (found != shapes_.end()) return found->second;
    if (found_.statements.size() >= limits_.statements) return kNoShape;
    found_.statements.push_back({fingerprint, sql::normalise(statement), 0, {}});
    return shapes_[fingerprint.value] = found_.statements.size() - 1;
}

TrafficCollector::Meaning TrafficCollector::meaning_of(BytesView statement) {
    Meaning meaning;
    const auto accesses = sql::statement_accesses(statement);
    meaning.parsed = accesses.has_value();
    for (const sql::StatementAccess& access : accesses ? *accesses : std::vector<sql::StatementAccess>()) {
        for (const sql::RelationAccess& relation : access.relations) {
            const sql::RelationName name{relation.schema, relation.name};
            const auto known = std::find_if(meaning.uses.begin(), meaning.uses.end(),
                                            [&](const Use& use) { return use.relation == name; });
            if (known == meaning.uses.end()) {
                meaning.uses.push_back({name, is_write(relation.kind)});
            } else {
                known->writes = known->writes || is_write(relation.kind);
            }
        }
        meaning.prepares = access.prepares;
        meaning.executes = access.executes;
    }
    if (!meaning.prepares.empty()) {
        auto prepared = std::make_shared<std::vector<Meaning>>();
        prepared->push_back({true, std::move(meaning.uses), kNoShape, {}, nullptr, {}, false, {}});
        if (!prepared->front().uses.empty()) prepared->front().shape = shape_of(prepared_text(statement));
        meaning.uses.clear();
        meaning.prepared = std::move(prepared);
    }
    if (!meaning.uses.empty()) meaning.shape = shape_of(statement);
    Deallocation gone = deallocation(statement);
    meaning.deallocates = gone.any;
    meaning.deallocated = std::move(gone.name);
    return meaning;
}

TrafficCollector::Meanings TrafficCollector::meanings_of(BytesView text) {
    const bool short_text = text.size() <= limits_.remembered_text;
    if (short_text) {
        const auto found = meanings_.find(Bytes(text));
        if (found != meanings_.end()) return found->second;
    }
    auto meanings = std::make_shared<std::vector<Meaning>>();
    for (const BytesView statement : sql::split_statements(text)) meanings->push_back(meaning_of(statement));
    if (short_text && meanings_.size() < limits_.texts) meanings_.emplace(Bytes(text), meanings);
    return meanings;
}

}  // namespace understudy::schema::hazard
