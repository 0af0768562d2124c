#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy::pgwire {

// What a client sends after start-up (PostgreSQL docs, "Message Formats"). Each struct owns its bytes. For every
// well-formed body x of tag t: encode_frontend(decode_frontend(t, x)) is the frame of x, byte for byte.

enum class Target : char { statement = 'S', portal = 'P' };

struct Parse {
    Bytes statement;
    Bytes sql;
    std::vector<std::uint32_t> parameter_types;
    friend bool operator==(const Parse&, const Parse&) = default;
};
struct Bind {
    Bytes portal;
    Bytes statement;
    std::vector<std::int16_t> parameter_formats;   ///< none: all text; one: for all; else one each
    std::vector<std::optional<Bytes>> parameters;  ///< nullopt is NULL
    std::vector<std::int16_t> result_formats;      ///< as parameter_formats
    friend bool operator==(const Bind&, const Bind&) = default;
};
struct Describe {
    Target target = Target::statement;
    Bytes name;
    friend bool operator==(const Describe&, const Describe&) = default;
};
struct Execute {
    Bytes portal;
    std::uint32_t max_rows = 0;  ///< 0: all
    friend bool operator==(const Execute&, const Execute&) = default;
};
struct Close {
    Target target = Target::statement;
    Bytes name;
    friend bool operator==(const Close&, const Close&) = default;
};
struct Query {
    Bytes sql;
    friend bool operator==(const Query&, const Query&) = default;
};
struct FunctionCall {
    std::uint32_t function_oid = 0;
    std::vector<std::int16_t> argument_formats;
    std::vector<std::optional<Bytes>> arguments;
    std::int16_t result_format = 0;
    friend bool operator==(const FunctionCall&, const FunctionCall&) = default;
};
struct CopyData {
    Bytes data;
    friend bool operator==(const CopyData&, const CopyData&) = default;
};
struct CopyFail {
    Bytes message;
    friend bool operator==(const CopyFail&, const CopyFail&) = default;
};
/// PasswordMessage, SASLInitialResponse, SASLResponse or GSSResponse: told apart by the request before it.
struct PasswordMessage {
    Bytes data;
    friend bool operator==(const PasswordMessage&, const PasswordMessage&) = default;
};
struct CopyDone {
    friend bool operator==(const CopyDone&, const CopyDone&) = default;
};
struct Flush {
    friend bool operator==(const Flush&, const Flush&) = default;
};
struct Sync {
    friend bool operator==(const Sync&, const Sync&) = default;
};
struct Terminate {
    friend bool operator==(const Terminate&, const Terminate&) = default;
};

using FrontendMessage = std::variant<Parse, Bind, Describe, Execute, Close, Query, FunctionCall, CopyData, CopyDone,
                                     CopyFail, PasswordMessage, Flush, Sync, Terminate>;

/// Decodes the body of a frame. Errors: Errc::unsupported for an unknown tag, Errc::malformed for a body that
/// is short, long, or whose counts do not fit.
Result<FrontendMessage> decode_frontend(const FrameView& frame);
/// The whole frame, tag and length included.
Bytes encode_frontend(const FrontendMessage& message);
/// Appends the frame to `out`.
void encode_frontend_to(Bytes& out, const FrontendMessage& message);

/// The parts of a Parse, a Bind … that pairing needs, without copying; for the hot path. Views borrow from the frame.
struct ParseView {
    BytesView statement;
    BytesView sql;
    BytesView parameter_types;  ///< four bytes each, big-endian
};
struct BindView {
    BytesView portal;
    BytesView statement;
    BytesView result_formats;  ///< two bytes each, big-endian
};
struct NameView {
    char target = 0;  ///< 'S', 'P', or 0 for Execute
    BytesView name;
};
std::optional<ParseView> view_parse(BytesView body);
std::optional<BindView> view_bind(BytesView body);
/// Of a Describe, Close or Execute.
std::optional<NameView> view_name(const FrameView& frame);

}  // namespace understudy::pgwire
