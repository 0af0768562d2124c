// The floor for a replayer: one thread, epoll, the recorded bytes of each session sent as they are, answers read only
// as far as to find ReadyForQuery. bench_bare_client CAPTURE HOST PORT DATABASE
// Prints also how long an answer took, in microseconds.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "core/base/histogram.hpp"
#include "core/pgwire/startup.hpp"
#include "tests/bench/recorded_work.hpp"

namespace {

using namespace understudy;  // NOLINT: a program of one file

struct Connection {
    int fd = -1;
    const bench::SessionWork* work = nullptr;
    std::size_t next = 0;
    int awaited = 0;       // ReadyForQuery
    std::size_t skip = 0;  // bytes of a frame's body that are still to come
    std::array<char, 5> header{};
    std::size_t header_used = 0;
    std::chrono::steady_clock::time_point sent;
};

std::uint64_t requests = 0;

void send_all(const Connection& connection, BytesView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) throw std::runtime_error("send failed");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

/// Counts the ReadyForQuery in a piece of the answer.
void scan(Connection& connection, BytesView bytes) {
    while (!bytes.empty()) {
        if (connection.skip > 0) {
            const std::size_t take = std::min(connection.skip, bytes.size());
            connection.skip -= take;
            bytes.remove_prefix(take);
            continue;
        }
        connection.header[connection.header_used++] = bytes[0];
        bytes.remove_prefix(1);
        if (connection.header_used < 5) continue;
        connection.header_used = 0;
        std::size_t length = 0;
        for (std::size_t i = 1; i < 5; ++i) length = length << 8U | static_cast<unsigned char>(connection.header[i]);
        connection.skip = length - 4;
        if (connection.header[0] == 'Z') --connection.awaited;
    }
}

void connect_to(Connection& connection, const sockaddr_in& address, const std::string& database) {
    connection.fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("cannot connect");
    }
    const int on = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pgwire::StartupMessage startup;
    startup.parameters = {{"user", connection.work->user}, {"database", database}};
    send_all(connection, pgwire::encode_startup(startup));
    connection.awaited = 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const auto work = bench::read_work(argv[1]);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[3])));
    inet_pton(AF_INET, argv[2], &address.sin_addr);
    const int epoll = epoll_create1(0);
    std::vector<Connection> connections(work.size());
    for (std::size_t i = 0; i < work.size(); ++i) {
        connections[i].work = &work[i];
        connect_to(connections[i], address, argv[4]);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connections[i];
        epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
    }
    Histogram answered;
    const auto start = std::chrono::steady_clock::now();
    std::size_t open = connections.size();
    std::array<epoll_event, 64> events{};
    std::array<char, 65536> buffer{};
    while (open > 0) {
        const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            Connection& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            const ssize_t n = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
            if (n <= 0) throw std::runtime_error("the server closed a connection");
            scan(connection, BytesView(buffer.data(), static_cast<std::size_t>(n)));
            if (connection.awaited > 0) continue;
            const auto now = std::chrono::steady_clock::now();
            if (connection.next > 0) answered.record((now - connection.sent).count());
            if (connection.next == connection.work->sends.size()) {
                ::close(connection.fd);
                --open;
                continue;
            }
            const bench::SessionWork::Send& send = connection.work->sends[connection.next++];
            connection.awaited += send.answers;
            connection.sent = now;
            send_all(connection, send.bytes);
            ++requests;
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("requests {} seconds {:.3f} per_second {:.0f}\n", requests, seconds,
               static_cast<double>(requests) / seconds);
    fmt::print("{:28} p50 {:9.1f}  p99 {:9.1f}  max {:9.1f}\n", "request to answer",
               static_cast<double>(answered.quantile(0.5)) / 1e3, static_cast<double>(answered.quantile(0.99)) / 1e3,
               static_cast<double>(answered.max()) / 1e3);
    return 0;
}
