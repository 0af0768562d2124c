#include "capture/proxy/place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace understudy::capture {
namespace {

constexpr std::size_t kMaxSocketPath = 107;  // sockaddr_un, with its final zero

bool is_port(const std::string& text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string Place::socket_path() const { return port.empty() ? host : host + "/.s.PGSQL." + port; }

std::string Place::to_string() const {
    if (is_unix()) return socket_path();
    return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

Result<Place> parse_place(const std::string& text) {
    const auto wrong = [&](const char* why) {
        return make_error(Errc::usage, fmt::format("'{}': {}; ADDRESS:PORT, [IPV6]:PORT, *:PORT, /DIRECTORY:PORT or "
                                                   "/SOCKET is expected",
                                                   text, why));
    };
    const std::size_t colon = text.rfind(':');
    Place place{text.substr(0, colon), colon == std::string::npos ? std::string() : text.substr(colon + 1)};
    if (place.is_unix()) {
        if (!is_port(place.port)) place = {text, {}};
        if (place.socket_path().size() > kMaxSocketPath) return wrong("the path is too long for a Unix socket");
        return place;
    }
    if (!is_port(place.port)) return wrong("no port");
    if (place.host.size() > 2 && place.host.front() == '[' && place.host.back() == ']') {
        place.host = place.host.substr(1, place.host.size() - 2);
    } else if (std::count(place.host.begin(), place.host.end(), ':') > 0) {
        return wrong("an IPv6 address needs brackets");
    }
    if (place.host.empty()) return wrong("no address");
    return place;
}

}  // namespace understudy::capture
