#include "core/store/capture_codec.hpp"

#include <google/protobuf/io/coded_stream.h>

#include <type_traits>

#include "capture.pb.h"
#include "core/store/chunk.hpp"
#include "core/store/record_glance.hpp"
#include "core/store/short_record.hpp"
#include "core/store/step_codec.hpp"

namespace understudy::store {
namespace {

using google::protobuf::io::CodedOutputStream;

/// Records that lean on those before them.
template <class E>
constexpr bool kShort = std::is_same_v<E, Request> || std::is_same_v<E, Response>;

Timestamp response_time(const Response& response) {
    if (response.ready.known()) return response.ready;
    return response.results.empty() ? Timestamp() : response.results.back().end;
}

void encode(const SessionOpened& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_session_opened();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
    to.set_joined(from.joined);
    encode_identity(from.identity, *to.mutable_identity());
}

void encode_statement(const PreparedStatement& from, v1::PreparedStatement& to) {
    to.set_name(from.name);
    to.set_sql(from.sql);
    for (const std::uint32_t type : from.parameter_types) to.add_parameter_types(type);
}

void encode(const SessionState& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_session_state();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
    to.set_complete(from.complete);
    encode_identity(from.identity, *to.mutable_identity());
    for (const auto& [name, value] : from.settings) encode_pair(name, value, *to.add_settings());
    for (const PreparedStatement& statement : from.statements) encode_statement(statement, *to.add_statements());
    to.set_transaction_status(static_cast<unsigned char>(from.transaction_status));
    to.set_next_ordinal(from.next_ordinal.value());
}

void encode(const SessionClosed& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_session_closed();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
    to.set_end(static_cast<std::uint32_t>(from.end));
    if (from.error) encode_message(*from.error, *to.mutable_error());
    to.set_note(from.note);
}

void encode(const CancelSent& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_cancel_sent();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
}

void encode(const Request& from, v1::Record& record, ChunkPlaces& places) {
    auto& to = *record.mutable_request();
    encode_place(from.session, from.ordinal, from.time, places, to);
    to.set_step(from.step.value());
    to.set_seen_behind(static_cast<std::int32_t>(from.ordinal.value() - from.seen.ordinal.value()));
    to.set_seen_steps(from.seen.steps);
    to.set_seen_copy_in(from.seen.copy_in);
    to.set_unresolved(from.unresolved);
    to.set_frames(from.frames);
}

void encode(const Response& from, v1::Record& record, ChunkPlaces& places) {
    auto& to = *record.mutable_response();
    const Timestamp time = response_time(from);
    encode_place(from.session, from.ordinal, time, places, to);
    to.set_first_step(from.first_step.value());
    for (const StepResult& result : from.results) encode_step(result, *to.add_results(), time);
    to.set_transaction_status(static_cast<unsigned char>(from.transaction_status));
    to.set_ended(from.ready.known());
    if (from.ready.known()) to.set_ready_ns(relative(from.ready, time));
}

void encode(const RowPart& from, v1::Record& record, Timestamp) {
    auto& to = *record.mutable_row_part();
    to.set_session(from.session.value());
    to.set_ordinal(from.ordinal.value());
    to.set_step(from.step.value());
    for (const Bytes& row : from.rows) to.add_rows(row);
}

void encode(const Gap& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_gap();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
    to.set_from_client(from.from_client);
    to.set_bytes(from.bytes);
    to.set_exchanges_dropped(from.exchanges_dropped);
}

void encode(const StatementInferred& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_statement_inferred();
    to.set_session(from.session.value());
    to.set_time_ns(relative(from.time, base));
    encode_statement(from.statement, *to.mutable_statement());
    to.set_sessions_agreeing(from.sessions_agreeing);
}

void encode(const Counters& from, v1::Record& record, Timestamp) {
    auto& to = *record.mutable_counters();
    to.set_session(from.session.value());
    for (const auto& [name, value] : from.values) (*to.mutable_values())[name] = value;
}

void encode(const CatalogRecord& from, v1::Record& record, Timestamp base) {
    auto& to = *record.mutable_catalog();
    to.set_time_ns(relative(from.time, base));
    to.set_database(from.database);
    to.set_content(from.content);
}

PreparedStatement decode_statement(const v1::PreparedStatement& from) {
    return {from.name(), from.sql(), {from.parameter_types().begin(), from.parameter_types().end()}};
}

SessionState decode_state(const v1::SessionState& from, Timestamp base) {
    SessionState to;
    to.session = SessionId(from.session());
    to.time = absolute(from.time_ns(), base);
    to.complete = from.complete();
    to.identity = decode_identity(from.identity());
    for (const auto& pair : from.settings()) to.settings.emplace_back(pair.name(), pair.value());
    for (const auto& statement : from.statements()) to.statements.push_back(decode_statement(statement));
    to.transaction_status = static_cast<char>(from.transaction_status());
    to.next_ordinal = Ordinal(from.next_ordinal());
    return to;
}

SessionClosed decode_closed(const v1::SessionClosed& from, Timestamp base) {
    SessionClosed to;
    to.session = SessionId(from.session());
    to.time = absolute(from.time_ns(), base);
    const std::uint32_t last = static_cast<std::uint32_t>(SessionEnd::failed);
    to.end = from.end() <= last ? static_cast<SessionEnd>(from.end()) : SessionEnd::connection;
    if (from.has_error()) to.error = decode_message(from.error());
    to.note = from.note();
    return to;
}

Result<Event> decode_request(v1::Request& from, Timestamp base, ChunkPlaces& places) {
    Request to;
    if (from.has_since_ns()) {
        const auto time = decode_place(from, places, to.session, to.ordinal);
        if (!time) return make_error(Errc::malformed, "a request of a session that its chunk does not name");
        to.time = *time;
        to.seen.ordinal = Ordinal(to.ordinal.value() - static_cast<std::uint32_t>(from.seen_behind()));
    } else {
        to.session = SessionId(from.session());
        to.ordinal = Ordinal(from.ordinal());
        to.time = absolute(from.time_ns(), base);
        to.seen.ordinal = Ordinal(from.seen_ordinal());
    }
    to.step = StepIndex(from.step());
    to.seen.steps = from.seen_steps();
    to.seen.copy_in = from.seen_copy_in();
    to.unresolved = from.unresolved();
    to.frames = std::move(*from.mutable_frames());
    return Event(std::move(to));
}

Result<Event> decode_response(v1::Response& from, Timestamp base, ChunkPlaces& places) {
    Response to;
    const bool alone = !from.has_since_ns();
    if (alone) {
        to.session = SessionId(from.session());
        to.ordinal = Ordinal(from.ordinal());
    } else {
        const auto time = decode_place(from, places, to.session, to.ordinal);
        if (!time) return make_error(Errc::malformed, "a response of a session that its chunk does not name");
        base = *time;
    }
    to.first_step = StepIndex(from.first_step());
    to.results.reserve(static_cast<std::size_t>(from.results_size()));
    for (auto& result : *from.mutable_results()) to.results.push_back(decode_step(result, base, alone));
    to.transaction_status = static_cast<char>(from.transaction_status());
    if (from.ended()) to.ready = absolute(from.ready_ns(), base);
    return Event(std::move(to));
}

struct TimeOf {
    Timestamp operator()(const Response& e) const { return response_time(e); }
    Timestamp operator()(const RowPart&) const { return {}; }
    Timestamp operator()(const Counters&) const { return {}; }
    template <class T>
    Timestamp operator()(const T& e) const {
        return e.time;
    }
};

struct SessionOf {
    SessionId operator()(const CatalogRecord&) const { return {}; }
    template <class T>
    SessionId operator()(const T& e) const {
        return e.session;
    }
};

}  // namespace

// A Record that changes its kind frees what it held. The kinds of the hot path keep a Record each, and with it its
// memory.
struct CaptureCodec::Messages {
    v1::Record request;
    v1::Record response;
    v1::Record other;
    Timestamp base;
    ChunkPlaces places;

    v1::Record& parsed_into(BytesView body) {
        const auto tag = body.empty() ? 0U : static_cast<unsigned char>(body[0]);
        if (tag == (v1::Record::kRequestFieldNumber << 3U | 2U)) return request;
        return tag == (v1::Record::kResponseFieldNumber << 3U | 2U) ? response : other;
    }

    v1::Record& cleared_for(const Event& event) {
        if (std::holds_alternative<Request>(event)) {
            request.mutable_request()->Clear();
            return request;
        }
        if (std::holds_alternative<Response>(event)) {
            response.mutable_response()->Clear();
            return response;
        }
        other.Clear();
        return other;
    }
};

CaptureCodec::CaptureCodec() : messages_(std::make_unique<Messages>()) {}
CaptureCodec::~CaptureCodec() = default;

void CaptureCodec::begin_chunk(Timestamp base) {
    messages_->base = base;
    messages_->places.begin(base);
}

bool CaptureCodec::append(Bytes& out, const Event& event) {
    v1::Record& record = messages_->cleared_for(event);
    ChunkPlaces& places = messages_->places;
    const auto encode_event = [&]<class E>(const E& e) {
        if constexpr (kShort<E>) {
            encode(e, record, places);
        } else {
            encode(e, record, messages_->base);
        }
    };
    std::visit(encode_event, event);
    const std::size_t size = record.ByteSizeLong();
    if (size > kMaxRecordLength) return false;
    const std::size_t prefix = CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(size));
    const std::size_t before = out.size();
    out.resize(before + prefix + size);
    auto* data = reinterpret_cast<std::uint8_t*>(out.data()) + before;
    data = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(size), data);
    record.SerializeWithCachedSizesToArray(data);
    if (record.has_request()) {
        const auto& request = std::get<Request>(event);
        places.note(record.request().place(), request.session, request.ordinal.value(), request.time);
    } else if (record.has_response()) {
        const auto& response = std::get<Response>(event);
        places.note(record.response().place(), response.session, response.ordinal.value(), response_time(response));
    }
    return true;
}

bool CaptureCodec::pass_over(BytesView body, const std::function<bool(SessionId)>& wanted) {
    const auto glance = RecordGlance::of(body);
    if (!glance || glance->kind() == GlancedKind::other) return false;
    ChunkPlaces& places = messages_->places;
    const bool leans = glance->has_since_ns();
    if (leans && glance->place() != 0 && !places.has(glance->place())) return false;
    SessionId session = leans && glance->place() != 0 ? places.session(glance->place()) : SessionId(glance->session());
    if (wanted(session)) return false;
    Ordinal ordinal;
    if (leans) decode_place(*glance, places, session, ordinal);
    return true;
}

Result<Event> CaptureCodec::decode(BytesView body) {
    v1::Record& record = messages_->parsed_into(body);
    const Timestamp base = messages_->base;
    if (!record.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        return make_error(Errc::malformed, "a record cannot be decoded");
    }
    switch (record.kind_case()) {
        case v1::Record::kSessionOpened: {
            const auto& from = record.session_opened();
            return Event(SessionOpened{SessionId(from.session()), absolute(from.time_ns(), base), from.joined(),
                                       decode_identity(from.identity())});
        }
        case v1::Record::kSessionState: return Event(decode_state(record.session_state(), base));
        case v1::Record::kSessionClosed: return Event(decode_closed(record.session_closed(), base));
        case v1::Record::kCancelSent: {
            const auto& from = record.cancel_sent();
            return Event(CancelSent{SessionId(from.session()), absolute(from.time_ns(), base)});
        }
        case v1::Record::kRequest: return decode_request(*record.mutable_request(), base, messages_->places);
        case v1::Record::kResponse: return decode_response(*record.mutable_response(), base, messages_->places);
        case v1::Record::kRowPart: {
            auto& from = *record.mutable_row_part();
            RowPart part{SessionId(from.session()), Ordinal(from.ordinal()), StepIndex(from.step()), {}};
            for (auto& row : *from.mutable_rows()) part.rows.push_back(std::move(row));
            return Event(std::move(part));
        }
        case v1::Record::kGap: {
            const auto& from = record.gap();
            return Event(Gap{SessionId(from.session()), absolute(from.time_ns(), base), from.from_client(),
                             from.bytes(), from.exchanges_dropped()});
        }
        case v1::Record::kStatementInferred: {
            const auto& from = record.statement_inferred();
            return Event(StatementInferred{SessionId(from.session()), absolute(from.time_ns(), base),
                                           decode_statement(from.statement()), from.sessions_agreeing()});
        }
        case v1::Record::kCounters: {
            Counters counters{{}, SessionId(record.counters().session())};
            for (const auto& [name, value] : record.counters().values()) counters.values[name] = value;
            return Event(std::move(counters));
        }
        case v1::Record::kCatalog: {
            auto& from = *record.mutable_catalog();
            return Event(
                CatalogRecord{absolute(from.time_ns(), base), from.database(), std::move(*from.mutable_content())});
        }
        case v1::Record::KIND_NOT_SET: break;
    }
    return make_error(Errc::unsupported, "a record of a kind that this version does not know");
}

Timestamp event_time(const Event& event) { return std::visit(TimeOf{}, event); }
SessionId event_session(const Event& event) { return std::visit(SessionOf{}, event); }

}  // namespace understudy::store
