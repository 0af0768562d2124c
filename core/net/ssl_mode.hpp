#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::net {

/// libpq's sslmode (PostgreSQL docs, "SSL Support", table of SSL modes).
enum class SslMode { disable, allow, prefer, require, verify_ca, verify_full };

/// Errors: Errc::usage.
Result<SslMode> parse_ssl_mode(const std::string& text);
/// With TLS or without, in the order in which libpq tries them.
std::vector<bool> tls_attempts(SslMode mode);
/// No connection rather than one without TLS.
bool demands_tls(SslMode mode);

}  // namespace understudy::net
