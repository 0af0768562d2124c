#include "core/net/pg_stream.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/login.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::net {
namespace {

using namespace asio::experimental::awaitable_operators;  // NOLINT: how Asio's operators are meant to be used
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReceiveSize = 64U << 10U;
constexpr auto kCancelTimeout = std::chrono::seconds(10);

Error io_error(const char* what, const boost::system::error_code& error) {
    return make_error(Errc::io, fmt::format("{}: {}", what, error.message()));
}

// An Address can be made from anything that looks like an endpoint, so the Result has to be told which one it gets.
Result<Address> no_address(Errc code, std::string message) {
    return Result<Address>(boost::system::in_place_error, make_error(code, std::move(message)));
}

}  // namespace

Result<Address> resolve(const ConnectionInfo& info) {
    if (info.host.starts_with('/') || info.host.starts_with('@')) {
        std::string path = info.host + "/.s.PGSQL." + info.port;
        if (path.size() > 107) return no_address(Errc::usage, fmt::format("the socket path {} is too long", path));
        if (path[0] == '@') path[0] = '\0';
        return Result<Address>(boost::system::in_place_value, asio::local::stream_protocol::endpoint(path));
    }
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    boost::system::error_code error;
    const auto found = resolver.resolve(info.host, info.port, error);
    if (error || found.empty()) {
        return no_address(Errc::io,
                          fmt::format("cannot find the server {}:{}: {}", info.host, info.port, error.message()));
    }
    return Result<Address>(boost::system::in_place_value, found.begin()->endpoint());
}

asio::awaitable<Result<LoginFacts>> PgStream::open(Address address, pgwire::StartupMessage startup,
                                                   std::string password, Duration timeout, Bytes* refusal_sqlstate) {
    timer_.expires_after(std::chrono::nanoseconds(timeout.count_ns()));
    auto connected = co_await (socket_.async_connect(address, kAwait) || timer_.async_wait(kAwait));
    if (connected.index() == 1) co_return make_error(Errc::io, "cannot connect: no answer in time");
    if (const auto [error] = std::get<0>(connected); error) co_return io_error("cannot connect", error);
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    if (address.protocol().family() != AF_UNIX) socket_.set_option(asio::ip::tcp::no_delay(true), ignored);

    pgwire::Login login(std::move(startup), std::move(password), make_nonce());
    if (auto sent = co_await send(login.first()); !sent) co_return sent.error();
    pgwire::FrameReader reader;
    std::vector<char> buffer(kReceiveSize);
    while (!login.done()) {
        auto received = co_await receive(buffer);
        if (!received) {
            if (received.error().code == Errc::end_of_file) {
                co_return make_error(Errc::auth, "the server closed the connection during the login");
            }
            co_return received.error();
        }
        Bytes answer;
        reader.begin(*received);
        pgwire::FrameView frame;
        while (reader.next(frame) == pgwire::FrameStatus::complete) {
            auto step = login.on_frame(frame);
            if (!step) {
                if (refusal_sqlstate != nullptr) *refusal_sqlstate = login.refusal_sqlstate();
                co_return step.error();
            }
            answer += *step;
        }
        reader.end();
        if (answer.empty()) continue;
        if (auto sent = co_await send(answer); !sent) co_return sent.error();
    }
    co_return LoginFacts{login.process_id(), login.secret_key(), login.settings()};
}

Result<void> PgStream::try_send(BytesView& bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return {};
        } else if (errno != EINTR) {
            return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
        }
    }
    return {};
}

Result<BytesView> PgStream::try_receive(std::vector<char>& buffer) {
    if (buffer.size() < kReceiveSize) buffer.resize(kReceiveSize);
    while (true) {
        const ssize_t n = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n > 0) return BytesView(buffer.data(), static_cast<std::size_t>(n));
        if (n == 0) return make_error(Errc::end_of_file, "the server closed the connection");
        if (errno == EAGAIN || errno == EWOULDBLOCK) return BytesView();
        if (errno != EINTR) return make_error(Errc::io, fmt::format("the connection broke: {}", std::strerror(errno)));
    }
}

asio::awaitable<void> PgStream::wait_readable() { co_await socket_.async_wait(asio::socket_base::wait_read, kAwait); }

asio::awaitable<void> PgStream::wait_readable_or_writable() {
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
    socket_.close(ignored);
}

asio::awaitable<void> send_cancel(asio::any_io_executor executor, Address address, std::uint32_t process_id,
                                  Bytes secret_key) {
    asio::generic::stream_protocol::socket socket(executor);
    const Bytes packet = pgwire::encode_startup(pgwire::CancelRequest{process_id, std::move(secret_key)});
    asio::steady_timer timer(executor, kCancelTimeout);
    const auto connected = co_await (socket.async_connect(address, kAwait) || timer.async_wait(kAwait));
    if (connected.index() == 1 || std::get<0>(std::get<0>(connected))) co_return;
    co_await asio::async_write(socket, asio::buffer(packet), kAwait);
    // The server closes once the signal is sent.
    std::array<char, 1> byte{};
    co_await (socket.async_read_some(asio::buffer(byte), kAwait) || timer.async_wait(kAwait));
}

Bytes make_nonce() {
    std::array<unsigned char, 18> random{};
    UNDERSTUDY_ASSERT(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    Bytes nonce;
    for (const unsigned char byte : random) nonce += fmt::format("{:02x}", byte);
    return nonce;
}

}  // namespace understudy::net
