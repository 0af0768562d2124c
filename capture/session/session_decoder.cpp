#include "capture/session/session_decoder.hpp"

#include "capture/session/redactor.hpp"
#include "core/base/byte_reader.hpp"
#include "core/exchange/message_privacy.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

using pgwire::BackendTag;
using pgwire::FrontendTag;

/// A TLS record (RFC 8446 section 5.1): handshake, alert, change-cipher-spec or data, version 3.x.
bool looks_like_tls(BytesView bytes) {
    return bytes.size() >= 3 && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 0x03 && bytes[2] >= 0 &&
           bytes[2] <= 4;
}

constexpr BytesView kReadyForQuery("Z\0\0\0\5", 5);  // and the transaction's status

bool ends_an_answer(BytesView bytes) {
    const std::size_t length = kReadyForQuery.size() + 1;
    return bytes.size() >= length && bytes.substr(bytes.size() - length, kReadyForQuery.size()) == kReadyForQuery;
}

bool means_replication(BytesView value) {
    return !value.empty() && value != "false" && value != "off" && value != "no" && value != "0";
}

}  // namespace

SessionDecoder::SessionDecoder(SessionId session, const FlowOpened& flow, DecodeContext& context)
    : session_(session),
      context_(context),
      stage_(flow.saw_syn ? Stage::startup : Stage::searching),
      saw_syn_(flow.saw_syn),
      quiet_(context.seen_since.known() && flow.time - context.seen_since >= Transcriber::kQuiet) {
    identity_.client = to_string(flow.client);
    identity_.server = to_string(flow.server);
}

void SessionDecoder::count_message(const char* side, std::string_view name) {
    ++context_.counters[std::string("messages.") + side + "." + std::string(name)];
}

void SessionDecoder::on_data(Direction direction, BytesView bytes, Timestamp time, bool caught_up) {
    if (stage_ == Stage::opaque) return;
    heard_ = true;
    // The first piece that is seen at all is taken for the start of a burst, unless it is inside a COPY.
    burst_ = last_ ? *last_ != direction : bytes[0] != static_cast<char>(FrontendTag::copy_data);
    last_ = direction;
    client_heard_ = client_heard_ || direction == Direction::to_server;
    at_rest_ = direction == Direction::to_server && caught_up && rested_;
    rested_ = direction == Direction::to_client && caught_up && ends_an_answer(bytes);
    if (stage_ == Stage::searching) return search(direction, bytes, time);
    if (direction == Direction::to_server) return on_client(bytes, time);
    on_server(bytes, time);
}

void SessionDecoder::on_client(BytesView bytes, Timestamp time) {
    if (stage_ == Stage::startup || stage_ == Stage::encryption_answer) return on_startup_bytes(bytes, time);
    const auto& server_search = searches_[static_cast<std::size_t>(Direction::to_client)];
    if (server_search && server_search->other_side_goes_on()) {
        const Bytes rest = resume(Direction::to_client);
        on_server_frames(rest, time);
    }
    Bytes rest;
    if (!find_boundary(Direction::to_server, bytes, rest)) return;
    if (transcriber_ && begins_at_rest(bytes, rest)) transcriber_->at_rest();
    on_client_frames(rest.empty() ? bytes : rest, time);
}

/// Whether a message begins with the client's piece, and the session is at rest there. `rest`: as in find_boundary().
bool SessionDecoder::begins_at_rest(BytesView bytes, BytesView rest) const {
    return at_rest_ && client_reader_.pending() == 0 && (rest.empty() || rest.size() == bytes.size());
}

void SessionDecoder::on_server(BytesView bytes, Timestamp time) {
    switch (stage_) {
        case Stage::encryption_answer: return on_encryption_answer(bytes, time);
        case Stage::startup:
            // The server refuses before it has read anything, as when there are too many connections already.
            if (bytes[0] != static_cast<char>(BackendTag::error_response)) {
                return become_opaque(SessionEnd::not_postgresql, time);
            }
            [[fallthrough]];
        case Stage::authentication:
        case Stage::running:
            if (Bytes rest; find_boundary(Direction::to_client, bytes, rest)) {
                on_server_frames(rest.empty() ? bytes : rest, time);
            }
            return;
        case Stage::searching:
        case Stage::opaque: return;
    }
}

void SessionDecoder::on_startup_bytes(BytesView bytes, Timestamp time) {
    startup_.append(bytes);
    std::size_t length = 0;
    while (stage_ == Stage::startup || stage_ == Stage::encryption_answer) {
        if (looks_like_tls(startup_)) return become_opaque(SessionEnd::encrypted, time);
        const auto status = pgwire::startup_packet_length(startup_, length);
        if (status == pgwire::StartupStatus::need_more) return;
        if (status == pgwire::StartupStatus::not_postgresql) return become_opaque(SessionEnd::not_postgresql, time);
        const auto packet = pgwire::decode_startup(BytesView(startup_).substr(0, length));
        startup_.erase(0, length);
        if (!packet) return become_opaque(SessionEnd::not_postgresql, time, packet.error().message);
        on_startup_packet(*packet, time);
    }
    if (stage_ == Stage::opaque || startup_.empty()) return;
    const Bytes rest = std::exchange(startup_, {});
    on_client_frames(rest, time);
}

void SessionDecoder::on_startup_packet(const pgwire::StartupPacket& packet, Timestamp time) {
    if (std::holds_alternative<pgwire::SslRequest>(packet) || std::holds_alternative<pgwire::GssEncRequest>(packet)) {
        count_message("frontend", std::holds_alternative<pgwire::SslRequest>(packet) ? "SSLRequest" : "GSSENCRequest");
        stage_ = Stage::encryption_answer;
        return;
    }
    if (const auto* cancel = std::get_if<pgwire::CancelRequest>(&packet)) {
        count_message("frontend", "CancelRequest");
        Bytes key = std::to_string(cancel->process_id) + ' ' + cancel->secret_key;
        const auto meant = context_.cancel_keys.find(key);
        const bool known = meant != context_.cancel_keys.end();
        context_.sink.on_event(CancelSent{known ? meant->second : SessionId(), time});
        return become_opaque(SessionEnd::cancel_request, time);
    }
    const auto& message = std::get<pgwire::StartupMessage>(packet);
    count_message("frontend", "StartupMessage");
    identity_.protocol = message.version;
    identity_.user = message.get("user");
    identity_.database = message.get("database").empty() ? identity_.user : Bytes(message.get("database"));
    identity_.application = setting_without_passwords(message.get("application_name"));
    for (const auto& [name, value] : message.parameters) {
        identity_.startup.emplace_back(name, setting_without_passwords(value));
    }
    open(false, time);
    stage_ = Stage::authentication;
    replication_ = means_replication(message.get("replication"));
    if (replication_) return;
    begin_transcript(false);
}

void SessionDecoder::on_encryption_answer(BytesView bytes, Timestamp time) {
    if (bytes[0] == 'N') {
        count_message("backend", "EncryptionRefused");
        stage_ = Stage::startup;
        if (bytes.size() > 1)
            become_opaque(SessionEnd::not_postgresql, time, "bytes after a refused encryption request");
        return;
    }
    if (bytes[0] == 'S' || bytes[0] == 'G') {
        count_message("backend", "EncryptionAccepted");
        return become_opaque(SessionEnd::encrypted, time);
    }
    if (bytes[0] == static_cast<char>(BackendTag::error_response)) {  // a server that is full, or very old
        open(false, time);
        stage_ = Stage::authentication;
        return on_server_frames(bytes, time);
    }
    become_opaque(SessionEnd::not_postgresql, time);
}

void SessionDecoder::on_client_frames(BytesView bytes, Timestamp time) {
    client_reader_.begin(bytes);
    pgwire::FrameView frame;
    pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
    while (stage_ != Stage::opaque && (status = client_reader_.next(frame)) == pgwire::FrameStatus::complete) {
        on_client_frame(frame, time);
    }
    client_reader_.end();
    if (transcriber_) transcriber_->end_of_client_data();
    if (status == pgwire::FrameStatus::error && stage_ != Stage::opaque) on_gap(Direction::to_server, 0, time);
}

void SessionDecoder::on_client_frame(const pgwire::FrameView& frame, Timestamp time) {
    const auto tag = static_cast<FrontendTag>(frame.tag);
    if (tag == FrontendTag::password) {
        count_message("frontend", pgwire::frontend_message_name(frame.tag));
        return;  // never stored
    }
    if (tag == FrontendTag::terminate) terminated_ = true;
    if (!transcriber_) return;
    if (!ready_ && login_lost_ && !terminated_) {
        begin_running(true, time);
        transcriber_->join(time);
    }
    Bytes whole;
    pgwire::FrameView kept = frame;
    std::optional<Bytes> hidden;
    if (tag == FrontendTag::query || tag == FrontendTag::parse) hidden = without_passwords(frame.body);
    if (tag == FrontendTag::bind) hidden = bound_without_passwords(frame.body);
    if (hidden) {
        count("requests.with_hidden_password");
        whole = Bytes(frame.whole.substr(0, 5)) + *hidden;
        kept = {frame.tag, BytesView(whole).substr(5), whole};
    }
    if (!transcriber_->frontend(kept, time)) lose("loss.unexpected_messages");
}

void SessionDecoder::on_server_frames(BytesView bytes, Timestamp time) {
    server_reader_.begin(bytes);
    pgwire::FrameView frame;
    pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
    while (stage_ != Stage::opaque && (status = server_reader_.next(frame)) == pgwire::FrameStatus::complete) {
        if (!ready_) {
            on_authentication_frame(frame, time);
            continue;
        }
        if (record_answer(frame, time) != pgwire::Arrival::unexpected) continue;
        lose("loss.unexpected_messages");
        // It answers what was never seen, or is seen later: what follows must not be taken for the answer to something
        // else.
        if (transcriber_->tracker().certain()) transcriber_->gap(true, 0, time);
    }
    server_reader_.end();
    if (transcriber_) transcriber_->end_of_server_data();
    if (status == pgwire::FrameStatus::error && stage_ != Stage::opaque) on_gap(Direction::to_client, 0, time);
}

void SessionDecoder::on_authentication_frame(const pgwire::FrameView& frame, Timestamp time) {
    const std::string_view name = pgwire::backend_message_name(frame.tag);
    count_message("backend", name.empty() ? std::string_view("unknown") : name);
    ByteReader reader(frame.body);
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::backend_key_data: {
            identity_.process_id = reader.u32();
            cancel_key_ = std::to_string(identity_.process_id) + ' ' + Bytes(reader.rest());
            if (context_.cancel_keys.size() < kMaxCancelKeys) context_.cancel_keys[cancel_key_] = session_;
            return;
        }
        case BackendTag::parameter_status: {
            const BytesView setting = reader.c_string();
            const BytesView value = reader.c_string();
            if (reader.ok()) settings_.emplace_back(setting, setting_without_passwords(value));
            if (reader.ok() && redactor_) redactor_->setting(setting, value);
            return;
        }
        case BackendTag::error_response: {
            ServerMessage message;
            if (auto fields = pgwire::decode_server_fields(frame.body)) message.fields = std::move(*fields);
            refusal_ = context_.policy == ResultsPolicy::full && context_.redaction == nullptr
                           ? std::move(message)
                           : without_user_data(std::move(message), false, context_.digester);
            return;
        }
        case BackendTag::ready_for_query:
            if (!transcriber_)
                return become_opaque(replication_ ? SessionEnd::replication : SessionEnd::not_postgresql, time);
            return begin_running(false, time);
        default: return;
    }
}

void SessionDecoder::begin_running(bool joined, Timestamp time) {
    stage_ = Stage::running;
    ready_ = true;
    auto& client_search = searches_[static_cast<std::size_t>(Direction::to_server)];
    if (client_search && client_search->passed_over() == 0) client_search.reset();  // what was lost was of the log-in
    SessionState state;
    if (transcriber_) transcriber_->set_own_process(identity_.process_id);
    state.session = session_;
    state.time = time;
    state.complete = !joined;
    state.identity = identity_;
    state.settings = std::move(settings_);
    state.transaction_status = joined ? '\0' : 'I';
    context_.sink.on_event(std::move(state));
}

void SessionDecoder::open(bool joined, Timestamp time) {
    if (opened_) return;
    opened_ = true;
    context_.sink.on_event(SessionOpened{session_, time, joined, identity_});
}

void SessionDecoder::become_opaque(SessionEnd why, Timestamp time, const std::string& note) {
    open(!saw_syn_, time);
    if (transcriber_) transcriber_->finish(time);
    if (why == SessionEnd::encrypted) count("sessions.encrypted");
    end(SessionClosed{session_, time, why, {}, note});
    startup_ = {};
    client_reader_.reset();
    server_reader_.reset();
}

}  // namespace understudy::capture
