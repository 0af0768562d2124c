#include "core/pgwire/login.hpp"

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

constexpr BytesView kScram = "SCRAM-SHA-256";
constexpr BytesView kScramPlus = "SCRAM-SHA-256-PLUS";

Bytes password_frame(BytesView data) { return encode_frontend(PasswordMessage{Bytes(data)}); }

/// SASLInitialResponse: the mechanism, then the first message with its length.
Bytes sasl_initial(BytesView mechanism, BytesView message) {
    Bytes data;
    ByteWriter writer(data);
    writer.c_string(mechanism);
    writer.u32(static_cast<std::uint32_t>(message.size()));
    writer.bytes(message);
    return password_frame(data);
}

bool offers(BytesView mechanisms, BytesView wanted) {
    ByteReader reader(mechanisms);
    while (reader.ok() && !reader.at_end()) {
        const BytesView name = reader.c_string();
        if (name == wanted) return true;
        if (name.empty()) break;
    }
    return false;
}

}  // namespace

Login::Login(StartupMessage startup, Bytes password, Bytes nonce, LoginSecurity security)
    : startup_(std::move(startup)),
      password_(std::move(password)),
      nonce_(std::move(nonce)),
      security_(std::move(security)) {}

Bytes Login::first() const { return encode_startup(startup_); }

Result<Bytes> Login::on_frame(const FrameView& frame) {
    ByteReader reader(frame.body);
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::authentication: return on_authentication(frame.body);
        case BackendTag::error_response: return refusal(frame.body);
        case BackendTag::backend_key_data:
            process_id_ = reader.u32();
            secret_key_ = reader.rest();
            return Bytes();
        case BackendTag::parameter_status: {
            const BytesView name = reader.c_string();
            const BytesView value = reader.c_string();
            if (reader.ok()) settings_.emplace_back(name, value);
            return Bytes();
        }
        case BackendTag::ready_for_query: done_ = true; return Bytes();
        case BackendTag::notice_response:
        case BackendTag::negotiate_protocol_version: return Bytes();
        default:
            return make_error(Errc::protocol, "the server answered the login with something that is no login message");
    }
}

Result<Bytes> Login::on_authentication(BytesView body) {
    ByteReader reader(body);
    const std::uint32_t code = reader.u32();
    if (!reader.ok()) return make_error(Errc::protocol, "the server sent an authentication request that is cut short");
    const BytesView user = startup_.get("user");
    switch (code) {
        case Authentication::ok: return on_ok();
        case Authentication::cleartext_password:
            UNDERSTUDY_CHECK(permit(AuthMethod::password, "a password in clear"));
            if (password_.empty()) return no_password();
            stage_ = Stage::password_sent;
            return password_frame(password_ + '\0');
        case Authentication::md5_password:
            UNDERSTUDY_CHECK(permit(AuthMethod::md5, "md5"));
            if (password_.empty()) return no_password();
            stage_ = Stage::password_sent;
            return password_frame(md5_password(user, password_, reader.rest()) + '\0');
        case Authentication::sasl: return on_sasl(reader.rest());
        case Authentication::sasl_continue: {
            if (stage_ != Stage::scram_begun) break;
            UNDERSTUDY_TRY(const Bytes answer, scram_->client_final(reader.rest()));
            stage_ = Stage::scram_answered;
            return password_frame(answer);
        }
        case Authentication::sasl_final:
            if (stage_ != Stage::scram_answered) break;
            UNDERSTUDY_CHECK(scram_->verify(reader.rest()));
            stage_ = Stage::scram_verified;
            return Bytes();
        default:
            return make_error(
                Errc::unsupported,
                fmt::format("the server asks user \"{}\" for an authentication method (code {}) that is not "
                            "supported{}: use trust, cert, password, md5 or scram-sha-256 in its pg_hba.conf",
                            user, code,
                            code == 7 || code == 8 ? ", GSS"
                            : code == 9            ? ", SSPI"
                                                   : ""));
    }
    return make_error(Errc::protocol, "the server sent a SASL message out of turn");
}

/// As libpq chooses: channel binding wherever both sides can.
Result<Bytes> Login::on_sasl(BytesView mechanisms) {
    UNDERSTUDY_CHECK(permit(AuthMethod::scram_sha_256, "SASL"));
    if (stage_ != Stage::unasked) return make_error(Errc::protocol, "the server sent a SASL message out of turn");
    const bool plus = offers(mechanisms, kScramPlus);
    if (plus && !security_.tls) {
        return make_error(Errc::auth,
                          "the server offers channel binding over a connection without TLS, which only "
                          "somebody in between would do");
    }
    const bool can_bind = security_.tls && security_.channel_binding != ChannelBinding::disable &&
                          !security_.channel_binding_data.empty();
    bound_ = plus && can_bind;
    if (!bound_ && security_.channel_binding == ChannelBinding::require) {
        return make_error(Errc::auth,
                          !security_.tls ? "channel_binding=require, but the connection has no TLS to bind to"
                          : plus         ? "channel_binding=require, but the server's certificate defines no binding"
                                         : "channel_binding=require, but the server does not offer it");
    }
    if (!bound_ && !offers(mechanisms, kScram)) {
        return make_error(Errc::unsupported,
                          "the server offers no SASL mechanism but ones that are not supported here");
    }
    if (password_.empty()) return no_password();
    stage_ = Stage::scram_begun;
    scram_.emplace(password_, nonce_, bound_ ? security_.channel_binding_data : Bytes(), can_bind);
    return sasl_initial(bound_ ? kScramPlus : kScram, scram_->client_first());
}

Result<Bytes> Login::on_ok() {
    const bool scram = stage_ == Stage::scram_begun || stage_ == Stage::scram_answered;
    if (scram) return make_error(Errc::auth, "the server did not prove that it knows the password");
    if (security_.channel_binding == ChannelBinding::require && !(bound_ && stage_ == Stage::scram_verified)) {
        return make_error(Errc::auth, "channel_binding=require, but the server let us in without");
    }
    if (stage_ == Stage::unasked) UNDERSTUDY_CHECK(permit(AuthMethod::none, "nothing"));
    return Bytes();
}

Result<void> Login::permit(AuthMethod method, std::string_view name) const {
    if (security_.channel_binding == ChannelBinding::require && method != AuthMethod::scram_sha_256 &&
        method != AuthMethod::none) {
        return make_error(Errc::auth, fmt::format("channel_binding=require, but the server asks for {}", name));
    }
    if (security_.methods.permits(method)) return {};
    return make_error(Errc::auth, fmt::format("the server asks for {}, which require_auth does not allow", name));
}

Error Login::no_password() const {
    return make_error(Errc::auth,
                      fmt::format("the server asks for a password for user \"{}\", and there is none: a line for it in "
                                  "~/.pgpass or, for replays, in the file of --credentials; for the connection "
                                  "string's own user also password= or PGPASSWORD",
                                  startup_.get("user")));
}

Error Login::refusal(BytesView body) {
    const auto fields = decode_server_fields(body);
    if (!fields) return make_error(Errc::protocol, "the server refused the login without saying why");
    refusal_sqlstate_ = field(*fields, 'C');
    return make_error(Errc::auth,
                      fmt::format("the server refused the login: {} ({})", field(*fields, 'M'), refusal_sqlstate_));
}

}  // namespace understudy::pgwire
