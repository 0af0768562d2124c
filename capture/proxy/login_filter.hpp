#pragma once

#include "core/base/bytes.hpp"

namespace understudy::capture {

/// The server's first messages on their way to the client. Two things have to be seen there: a list of SASL mechanisms
/// that offers channel binding which cannot hold through the proxy, and a refusal after which libpq would try again
/// with or without TLS. Everything else, and all that follows, passes byte for byte. Pure.
class LoginFilter {
public:
    enum class Verdict {
        undecided,  ///< more bytes are needed
        passed,     ///< `out` is to be sent, and what follows needs no filter
        refused,    ///< the server's first answer is an ErrorResponse; `out` holds it
    };

    /// `remove_binding`: take SCRAM-SHA-256-PLUS out of the list (docs/proxy.md has when).
    explicit LoginFilter(bool remove_binding) : remove_binding_(remove_binding) {}

    /// Takes what the server sent and appends to `out` what the client gets.
    Verdict on_server_bytes(BytesView bytes, Bytes& out);
    [[nodiscard]] bool binding_removed() const { return removed_; }

private:
    static constexpr std::size_t kMaxHeld = 65536;

    bool remove_binding_;
    bool removed_ = false;
    Bytes held_;
};

/// Whether a client's first SASL message (SASLInitialResponse) says that it would have used channel binding had the
/// server offered it: gs2 flag "y" (RFC 5802 section 6). A server with TLS refuses that.
bool declines_binding_unoffered(BytesView message);

/// A FATAL ErrorResponse of the proxy's own.
Bytes fatal_error(BytesView sqlstate, BytesView message);

}  // namespace understudy::capture
