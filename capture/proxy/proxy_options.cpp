#include "capture/proxy/proxy_options.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace understudy::capture {

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

}  // namespace understudy::capture
