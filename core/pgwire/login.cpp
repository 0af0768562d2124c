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

bool offers_scram(BytesView mechanisms) {
    ByteReader reader(mechanisms);
    while (reader.ok() && !reader.at_end()) {
        const BytesView name = reader.c_string();
        if (name == kScram) return true;
        if (name.empty()) break;
    }
    return false;
}

}  // namespace

Login::Login(StartupMessage startup, Bytes password, Bytes nonce)
    : startup_(std::move(startup)), password_(std::move(password)), scram_(password_, std::move(nonce)) {}

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
    const bool needs_password = code == Authentication::cleartext_password || code == Authentication::md5_password ||
                                code == Authentication::sasl;
    if (needs_password && password_.empty()) {
        return make_error(Errc::auth,
                          fmt::format("the server asks for a password for user \"{}\"; put password= into the "
                                      "connection string or set PGPASSWORD",
                                      user));
    }
    switch (code) {
        case Authentication::ok: return Bytes();
        case Authentication::cleartext_password: return password_frame(password_ + '\0');
        case Authentication::md5_password: return password_frame(md5_password(user, password_, reader.rest()) + '\0');
        case Authentication::sasl:
            if (!offers_scram(reader.rest())) {
                return make_error(Errc::unsupported, "the server offers no SASL mechanism but ones that need TLS");
            }
            return sasl_initial(kScram, scram_.client_first());
        case Authentication::sasl_continue: {
            UNDERSTUDY_TRY(const Bytes answer, scram_.client_final(reader.rest()));
            return password_frame(answer);
        }
        case Authentication::sasl_final: {
            UNDERSTUDY_CHECK(scram_.verify(reader.rest()));
            return Bytes();
        }
        default:
            return make_error(
                Errc::unsupported,
                fmt::format("the server asks user \"{}\" for an authentication method (code {}) that is not "
                            "supported: use trust, password, md5 or scram-sha-256 in its pg_hba.conf",
                            user, code));
    }
}

Error Login::refusal(BytesView body) {
    const auto fields = decode_server_fields(body);
    if (!fields) return make_error(Errc::protocol, "the server refused the login without saying why");
    refusal_sqlstate_ = field(*fields, 'C');
    return make_error(Errc::auth,
                      fmt::format("the server refused the login: {} ({})", field(*fields, 'M'), refusal_sqlstate_));
}

}  // namespace understudy::pgwire
