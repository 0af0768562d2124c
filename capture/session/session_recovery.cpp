// The part of SessionDecoder that joins sessions, goes on after lost bytes, and ends them.

#include <utility>

#include "capture/session/session_decoder.hpp"
#include "core/base/byte_reader.hpp"

namespace understudy::capture {
namespace {

/// Longer TLS records are forbidden (RFC 8446 section 5.2, with the room that TLS 1.2 has).
constexpr std::size_t kMaxTlsRecord = (1U << 14U) + 2048;

/// Whether a piece consists of TLS records; the last of several may be cut.
bool is_tls(BytesView bytes) {
    std::size_t records = 0;
    while (!bytes.empty()) {
        ByteReader reader(bytes);
        const std::uint8_t type = reader.u8();
        const std::uint16_t version = reader.u16();
        const std::size_t length = reader.u16();
        if (!reader.ok()) return records > 0;
        if (type < 0x14 || type > 0x17 || version < 0x0300 || version > 0x0304) return false;
        if (length == 0 || length > kMaxTlsRecord) return false;
        if (length > reader.remaining()) return records > 0;
        bytes.remove_prefix(reader.position() + length);
        ++records;
    }
    return records > 0;
}

constexpr std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }

}  // namespace

void SessionDecoder::lose(const char* name, std::uint64_t by) {
    if (by == 0) return;
    context_.counters[name] += by;
    lost_[name] += by;
}

/// Looks for the place where a session that was open already can be entered.
void SessionDecoder::search(Direction direction, BytesView bytes, Timestamp time) {
    if (is_tls(bytes)) return become_opaque(SessionEnd::encrypted, time);
    if (direction == Direction::to_client) {  // however long a result is, the client's next message tells what this is
        quiet_ = false;
        return lose("loss.bytes_before_join", bytes.size());
    }
    std::size_t length = 0;
    if (bytes.size() >= 8 && pgwire::startup_packet_length(bytes, length) != pgwire::StartupStatus::not_postgresql) {
        stage_ = Stage::startup;  // only the SYN was missed
        searches_ = {};
        return on_client(bytes, time);
    }
    auto& search = searches_[index_of(direction)];
    if (!search) lose_boundary(direction);
    if (!search->add(bytes, burst_)) {
        searched_ += bytes.size();
        if (searched_ > kMaxSearch) become_opaque(SessionEnd::not_postgresql, time);
        return;
    }
    const Bytes rest = search->take();
    lose("loss.bytes_before_join", search->passed_over());
    search.reset();
    open(true, time);
    begin_transcript(true);
    begin_running(true, time);
    lose_boundary(Direction::to_client);
    count("sessions.joined");
    if (!quiet_) transcriber_->join(time);  // something may have been asked before
    if (begins_at_rest(bytes, rest)) transcriber_->at_rest();
    on_client_frames(rest, time);
}

void SessionDecoder::lose_boundary(Direction direction) {
    searches_[index_of(direction)] =
        std::make_unique<BoundarySearch>(direction == Direction::to_server, kMaxFrame, !ready_);
}

/// Whether the side's stream can be read: from this piece on, or from where `rest` begins, when that is not empty.
bool SessionDecoder::find_boundary(Direction direction, BytesView bytes, Bytes& rest) {
    const auto& search = searches_[index_of(direction)];
    if (!search) return true;
    if (!search->add(bytes, burst_)) return false;
    rest = resume(direction);
    return true;
}

Bytes SessionDecoder::resume(Direction direction) {
    auto& search = searches_[index_of(direction)];
    Bytes rest = search->take();
    lose("loss.unparsed_bytes", search->passed_over());
    search.reset();
    return rest;
}

void SessionDecoder::on_gap(Direction direction, std::uint64_t length, Timestamp time) {
    if (stage_ == Stage::opaque) return;
    auto& search = searches_[index_of(direction)];
    rested_ = quiet_ = false;
    client_heard_ = client_heard_ || direction == Direction::to_server;
    if (stage_ == Stage::searching) {
        if (search) lose("loss.bytes_before_join", search->passed_over());
        search.reset();
        return;
    }
    heard_ = true;
    const bool from_client = direction == Direction::to_server;
    lose("loss.gaps");
    lose("loss.gap_bytes", length);
    pgwire::FrameReader& reader = from_client ? client_reader_ : server_reader_;
    lose("loss.unparsed_bytes", search ? search->passed_over() : reader.pending());
    // A password, or what the server answers: it, or the client's first request, says when the log-in is over.
    if (stage_ == Stage::authentication && (from_client || transcriber_)) {
        reader.reset();
        login_lost_ = login_lost_ || !from_client;
        return lose_boundary(direction);
    }
    if (stage_ != Stage::running) {  // the start-up is lost: enter as if the session had been open
        stage_ = Stage::searching;
        startup_ = {};
        client_reader_.reset();
        server_reader_.reset();
        return;
    }
    reader.reset();
    lose_boundary(direction);
    transcriber_->gap(from_client, length, time);
}

void SessionDecoder::identify(const SessionIdentity& known, Timestamp time) {
    const bool another = !known.server.empty() && known.server != identity_.server;
    if (another || identity_.protocol != 0 || stage_ == Stage::opaque || identity_.identified) return;
    identity_.user = known.user;
    identity_.database = known.database;
    identity_.application = known.application;
    if (identity_.process_id == 0) identity_.process_id = known.process_id;
    identity_.identified = true;
    if (stage_ != Stage::running) return;
    SessionState state;
    state.session = session_;
    state.time = time;
    state.identity = identity_;
    state.transaction_status = transcriber_->transaction_status();
    state.next_ordinal = Ordinal(transcriber_->tracker().next_ordinal());
    context_.sink.on_event(std::move(state));
}

void SessionDecoder::on_close(CloseReason reason, Timestamp time) {
    if (stage_ == Stage::opaque) return;
    const char* unread = stage_ == Stage::searching ? "loss.bytes_before_join" : "loss.unparsed_bytes";
    for (const auto& search : searches_) lose(unread, search ? search->passed_over() : 0);
    lose(unread, client_reader_.pending() + server_reader_.pending() + startup_.size());
    if (!heard_) {  // a connection that said nothing
        count("sessions.silent");
        return;
    }
    open(!saw_syn_, time);
    if (transcriber_) transcriber_->finish(time);
    SessionClosed closed{session_, time, SessionEnd::connection, {}, {}};
    if (!ready_ && refusal_) {
        closed.end = SessionEnd::refused;
    } else if (terminated_) {
        closed.end = SessionEnd::terminate;
    } else if (reason == CloseReason::end_of_capture) {
        closed.end = SessionEnd::still_open;
    }
    if (stage_ == Stage::searching) {
        if (transcriber_ == nullptr) closed.end = SessionEnd::not_postgresql;
        if (client_heard_) lose("loss.sessions_not_entered");
    }
    closed.error = refusal_;
    if (transcriber_ && transcriber_->session_error()) closed.error = transcriber_->session_error();
    end(std::move(closed));
}

/// Says what the session lost, and that it is over.
void SessionDecoder::end(SessionClosed&& closed) {
    stage_ = Stage::opaque;
    searches_ = {};
    if (const auto key = context_.cancel_keys.find(cancel_key_);
        key != context_.cancel_keys.end() && key->second == session_) {
        context_.cancel_keys.erase(key);
    }
    if (transcriber_) {
        lose("loss.incomplete_steps", transcriber_->incomplete());
        lose("requests.unresolved", transcriber_->unresolved());
    }
    if (!lost_.empty()) context_.sink.on_event(Counters{std::move(lost_), session_});
    context_.sink.on_event(std::move(closed));
}

}  // namespace understudy::capture
