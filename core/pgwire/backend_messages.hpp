#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy::pgwire {

// What a server sends (PostgreSQL docs, "Message Formats"). Each struct owns its bytes, and
// encode_backend(decode_backend(x)) gives x back, byte for byte, for every well-formed frame x.

/// All Authentication… messages: the code tells which, `data` is the rest of the body (an md5 salt, the SASL
/// mechanisms, a SASL challenge or outcome, GSS data).
struct Authentication {
    enum Code : std::uint32_t {
        ok = 0,
        kerberos_v5 = 2,
        cleartext_password = 3,
        md5_password = 5,
        gss = 7,
        gss_continue = 8,
        sspi = 9,
        sasl = 10,
        sasl_continue = 11,
        sasl_final = 12,
    };
    std::uint32_t code = ok;
    Bytes data;
    friend bool operator==(const Authentication&, const Authentication&) = default;
};
struct BackendKeyData {
    std::uint32_t process_id = 0;
    Bytes secret_key;  ///< 4 bytes in protocol 3.0, up to 256 in 3.2
    friend bool operator==(const BackendKeyData&, const BackendKeyData&) = default;
};
struct ParameterStatus {
    Bytes name;
    Bytes value;
    friend bool operator==(const ParameterStatus&, const ParameterStatus&) = default;
};
struct ReadyForQuery {
    char transaction_status = 'I';  ///< 'I' idle, 'T' in a transaction, 'E' in a failed one
    friend bool operator==(const ReadyForQuery&, const ReadyForQuery&) = default;
};
struct ColumnDescription {
    Bytes name;
    std::uint32_t table_oid = 0;
    std::int16_t attribute = 0;
    std::uint32_t type_oid = 0;
    std::int16_t type_size = 0;
    std::int32_t type_modifier = -1;
    std::int16_t format = 0;  ///< 0 text, 1 binary; always 0 from a Describe of a statement
    friend bool operator==(const ColumnDescription&, const ColumnDescription&) = default;
};
struct RowDescription {
    std::vector<ColumnDescription> columns;
    friend bool operator==(const RowDescription&, const RowDescription&) = default;
};
struct ParameterDescription {
    std::vector<std::uint32_t> types;
    friend bool operator==(const ParameterDescription&, const ParameterDescription&) = default;
};
struct DataRow {
    std::vector<std::optional<Bytes>> values;
    friend bool operator==(const DataRow&, const DataRow&) = default;
};
struct CommandComplete {
    Bytes command_tag;
    friend bool operator==(const CommandComplete&, const CommandComplete&) = default;
};
/// Fields of an ErrorResponse or NoticeResponse by their letter (docs, "Error and Notice Message Fields").
using ServerFields = std::vector<std::pair<char, Bytes>>;
struct ErrorResponse {
    ServerFields fields;
    friend bool operator==(const ErrorResponse&, const ErrorResponse&) = default;
};
struct NoticeResponse {
    ServerFields fields;
    friend bool operator==(const NoticeResponse&, const NoticeResponse&) = default;
};
struct NotificationResponse {
    std::uint32_t process_id = 0;
    Bytes channel;
    Bytes payload;
    friend bool operator==(const NotificationResponse&, const NotificationResponse&) = default;
};
/// CopyInResponse, CopyOutResponse and CopyBothResponse.
struct CopyResponse {
    enum class Direction : char { in = 'G', out = 'H', both = 'W' };
    Direction direction = Direction::in;
    std::int8_t format = 0;
    std::vector<std::int16_t> column_formats;
    friend bool operator==(const CopyResponse&, const CopyResponse&) = default;
};
struct BackendCopyData {
    Bytes data;
    friend bool operator==(const BackendCopyData&, const BackendCopyData&) = default;
};
struct FunctionCallResponse {
    std::optional<Bytes> value;
    friend bool operator==(const FunctionCallResponse&, const FunctionCallResponse&) = default;
};
struct NegotiateProtocolVersion {
    std::uint32_t newest_minor = 0;
    std::vector<Bytes> unrecognised_options;
    friend bool operator==(const NegotiateProtocolVersion&, const NegotiateProtocolVersion&) = default;
};
/// The messages without a body.
struct BareMessage {
    char tag = 0;  ///< one of ParseComplete, BindComplete, CloseComplete, NoData, EmptyQueryResponse, PortalSuspended,
                   ///< CopyDone
    friend bool operator==(const BareMessage&, const BareMessage&) = default;
};

using BackendMessage =
    std::variant<Authentication, BackendKeyData, ParameterStatus, ReadyForQuery, RowDescription, ParameterDescription,
                 DataRow, CommandComplete, ErrorResponse, NoticeResponse, NotificationResponse, CopyResponse,
                 BackendCopyData, FunctionCallResponse, NegotiateProtocolVersion, BareMessage>;

/// Errors: Errc::unsupported for an unknown tag, Errc::malformed for a body that does not fit.
Result<BackendMessage> decode_backend(const FrameView& frame);
Bytes encode_backend(const BackendMessage& message);

/// Fields of an ErrorResponse/NoticeResponse body, for callers that hold the frame.
Result<ServerFields> decode_server_fields(BytesView body);
/// The value of field `letter` ('C' is the SQLSTATE); empty when absent.
BytesView field(const ServerFields& fields, char letter);

Result<RowDescription> decode_row_description(BytesView body);
Result<ParameterDescription> decode_parameter_description(BytesView body);

/// Calls `on_cell(index, optional<BytesView>)` for each value of a DataRow body, without copying. False when
/// the body is malformed (the calls made so far were for well-formed cells).
template <class OnCell>
bool for_each_cell(BytesView body, OnCell&& on_cell);

}  // namespace understudy::pgwire

#include "core/pgwire/data_row.hpp"
