// A server that answers at once: trust login, and the same small answer to everything. It measures clients, not itself.
// bench_null_server PORT (prints "ready" when it listens; ends on SIGTERM)

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <unordered_map>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/startup.hpp"

namespace {

using namespace understudy;  // NOLINT: a program of one file

struct Client {
    bool started = false;
    Bytes startup;
    pgwire::FrameReader reader;
};

struct Answers {
    Bytes login = pgwire::encode_backend(pgwire::Authentication{}) +
                  pgwire::encode_backend(pgwire::BackendKeyData{1, Bytes(4, '\1')}) +
                  pgwire::encode_backend(pgwire::ReadyForQuery{'I'});
    Bytes ready = pgwire::encode_backend(pgwire::ReadyForQuery{'I'});
    Bytes complete = pgwire::encode_backend(pgwire::CommandComplete{"SELECT 1"});
    Bytes row = pgwire::encode_backend(pgwire::DataRow{{Bytes("42")}});
    Bytes description = pgwire::encode_backend(pgwire::RowDescription{{{"abalance", 0, 0, 23, 4, -1, 0}}});

    void add(char tag, Bytes& out) const {
        switch (tag) {
            case 'P': out += pgwire::encode_backend(pgwire::BareMessage{'1'}); break;
            case 'B': out += Bytes("2\0\0\0\4", 5); break;
            case 'C': out += Bytes("3\0\0\0\4", 5); break;
            case 'D': out += description; break;
            case 'E': out += row + complete; break;
            case 'S': out += ready; break;
            case 'Q': out += description + row + complete + ready; break;
            default: break;
        }
    }
};

bool serve(int fd, Client& client, const Answers& answers, std::array<char, 65536>& buffer) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) return false;
    BytesView bytes(buffer.data(), static_cast<std::size_t>(n));
    Bytes out;
    if (!client.started) {
        client.startup += bytes;
        std::size_t length = 0;
        if (pgwire::startup_packet_length(client.startup, length) != pgwire::StartupStatus::complete) return true;
        client.started = true;
        out = answers.login;
        bytes = {};
    }
    client.reader.begin(bytes);
    pgwire::FrameView frame;
    while (client.reader.next(frame) == pgwire::FrameStatus::complete) {
        if (frame.tag == 'X') return false;
        answers.add(frame.tag, out);
    }
    client.reader.end();
    return out.empty() || ::send(fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 1024) != 0)
        return 4;
    const int epoll = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    fmt::print("ready\n");
    std::fflush(stdout);
    const Answers answers;
    std::unordered_map<int, Client> clients;
    std::array<epoll_event, 64> events{};
    std::array<char, 65536> buffer{};
    while (true) {
        const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == listener) {
                const int client = ::accept(listener, nullptr, nullptr);
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event.data.fd = client;
                epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
                clients[client];
            } else if (!serve(fd, clients[fd], answers, buffer)) {
                clients.erase(fd);
                ::close(fd);
            }
        }
    }
}
