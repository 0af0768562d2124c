#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::app::service {

/// "https://host:8443/path" taken apart.
struct HookAddress {
    bool secure = false;
    std::string host;  ///< an IPv6 address without its brackets
    std::string port;
    std::string target;     ///< path and query
    std::string authority;  ///< for the header Host

    friend bool operator==(const HookAddress&, const HookAddress&) = default;
};

/// No user name, no fragment, nothing that is not printable ASCII; without TLS only on this machine, since tokens and reports
/// are sent there. Errors: Errc::malformed.
Result<HookAddress> parse_hook_url(const std::string& url);

}  // namespace understudy::app::service
