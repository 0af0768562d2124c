#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::testing {

using Clock = std::chrono::steady_clock;

RawClient::RawClient(int port, const std::string& database) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect");
    send(pgwire::encode_startup(
        pgwire::StartupMessage{pgwire::kProtocol30, {{"user", "postgres"}, {"database", database}}}));
    const Bytes answer = read_until('Z');
    for (BytesView rest = answer; !rest.empty();
         rest.remove_prefix(ByteReader(rest.substr(1)).u32() + std::size_t{1})) {
        if (rest[0] == 'K') process_id_ = ByteReader(rest.substr(5)).u32();
    }
}

RawClient::~RawClient() { close(fd_); }

void RawClient::send(BytesView frames) {
    while (!frames.empty()) {
        const ssize_t n = ::send(fd_, frames.data(), frames.size(), MSG_NOSIGNAL);
        if (n <= 0) throw std::runtime_error("the server does not take more");
        frames.remove_prefix(static_cast<std::size_t>(n));
    }
}

bool RawClient::receive(Clock::time_point until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    pollfd waiting{fd_, POLLIN, 0};
    if (closed_ || poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) return false;
    std::array<char, 65536> buffer{};
    const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
    closed_ = n <= 0;
    if (n > 0) received_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0;
}

Bytes RawClient::take_frame() {
    if (received_.size() < 5) return {};
    const std::size_t size = ByteReader(BytesView(received_).substr(1)).u32() + std::size_t{1};
    if (received_.size() < size) return {};
    Bytes frame = received_.substr(0, size);
    received_.erase(0, size);
    return frame;
}

Bytes RawClient::read_until(char tag, int count) {
    const auto until = Clock::now() + kPatience;
    Bytes read;
    while (count > 0) {
        const Bytes frame = take_frame();
        if (frame.empty() && !receive(until)) throw std::runtime_error("the server did not answer; so far: " + read);
        if (!frame.empty() && frame[0] == tag) --count;
        read += frame;
    }
    return read;
}

Bytes RawClient::read_for(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    while (receive(until)) continue;
    Bytes read;
    for (Bytes frame = take_frame(); !frame.empty(); frame = take_frame()) read += frame;
    return read;
}

}  // namespace understudy::testing
