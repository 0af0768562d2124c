#include "core/net/pg_stream.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::net {
namespace {

using namespace asio::experimental::awaitable_operators;  // NOLINT: how Asio's operators are meant to be used
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReceiveSize = 64U << 10U;
constexpr std::size_t kCiphertextSize = 32U << 10U;
constexpr std::size_t kEncryptAtOnce = 64U << 10U;  // what may wait inside, encrypted
constexpr BytesView kCannotConnectNow = "57P03";    // libpq goes on to the next host then
constexpr BytesView kNotAuthorised = "28000";       // no entry in pg_hba.conf

Error io_error(const char* what, const boost::system::error_code& error) {
    return make_error(Errc::io, fmt::format("{}: {}", what, error.message()));
}

}  // namespace

struct PgStream::Attempt {
    const Server& server;
    const ServerAddress& address;
    bool tls;
    Bytes* refusal_sqlstate;
};

struct PgStream::Failure {
    enum class Then {
        give_up,
        other_encryption,  // without TLS (or with it) it may be let in
        next_address,
    };
    Error error;
    Then then = Then::give_up;
};

asio::awaitable<Result<LoginFacts>> PgStream::open(const Server& server, pgwire::StartupMessage startup,
                                                   Duration timeout, Bytes* refusal_sqlstate) {
    std::optional<Failure> failure;
    for (std::size_t i = 0; i < server.addresses().size(); ++i) {
        const ServerAddress& address = server.addresses()[i];
        const std::vector<bool> attempts = server.attempts(address);
        for (const bool tls : attempts) {
            close();
            const Attempt attempt{server, address, tls, refusal_sqlstate};
            timer_.expires_after(std::chrono::nanoseconds(timeout.count_ns()));
            auto connected = co_await (connect(attempt) || timer_.async_wait(kAwait));
            if (connected.index() == 1) {
                const auto [closed] = std::get<1>(connected);  // by close(), from elsewhere
                failure = Failure{make_error(Errc::io, "cannot connect: no answer in time"),
                                  closed ? Failure::Then::give_up : Failure::Then::next_address};
                break;
            }
            failure = std::move(std::get<0>(connected));
            if (!failure) {
                LoginFacts facts;
                facts.address = i;
                facts.encrypted = tls_.has_value();
                pgwire::LoginSecurity security{facts.encrypted, tls_ ? tls_->channel_binding_data() : Bytes(),
                                               server.info().channel_binding, server.info().methods};
                pgwire::Login login(startup,
                                    server.password_for(address.entry, startup.get("database"), startup.get("user")),
                                    make_nonce(), std::move(security));
                failure = co_await log_in(attempt, std::move(login), facts);
                if (!failure) co_return facts;
            }
            if (failure->then != Failure::Then::other_encryption) break;
        }
        if (failure->then != Failure::Then::next_address) break;
    }
    co_return failure ? failure->error : make_error(Errc::io, "the server has no address");
}

asio::awaitable<std::optional<PgStream::Failure>> PgStream::connect(const Attempt& attempt) {
    const auto [error] = co_await socket_.async_connect(attempt.address.endpoint, kAwait);
    if (error) co_return Failure{io_error("cannot connect", error), Failure::Then::next_address};
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    if (!attempt.address.entry.is_unix()) socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (!attempt.tls) co_return std::nullopt;
    auto failure = co_await secure(attempt);
    co_return failure;
}

asio::awaitable<std::optional<PgStream::Failure>> PgStream::secure(const Attempt& attempt) {
    const SslMode mode = attempt.server.info().tls.mode;
    const auto agreed = co_await request_tls(socket_);
    if (!agreed) co_return Failure{agreed.error(), Failure::Then::other_encryption};
    if (!*agreed && mode == SslMode::prefer) co_return std::nullopt;
    if (!*agreed) {
        co_return Failure{make_error(Errc::auth, "the server does not offer TLS, which its sslmode demands"),
                          Failure::Then::other_encryption};
    }
    const std::string& host = attempt.address.entry.host;
    if (mode == SslMode::verify_full && host.empty()) {
        co_return Failure{make_error(Errc::usage, "sslmode=verify-full needs the server's name: give host= as well"),
                          Failure::Then::give_up};
    }
    tls_.emplace(*attempt.server.tls(), host, mode == SslMode::verify_full);
    auto shaken = co_await shake_hands(socket_, *tls_);
    if (!shaken) {
        co_return Failure{make_error(Errc::auth, shaken.error().message), Failure::Then::other_encryption};
    }
    ciphertext_.resize(kCiphertextSize);
    co_return std::nullopt;
}

asio::awaitable<std::optional<PgStream::Failure>> PgStream::log_in(const Attempt& attempt, pgwire::Login login,
                                                                   LoginFacts& facts) {
    const auto failed = [&](const Error& error) {
        Failure failure{error, Failure::Then::give_up};
        if (login.refusal_sqlstate() == kCannotConnectNow) failure.then = Failure::Then::next_address;
        // The password was shown to nobody: a server that lets nobody in this way may do so the other way.
        if (login.refusal_sqlstate() == kNotAuthorised && !login.showed_password()) {
            failure.then = Failure::Then::other_encryption;
        }
        if (attempt.refusal_sqlstate != nullptr) *attempt.refusal_sqlstate = login.refusal_sqlstate();
        return failure;
    };
    if (auto sent = co_await send(login.first()); !sent) co_return failed(sent.error());
    pgwire::FrameReader reader;
    std::vector<char> buffer(kReceiveSize);
    while (!login.done()) {
        auto received = co_await receive(buffer);
        if (!received) {
            if (received.error().code != Errc::end_of_file) co_return failed(received.error());
            co_return failed(make_error(Errc::auth, "the server closed the connection during the login"));
        }
        Bytes answer;
        reader.begin(*received);
        pgwire::FrameView frame;
        while (reader.next(frame) == pgwire::FrameStatus::complete) {
            auto step = login.on_frame(frame);
            if (!step) co_return failed(step.error());
            answer += *step;
        }
        reader.end();
        if (answer.empty()) continue;
        if (auto sent = co_await send(answer); !sent) co_return failed(sent.error());
    }
    facts.process_id = login.process_id();
    facts.secret_key = login.secret_key();
    facts.settings = login.settings();
    co_return std::nullopt;
}

Result<void> PgStream::try_send(BytesView& bytes) {
    if (tls_) return try_send_encrypted(bytes);
    if (send_some(socket_, bytes) != Sent::broken) return {};
    return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
}

Result<void> PgStream::try_send_encrypted(BytesView& bytes) {
    while (true) {
        const Sent sent = send_output(socket_, *tls_);
        if (sent == Sent::broken) {
            return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
        }
        if (sent == Sent::blocked) return {};
        bytes.remove_prefix(std::min(encrypted_, bytes.size()));
        encrypted_ = 0;
        if (bytes.empty()) return {};
        const BytesView piece = bytes.substr(0, kEncryptAtOnce);
        if (!tls_->write(piece)) return make_error(Errc::io, "the connection broke: TLS: " + tls_->failure());
        encrypted_ = piece.size();
    }
}

Result<BytesView> PgStream::try_receive(std::vector<char>& buffer) {
    if (buffer.size() < kReceiveSize) buffer.resize(kReceiveSize);
    if (tls_) return try_receive_encrypted(buffer);
    while (true) {
        const ssize_t n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n > 0) return BytesView(buffer.data(), static_cast<std::size_t>(n));
        if (n == 0) return make_error(Errc::end_of_file, "the server closed the connection");
        if (errno == EAGAIN || errno == EWOULDBLOCK) return BytesView();
        if (errno != EINTR) return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
    }
}

/// Decrypts until the buffer is full or nothing more is there. What ends the connection is told once what came before
/// it has been handed out.
Result<BytesView> PgStream::try_receive_encrypted(std::vector<char>& buffer) {
    std::size_t filled = 0;
    const auto got = [&] { return BytesView(buffer.data(), filled); };
    while (filled < buffer.size()) {
        std::size_t count = 0;
        const TlsEngine::Status status = tls_->read(buffer.data() + filled, buffer.size() - filled, count);
        filled += count;
        if (status == TlsEngine::Status::ok) continue;
        (void)send_output(socket_, *tls_);  // an alert, a key update; what blocks goes with the next
        holds_received_ = status != TlsEngine::Status::want_more && filled > 0;
        if (holds_received_) return got();
        if (status == TlsEngine::Status::closed) {
            return make_error(Errc::end_of_file, "the server closed the connection");
        }
        if (status == TlsEngine::Status::failed) {
            return make_error(Errc::io, "the connection broke: TLS: " + tls_->failure());
        }
        const ssize_t n = ::recv(socket_.native_handle(), ciphertext_.data(), ciphertext_.size(), MSG_DONTWAIT);
        if (n > 0) {
            tls_->feed(BytesView(ciphertext_.data(), static_cast<std::size_t>(n)));
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (filled > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))) {
            return got();  // the end, if it is one, comes again with the next recv()
        } else if (n == 0) {
            return make_error(Errc::end_of_file, "the server closed the connection");
        } else {
            return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
        }
    }
    holds_received_ = true;
    return got();
}

asio::awaitable<void> PgStream::wait_readable() {
    if (holds_received_) co_return;
    co_await socket_.async_wait(asio::socket_base::wait_read, kAwait);
}

asio::awaitable<void> PgStream::wait_readable_or_writable() {
    if (holds_received_) co_return;
    co_await (socket_.async_wait(asio::socket_base::wait_read, kAwait) ||
              socket_.async_wait(asio::socket_base::wait_write, kAwait));
}

asio::awaitable<Result<void>> PgStream::send(BytesView bytes) {
    while (true) {
        if (auto sent = try_send(bytes); !sent) co_return sent.error();
        if (bytes.empty()) co_return Result<void>();
        co_await socket_.async_wait(asio::socket_base::wait_write, kAwait);
    }
}

asio::awaitable<Result<BytesView>> PgStream::receive(std::vector<char>& buffer) {
    while (true) {
        auto received = try_receive(buffer);
        if (!received || !received->empty()) co_return received;
        auto waited = co_await (socket_.async_wait(asio::socket_base::wait_read, kAwait) || timer_.async_wait(kAwait));
        if (waited.index() == 1) co_return make_error(Errc::io, "the server did not answer in time");
    }
}

asio::awaitable<Result<std::vector<TextRow>>> PgStream::query(std::string sql) {
    return ask(pgwire::encode_frontend(pgwire::Query{std::move(sql)}));
}

asio::awaitable<Result<std::vector<TextRow>>> PgStream::ask(Bytes request) {
    timer_.expires_after(std::chrono::seconds(30));
    if (auto sent = co_await send(request); !sent) co_return sent.error();
    std::vector<TextRow> rows;
    std::optional<Error> failure;
    pgwire::FrameReader reader;
    std::vector<char> buffer(kReceiveSize);
    while (true) {
        auto received = co_await receive(buffer);
        if (!received) co_return received.error();
        reader.begin(*received);
        pgwire::FrameView frame;
        bool ready = false;
        while (reader.next(frame) == pgwire::FrameStatus::complete) {
            if (frame.tag == static_cast<char>(pgwire::BackendTag::data_row)) {
                TextRow& row = rows.emplace_back();
                pgwire::for_each_cell(frame.body, [&](std::size_t, std::optional<BytesView> value) {
                    row.push_back(value ? std::optional<Bytes>(*value) : std::nullopt);
                });
            } else if (frame.tag == static_cast<char>(pgwire::BackendTag::error_response)) {
                const auto fields = pgwire::decode_server_fields(frame.body);
                failure =
                    make_error(Errc::protocol, fields ? Bytes(pgwire::field(*fields, 'M')) : Bytes("unreadable error"));
            } else if (frame.tag == static_cast<char>(pgwire::BackendTag::ready_for_query)) {
                ready = true;
            }
        }
        reader.end();
        if (!ready) continue;
        if (failure) co_return *failure;
        co_return rows;
    }
}

void PgStream::close() {
    boost::system::error_code ignored;
    timer_.cancel();
    if (tls_ && socket_.is_open()) {
        tls_->shut_down();
        (void)send_output(socket_, *tls_);  // it is going away either way
    }
    socket_.close(ignored);
    tls_.reset();
    encrypted_ = 0;
    holds_received_ = false;
}

Bytes make_nonce() {
    std::array<unsigned char, 18> random{};
    UNDERSTUDY_ASSERT(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    Bytes nonce;
    for (const unsigned char byte : random) nonce += fmt::format("{:02x}", byte);
    return nonce;
}

}  // namespace understudy::net
