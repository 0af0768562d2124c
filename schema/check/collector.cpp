#include "schema/check/collector.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/catalog/catalog_codec.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/literal_kinds.hpp"
#include "core/sql/numbered_names.hpp"
#include "core/sql/split.hpp"

namespace understudy::schema {
namespace {

constexpr std::size_t kMaxRecordedErrors = 4;
/// Longer texts (bulk inserts) seldom come twice.
constexpr std::size_t kMaxRememberedText = 4096;
/// Types below have the same OID on every server (FirstNormalObjectId in access/transam.h).
constexpr std::uint32_t kFirstUserOid = 16384;

void add_part(Bytes& key, BytesView part) {
    ByteWriter writer(key);
    writer.u64(part.size());
    writer.bytes(part);
}

std::vector<std::uint32_t> types_of(BytesView bytes) {
    std::vector<std::uint32_t> types;
    for (ByteReader reader(bytes); reader.remaining() >= 4;) types.push_back(reader.u32());
    return types;
}

bool is_step(pgwire::FrontendTag tag) {
    using enum pgwire::FrontendTag;
    return tag == parse || tag == bind || tag == describe || tag == execute || tag == close || tag == sync ||
           tag == function_call;
}

}  // namespace

void StatementCollector::on_event(const Event& event) {
    std::visit([this](const auto& e) { on(e); }, event);
}

RecordedStatements StatementCollector::take() {
    for (const std::uint32_t oid : declared_) {
        if (const catalog::Type* type = catalog_.type(oid)) found_.declared_types[oid] = {type->schema, type->name};
    }
    found_.unknown_statements = unknown_names_.size();
    found_.called_functions = called_functions_.size();
    return std::move(found_);
}

StatementCollector::Session* StatementCollector::session(SessionId id) {
    const auto found = sessions_.find(id.value());
    if (found != sessions_.end()) return &found->second;
    if (sessions_.size() >= limits_.sessions) return nullptr;
    return &sessions_.try_emplace(id.value(), limits_.message_bytes).first->second;
}

void StatementCollector::identify(SessionId id, const SessionIdentity& identity) {
    Session* s = session(id);
    if (s == nullptr) return;
    s->user = identity.user;
    s->path = catalog::SearchPath(identity.startup);
    const bool left_out = !database_.empty() && !identity.database.empty() && identity.database != database_;
    if (left_out && !s->left_out) ++found_.other_databases;
    s->left_out = left_out;
}

void StatementCollector::on(const SessionState& event) {
    // Later states of a session that is followed already say nothing new, unless its user was not known
    // before.
    const auto known = sessions_.find(event.session.value());
    if (known == sessions_.end() || (known->second.user.empty() && !event.identity.user.empty())) {
        identify(event.session, event.identity);
    }
    Session* s = session(event.session);
    if (s == nullptr || s->left_out) return;
    for (const PreparedStatement& statement : event.statements) {
        if (s->statements.find(statement.name) != s->statements.end()) continue;
        Prepared prepared = prepare(*s, statement.sql, statement.parameter_types, event.time);
        if (!statement.name.empty() && prepared.entry < kEmpty) found_.statements[prepared.entry].prepared = true;
        set_name(s->statements, statement.name, std::move(prepared));
    }
}

void StatementCollector::on(const CatalogRecord& event) {
    if (!database_.empty() && event.database != database_) return;
    if (auto decoded = catalog::decode(event.content)) catalog_ = std::move(*decoded);
}

void StatementCollector::on(const Gap& event) {
    Session* s = session(event.session);
    if (s == nullptr || !event.from_client) return;
    if (!s->unreadable) ++found_.unreadable;
    s->unreadable = true;
    s->reader.reset();
}

void StatementCollector::on(const Request& event) {
    Session* s = session(event.session);
    if (s == nullptr) {
        ++found_.beyond_limit;
        return;
    }
    if (s->left_out) return;
    if (event.ordinal != s->ordinal) {
        s->ordinal = event.ordinal;
        s->next_step = 0;
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

void StatementCollector::on(const Response& event) {
    Session* s = session(event.session);
    if (s == nullptr) return;
    for (std::size_t i = 0; i < event.results.size(); ++i) {
        const std::pair at(event.ordinal, event.first_step.value() + static_cast<std::uint32_t>(i));
        auto& pending = s->pending;
        while (!pending.empty() && std::pair(pending.front().ordinal, pending.front().step) < at) pending.pop_front();
        if (pending.empty()) return;
        if (std::pair(pending.front().ordinal, pending.front().step) != at || !event.results[i].error) continue;
        auto& errors = found_.statements[pending.front().entry].recorded_errors;
        const Bytes sqlstate(event.results[i].error->sqlstate());
        if (errors.size() < kMaxRecordedErrors && std::find(errors.begin(), errors.end(), sqlstate) == errors.end()) {
            errors.push_back(sqlstate);
        }
    }
}

void StatementCollector::on_frame(Session& session, const pgwire::FrameView& frame, Timestamp time) {
    const auto tag = static_cast<pgwire::FrontendTag>(frame.tag);
    if (tag == pgwire::FrontendTag::parse) {
        if (const auto parse = pgwire::view_parse(frame.body)) on_parse(session, *parse, time);
    } else if (tag == pgwire::FrontendTag::bind) {
        if (const auto bind = pgwire::view_bind(frame.body)) on_bind(session, *bind, frame.body);
    } else if (tag == pgwire::FrontendTag::execute) {
        if (const auto view = pgwire::view_name(frame)) on_execute(session, Bytes(view->name), time);
    } else if (tag == pgwire::FrontendTag::close) {
        if (const auto view = pgwire::view_name(frame)) {
            (view->target == 'S' ? session.statements : session.portals).erase(Bytes(view->name));
        }
    } else if (tag == pgwire::FrontendTag::query) {
        on_query(session, frame.body.substr(0, frame.body.find('\0')), time);
    } else if (tag == pgwire::FrontendTag::function_call) {
        if (called_functions_.size() < limits_.names) called_functions_.insert(ByteReader(frame.body).u32());
    }
    if (is_step(tag)) ++session.next_step;
}

void StatementCollector::on_parse(Session& session, const pgwire::ParseView& parse, Timestamp time) {
    Prepared prepared = prepare(session, parse.sql, types_of(parse.parameter_types), time);
    if (!parse.statement.empty() && prepared.entry < kEmpty) found_.statements[prepared.entry].prepared = true;
    expect_answer(session, prepared.entry);
    set_name(session.statements, parse.statement, std::move(prepared));
}

void StatementCollector::on_bind(Session& session, const pgwire::BindView& bind, BytesView body) {
    const auto found = session.statements.find(Bytes(bind.statement));
    if (found == session.statements.end()) {
        ++found_.unknown_executions;
        if (unknown_names_.size() < limits_.names) unknown_names_.insert(Bytes(bind.statement));
        session.portals.erase(Bytes(bind.portal));
        return;
    }
    constexpr std::size_t kWithoutParameters = 6;  // formats, parameters, and the results' formats: none of each
    const BytesView values = body.substr(bind.portal.size() + bind.statement.size() + 2);
    if (found->second.entry < kEmpty && values.size() > kWithoutParameters) {
        add_sample(found_.statements[found->second.entry], {{}, Bytes(values)});
    }
    set_name(session.portals, bind.portal, found->second);
}

void StatementCollector::add_sample(RecordedStatement& statement, StatementSample sample) {
    auto& samples = statement.samples;
    if (std::find(samples.begin(), samples.end(), sample) != samples.end()) return;
    const std::size_t size = sample.sql.size() + sample.bind.size();
    if (samples.size() >= limits_.samples || size > limits_.sample_bytes ||
        sample_bytes_ + size > limits_.all_sample_bytes) {
        statement.samples_complete = false;
        return;
    }
    sample_bytes_ += size;
    samples.push_back(std::move(sample));
}

void StatementCollector::on_execute(Session& session, Bytes portal, Timestamp time) {
    const auto found = session.portals.find(portal);
    if (found == session.portals.end()) return;
    ran(found->second.entry, time);
    expect_answer(session, found->second.entry);
    if (found->second.changes_session) session.on_statement(*found->second.changes_session);
}

void StatementCollector::on_query(Session& session, BytesView text, Timestamp time) {
    session.statements.erase(Bytes());  // a Query destroys the unnamed statement and portal
    session.portals.erase(Bytes());
    for (const BytesView sql : sql::split_statements(text)) {
        const Prepared prepared = prepare(session, sql, {}, time);
        expect_answer(session, prepared.entry);
        ++session.next_step;
        ran(prepared.entry, time);
        if (prepared.changes_session) session.on_statement(sql);
    }
}

StatementCollector::Prepared StatementCollector::prepare(const Session& session, BytesView sql,
                                                         std::vector<std::uint32_t> types, Timestamp time) {
    Prepared prepared;
    prepared.entry = sql::split_statements(sql).empty() ? kEmpty : entry_of(session, sql, std::move(types), time);
    if (catalog::SearchPath::may_change(sql) || TempTables::may_change(sql))
        prepared.changes_session = std::make_shared<const Bytes>(sql);
    return prepared;
}

std::uint32_t StatementCollector::entry_of(const Session& session, BytesView sql, std::vector<std::uint32_t> types,
                                           Timestamp time) {
    const Shape shape = shape_of(sql);
    while (!types.empty() && types.back() == 0) types.pop_back();  // 0 and nothing both mean: to be inferred
    Bytes key;
    ByteWriter writer(key);
    writer.u64(shape.fingerprint.value);
    writer.u8(shape.fingerprint.lexical ? 1 : 0);
    add_part(key, shape.literal_kinds);
    add_part(key, shape.numbered_names);
    writer.u64(types.size());
    for (const std::uint32_t type : types) writer.u32(type);
    add_part(key, session.user);
    const auto& path = session.path.in_force();
    writer.u8(path ? 1 : 0);
    if (path) add_part(key, *path);
    std::vector<Bytes> temps = session.temps.needed_by(sql);
    for (const Bytes& temp : temps) add_part(key, temp);
    if (const auto found = entries_.find(key); found != entries_.end()) {
        RecordedStatement& known = found_.statements[found->second];
        // Of a text with parameters the values come with Bind.
        if (sql != known.sql && sql.find('$') == BytesView::npos) add_sample(known, {Bytes(sql), {}});
        return found->second;
    }
    if (found_.statements.size() >= limits_.statements || bytes_ + sql.size() > limits_.statement_bytes)
        return kBeyondLimit;
    bytes_ += sql.size();
    note_declared(types);
    const auto index = static_cast<std::uint32_t>(found_.statements.size());
    RecordedStatement& statement = found_.statements.emplace_back();
    statement.sql = Bytes(sql);
    statement.fingerprint = shape.fingerprint;
    statement.parameter_types = std::move(types);
    statement.user = session.user;
    statement.search_path = session.path.in_force();
    statement.temps = std::move(temps);
    statement.first = statement.last = time;
    entries_.emplace(std::move(key), index);
    return index;
}

StatementCollector::Shape StatementCollector::shape_of(BytesView sql) {
    const auto made = [&] { return Shape{sql::fingerprint(sql), sql::literal_kinds(sql), sql::numbered_names(sql)}; };
    if (sql.size() > kMaxRememberedText) return made();
    Bytes text(sql);
    if (const auto found = shapes_.find(text); found != shapes_.end()) return found->second;
    if (shapes_.size() >= limits_.remembered_texts) shapes_.clear();
    return shapes_.emplace(std::move(text), made()).first->second;
}

void StatementCollector::ran(std::uint32_t entry, Timestamp time) {
    if (entry == kEmpty) return;
    ++found_.executions;
    if (entry == kBeyondLimit) {
        ++found_.beyond_limit;
        return;
    }
    RecordedStatement& statement = found_.statements[entry];
    ++statement.executions;
    statement.last = std::max(statement.last, time);
}

void StatementCollector::expect_answer(Session& session, std::uint32_t entry) {
    if (entry >= kEmpty || session.pending.size() >= limits_.unanswered) return;
    session.pending.push_back({session.ordinal, session.next_step, entry});
}

void StatementCollector::note_declared(const std::vector<std::uint32_t>& types) {
    for (const std::uint32_t oid : types) {
        if (oid >= kFirstUserOid) declared_.insert(oid);
    }
}

void StatementCollector::set_name(Names& names, BytesView name, Prepared prepared) const {
    const auto found = names.find(Bytes(name));
    if (found != names.end()) {
        found->second = std::move(prepared);
    } else if (names.size() < limits_.names) {
        names.emplace(Bytes(name), std::move(prepared));
    }
}

}  // namespace understudy::schema
