#include "capture/packet/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace understudy::capture {

std::string to_string(const Endpoint& endpoint) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(endpoint.v6 ? AF_INET6 : AF_INET, endpoint.address.data(), text.data(), text.size());
    return endpoint.v6 ? fmt::format("[{}]:{}", text.data(), endpoint.port)
                       : fmt::format("{}:{}", text.data(), endpoint.port);
}

}  // namespace understudy::capture
