#include "core/net/ssl_mode.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace understudy::net {

Result<SslMode> parse_ssl_mode(const std::string& text) {
    constexpr std::array<std::pair<const char*, SslMode>, 6> kModes{{{"disable", SslMode::disable},
                                                                     {"allow", SslMode::allow},
                                                                     {"prefer", SslMode::prefer},
                                                                     {"require", SslMode::require},
                                                                     {"verify-ca", SslMode::verify_ca},
                                                                     {"verify-full", SslMode::verify_full}}};
    for (const auto& [name, mode] : kModes) {
        if (text == name) return mode;
    }
    return make_error(Errc::usage, fmt::format("'{}' is no sslmode: disable, allow, prefer, require, verify-ca or "
                                               "verify-full",
                                               text));
}

std::vector<bool> tls_attempts(SslMode mode) {
    switch (mode) {
        case SslMode::disable: return {false};
        case SslMode::allow: return {false, true};
        case SslMode::prefer: return {true, false};
        default: return {true};
    }
}

bool demands_tls(SslMode mode) {
    return mode == SslMode::require || mode == SslMode::verify_ca || mode == SslMode::verify_full;
}

}  // namespace understudy::net
