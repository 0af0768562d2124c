#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::pgwire {

/// The answer to AuthenticationMD5Password: "md5" + hex(md5(hex(md5(password + user)) + salt)). Empty, which
/// no server accepts, where the OpenSSL in use forbids MD5 (FIPS mode).
Bytes md5_password(BytesView user, BytesView password, BytesView salt);

/// The computation at the heart of SCRAM-SHA-256 (RFC 5802, section 3).
struct ScramKeys {
    Bytes client_proof;      ///< 32 bytes, what the client shows
    Bytes server_signature;  ///< 32 bytes, what the server has to show
};
ScramKeys scram_keys(BytesView password, BytesView salt, std::uint32_t iterations, BytesView auth_message);

/// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as pure steps, with or without channel binding
/// (tls-server-end-point, RFC 5929).
///
/// Drive it: client_first() goes into a SASLInitialResponse; give the AuthenticationSASLContinue data to
/// client_final(), whose result goes into a SASLResponse; give the AuthenticationSASLFinal data to verify().
/// The user name is left empty, as libpq does: the server takes it from the start-up packet. The password is
/// used as it is, without SASLprep (RFC 4013), which changes no ASCII password.
class ScramClient {
public:
    /// `nonce`: printable, from a secure generator, a new one for each attempt. `channel_binding_data`: the
    /// certificate's hash when the mechanism is SCRAM-SHA-256-PLUS, else empty. `tls_without_binding`:
    /// whether the client could bind but the server did not offer it (gs2 flag "y").
    ScramClient(Bytes password, Bytes nonce, Bytes channel_binding_data = {}, bool tls_without_binding = false);

    [[nodiscard]] Bytes client_first() const;
    /// Errors: Errc::malformed for a message that does not parse; Errc::auth for a nonce that does not
    /// continue ours or an iteration count outside 1 … 10,000,000.
    Result<Bytes> client_final(BytesView server_first);
    /// Errors: Errc::auth when the server does not prove that it knows the password, or reports an error.
    Result<void> verify(BytesView server_final) const;

private:
    [[nodiscard]] Bytes gs2_header() const;

    Bytes password_;
    Bytes nonce_;
    Bytes channel_binding_data_;
    bool tls_without_binding_;
    Bytes server_signature_;
};

}  // namespace understudy::pgwire
