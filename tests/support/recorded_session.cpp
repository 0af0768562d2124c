#include "tests/support/recorded_session.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "core/pgwire/login.hpp"

namespace understudy::testing {
namespace {

Timestamp now() { return system_clock().now(); }

int connect_to(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("cannot connect to the throwaway server");
    }
    return fd;
}

void send_all(int fd, BytesView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) throw std::runtime_error("the throwaway server does not take what is sent");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

}  // namespace

Recording::Recording(std::string path, const Options& options) : path_(std::move(path)) {
    const DigestKey key = DigestKey::generate();
    std::remove((path_ + ".key").c_str());
    if (!key.save(path_ + ".key")) throw std::runtime_error("cannot save the key");
    CaptureHeader header;
    header.source = "packets";
    header.created = now();
    header.policy = options.policy;
    header.key_id = key.id();
    header.system_identifier = options.system_identifier;
    file_ = store::CaptureFile::create(path_, header).value();
    writer_ = std::make_unique<store::EventWriter>(*file_);
    digester_ = std::make_unique<Digester>(key);
    policy_ = options.policy;
}

Recording::~Recording() = default;

RecordedSession& Recording::session(int port, const Bytes& database, const Bytes& user,
                                    std::vector<std::pair<Bytes, Bytes>> startup) {
    SessionIdentity identity;
    identity.user = user;
    identity.database = database;
    identity.startup = {{"user", user}, {"database", database}};
    for (auto& parameter : startup) identity.startup.push_back(std::move(parameter));
    const SessionId id(sessions_.size() + 1);
    return *sessions_.emplace_back(std::make_unique<RecordedSession>(*this, id, port, std::move(identity)));
}

const std::string& Recording::finish() {
    for (const auto& session : sessions_) session->close();
    writer_->flush();
    if (writer_->failure() || !file_->finish()) throw std::runtime_error("cannot write the capture");
    return path_;
}

RecordedSession::RecordedSession(Recording& recording, SessionId id, int port, SessionIdentity identity)
    : recording_(recording), id_(id), port_(port), fd_(connect_to(port)) {
    recording_.add(SessionOpened{id_, now(), false, identity});
    login(identity);
    SessionState state;
    state.session = id_;
    state.time = now();
    state.complete = true;
    state.identity = std::move(identity);
    state.settings = settings_;
    state.transaction_status = 'I';
    recording_.add(std::move(state));
    transcriber_ = std::make_unique<Transcriber>(id_, *recording_.digester_, recording_.policy_, false,
                                                 recording_.counts_, *recording_.writer_);
}

RecordedSession::~RecordedSession() {
    if (fd_ >= 0) ::close(fd_);
}

Bytes RecordedSession::receive() {
    std::array<char, 1U << 16U> buffer{};
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (n <= 0) throw std::runtime_error("the throwaway server closed the connection or is silent");
    return {buffer.data(), static_cast<std::size_t>(n)};
}

void RecordedSession::login(const SessionIdentity& identity) {
    pgwire::StartupMessage startup;
    startup.parameters = identity.startup;
    pgwire::Login login(std::move(startup), "", "nonce");
    send_all(fd_, login.first());
    pgwire::FrameReader reader;
    pgwire::FrameView frame;
    while (!login.done()) {
        const Bytes bytes = receive();
        reader.begin(bytes);
        while (reader.next(frame) == pgwire::FrameStatus::complete) send_all(fd_, login.on_frame(frame).value());
        reader.end();
    }
    process_id_ = login.process_id();
    secret_key_ = login.secret_key();
    settings_ = login.settings();
}

RecordedSession& RecordedSession::send(BytesView frames) {
    for (const Bytes& frame : split_frames(frames)) transcriber_->frontend(view_frame(frame), now());
    transcriber_->end_of_client_data();
    send_all(fd_, frames);
    return *this;
}

RecordedSession& RecordedSession::read(char tag, int count) {
    rows_.clear();
    while (count > 0) {
        const Bytes bytes = receive();
        reader_.begin(bytes);
        pgwire::FrameView frame;
        while (reader_.next(frame) == pgwire::FrameStatus::complete) {
            transcriber_->backend(frame, now());
            if (frame.tag == 'D') rows_.emplace_back(frame.body);
            if (frame.tag == tag) --count;
        }
        reader_.end();
        transcriber_->end_of_server_data();
    }
    return *this;
}

RecordedSession& RecordedSession::cancel() {
    recording_.add(CancelSent{id_, now()});
    const int fd = connect_to(port_);
    send_all(fd, pgwire::encode_startup(pgwire::CancelRequest{process_id_, secret_key_}));
    std::array<char, 1> byte{};
    (void)::recv(fd, byte.data(), byte.size(), 0);  // the server closes once the signal is sent
    ::close(fd);
    return *this;
}

void RecordedSession::close(SessionEnd end) {
    if (fd_ < 0) return;
    if (end == SessionEnd::terminate) send_all(fd_, fe::terminate());
    transcriber_->finish(now());
    recording_.add(SessionClosed{id_, now(), end, {}, {}});
    ::close(std::exchange(fd_, -1));
}

}  // namespace understudy::testing
