#pragma once

#include <chrono>

#include "core/base/bytes.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::testing {

/// A blocking connection to a server that speaks bytes, past a start-up with trust authentication. Throws
/// std::runtime_error when the server cannot be reached or refuses.
class RawClient {
public:
    static constexpr std::chrono::milliseconds kPatience{20'000};

    RawClient(const ThrowawayCluster& cluster, const std::string& database) : RawClient(cluster.port(), database) {}
    /// Whatever listens on that loopback port.
    RawClient(int port, const std::string& database);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(BytesView frames);
    /// What comes up to and including the `count`-th message of this tag, whole frames. Throws when it does
    /// not come.
    Bytes read_until(char tag, int count = 1);
    /// What comes within that time, whole frames.
    Bytes read_for(std::chrono::milliseconds time);
    [[nodiscard]] std::uint32_t process_id() const { return process_id_; }
    /// Whether the server has closed the connection.
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] int socket() const { return fd_; }

private:
    bool receive(std::chrono::steady_clock::time_point until);
    Bytes take_frame();

    int fd_ = -1;
    bool closed_ = false;
    Bytes received_;
    std::uint32_t process_id_ = 0;
};

}  // namespace understudy::testing
