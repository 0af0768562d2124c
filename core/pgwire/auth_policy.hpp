#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::pgwire {

/// libpq's channel_binding: whether SCRAM has to prove that nobody stands between (PostgreSQL docs, "Database
/// Connection Control Functions").
enum class ChannelBinding : std::uint8_t { disable, prefer, require };
/// Errors: Errc::usage.
Result<ChannelBinding> parse_channel_binding(const std::string& text);

/// By what a server may ask for a proof of identity, by libpq's names in require_auth.
enum class AuthMethod : std::uint8_t { none, password, md5, scram_sha_256, gss, sspi, oauth };

/// The methods that a client lets the server use (libpq's require_auth).
class AuthMethods {
public:
    /// All of them.
    AuthMethods() = default;
    /// "", or a list of names, "scram-sha-256,none", or of names that are not allowed, "!password,!md5". Errors:
    /// Errc::usage.
    static Result<AuthMethods> parse(const std::string& text);

    [[nodiscard]] bool permits(AuthMethod method) const {
        return (permitted_ >> static_cast<unsigned>(method) & 1U) != 0;
    }

private:
    static constexpr std::uint32_t kAll = 0x7f;
    std::uint32_t permitted_ = kAll;
};

/// What a login may rely on, and what it insists on.
struct LoginSecurity {
    bool tls = false;            ///< the connection is encrypted
    Bytes channel_binding_data;  ///< of the server's certificate (RFC 5929); empty: there is none
    ChannelBinding channel_binding = ChannelBinding::prefer;
    AuthMethods methods;
};

}  // namespace understudy::pgwire
