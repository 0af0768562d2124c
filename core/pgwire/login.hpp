#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/pgwire/auth.hpp"
#include "core/pgwire/auth_policy.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::pgwire {

/// The client's side of a start-up, past the negotiation of TLS, as a pure machine (PostgreSQL docs, "Start-up"):
/// trust, cleartext password, md5 and SCRAM-SHA-256 with and without channel binding.
///
/// Drive it: send first(); give each frame of the server to on_frame() and send what it returns, until done().
class Login {
public:
    /// `nonce`: for SCRAM, printable, new for each login, from a secure generator.
    Login(StartupMessage startup, Bytes password, Bytes nonce, LoginSecurity security = {});

    [[nodiscard]] Bytes first() const;
    /// What to send now; empty when nothing. Errors: Errc::auth with the server's own words, Errc::protocol.
    Result<Bytes> on_frame(const FrameView& frame);
    /// Whether something that proves the password has been sent.
    [[nodiscard]] bool showed_password() const { return stage_ != Stage::unasked; }
    /// The server's first ReadyForQuery has come.
    [[nodiscard]] bool done() const { return done_; }

    [[nodiscard]] std::uint32_t process_id() const { return process_id_; }
    [[nodiscard]] const Bytes& secret_key() const { return secret_key_; }
    [[nodiscard]] const std::vector<std::pair<Bytes, Bytes>>& settings() const { return settings_; }
    /// SQLSTATE of a refusal, when the server gave one.
    [[nodiscard]] const Bytes& refusal_sqlstate() const { return refusal_sqlstate_; }

private:
    /// How far the server's demand for a proof has got.
    enum class Stage { unasked, scram_begun, scram_answered, scram_verified, password_sent };

    Result<Bytes> on_authentication(BytesView body);
    Result<Bytes> on_sasl(BytesView mechanisms);
    Result<Bytes> on_ok();
    Result<void> permit(AuthMethod method, std::string_view name) const;
    Error no_password() const;
    Error refusal(BytesView body);

    StartupMessage startup_;
    Bytes password_;
    Bytes nonce_;
    LoginSecurity security_;
    std::optional<ScramClient> scram_;
    bool bound_ = false;
    Stage stage_ = Stage::unasked;
    bool done_ = false;
    std::uint32_t process_id_ = 0;
    Bytes secret_key_;
    std::vector<std::pair<Bytes, Bytes>> settings_;
    Bytes refusal_sqlstate_;
};

}  // namespace understudy::pgwire
