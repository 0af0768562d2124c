#include <fmt/format.h>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::pgwire {
namespace {

constexpr std::size_t kMinKeyLength = 4;
constexpr std::size_t kMaxKeyLength = 256;
constexpr std::size_t kMinColumnDescription = 19;           // an empty name's zero and 18 bytes of numbers
constexpr std::size_t kMaxServerFields = 255;               // a field has a letter of its own
constexpr std::size_t kMaxOptions = kMaxStartupLength / 2;  // the server returns options of the start-up packet

BackendKeyData read_key(ByteReader& reader) {
    BackendKeyData key;
    key.process_id = reader.u32();
    if (reader.remaining() < kMinKeyLength || reader.remaining() > kMaxKeyLength) fail(reader);
    key.secret_key = reader.rest();
    return key;
}

ParameterStatus read_parameter_status(ByteReader& reader) {
    ParameterStatus status;
    status.name = reader.c_string();
    status.value = reader.c_string();
    return status;
}

ReadyForQuery read_ready(ByteReader& reader) {
    const auto status = static_cast<char>(reader.u8());
    if (status != 'I' && status != 'T' && status != 'E') fail(reader);
    return {status};
}

ColumnDescription read_column(ByteReader& reader) {
    ColumnDescription column;
    column.name = reader.c_string();
    column.table_oid = reader.u32();
    column.attribute = reader.i16();
    column.type_oid = reader.u32();
    column.type_size = reader.i16();
    column.type_modifier = reader.i32();
    column.format = reader.i16();
    return column;
}

RowDescription read_row_description(ByteReader& reader) {
    const std::size_t count = reader.u16();
    return {read_items<ColumnDescription>(reader, count, kMinColumnDescription, read_column)};
}

ServerFields read_fields(ByteReader& reader) {
    ServerFields fields;
    while (true) {
        const auto letter = static_cast<char>(reader.u8());
        if (!reader.ok() || letter == '\0') return fields;
        fields.emplace_back(letter, Bytes(reader.c_string()));
        if (fields.size() > kMaxServerFields) fail(reader);
    }
}

NotificationResponse read_notification(ByteReader& reader) {
    NotificationResponse notification;
    notification.process_id = reader.u32();
    notification.channel = reader.c_string();
    notification.payload = reader.c_string();
    return notification;
}

CopyResponse read_copy_response(BackendTag tag, ByteReader& reader) {
    CopyResponse response;
    response.direction = static_cast<CopyResponse::Direction>(tag);
    response.format = static_cast<std::int8_t>(reader.u8());
    response.column_formats = read_formats(reader);
    return response;
}

Authentication read_authentication(ByteReader& reader) {
    Authentication authentication;
    authentication.code = reader.u32();
    authentication.data = reader.rest();
    return authentication;
}

NegotiateProtocolVersion read_negotiate(ByteReader& reader) {
    NegotiateProtocolVersion negotiate;
    negotiate.newest_minor = reader.u32();
    const std::size_t count = reader.u32();
    if (count > kMaxOptions) fail(reader);
    negotiate.unrecognised_options =
        read_items<Bytes>(reader, count, 1, [](ByteReader& r) { return Bytes(r.c_string()); });
    return negotiate;
}

BackendMessage read_body(BackendTag tag, ByteReader& reader) {
    switch (tag) {
        case BackendTag::authentication: return read_authentication(reader);
        case BackendTag::backend_key_data: return read_key(reader);
        case BackendTag::command_complete: return CommandComplete{Bytes(reader.c_string())};
        case BackendTag::copy_both_response:
        case BackendTag::copy_in_response:
        case BackendTag::copy_out_response: return read_copy_response(tag, reader);
        case BackendTag::copy_data: return BackendCopyData{Bytes(reader.rest())};
        case BackendTag::data_row: return DataRow{read_values(reader)};
        case BackendTag::error_response: return ErrorResponse{read_fields(reader)};
        case BackendTag::function_call_response: return FunctionCallResponse{read_value(reader)};
        case BackendTag::negotiate_protocol_version: return read_negotiate(reader);
        case BackendTag::notice_response: return NoticeResponse{read_fields(reader)};
        case BackendTag::notification_response: return read_notification(reader);
        case BackendTag::parameter_description: return ParameterDescription{read_oids(reader)};
        case BackendTag::parameter_status: return read_parameter_status(reader);
        case BackendTag::ready_for_query: return read_ready(reader);
        case BackendTag::row_description: return read_row_description(reader);
        case BackendTag::bind_complete:
        case BackendTag::close_complete:
        case BackendTag::copy_done:
        case BackendTag::empty_query_response:
        case BackendTag::no_data:
        case BackendTag::parse_complete:
        case BackendTag::portal_suspended: break;
    }
    return BareMessage{static_cast<char>(tag)};
}

/// What `read(reader)` makes of the whole body, or Errc::malformed.
template <class Message, class Read>
Result<Message> read_whole(BytesView body, char tag, Read&& read) {
    ByteReader reader(body);
    Message message = read(reader);
    if (!reader.ok() || !reader.at_end()) {
        return make_error(Errc::malformed,
                          fmt::format("{}: the body does not fit its form", backend_message_name(tag)));
    }
    return message;
}

}  // namespace

Result<BackendMessage> decode_backend(const FrameView& frame) {
    if (!is_backend_tag(frame.tag)) {
        return make_error(Errc::unsupported,
                          fmt::format("no backend message begins with byte {}", static_cast<unsigned char>(frame.tag)));
    }
    const auto tag = static_cast<BackendTag>(frame.tag);
    return read_whole<BackendMessage>(frame.body, frame.tag,
                                      [tag](ByteReader& reader) { return read_body(tag, reader); });
}

Result<ServerFields> decode_server_fields(BytesView body) { return read_whole<ServerFields>(body, 'E', read_fields); }

BytesView field(const ServerFields& fields, char letter) {
    for (const auto& [key, value] : fields) {
        if (key == letter) return value;
    }
    return {};
}

Result<RowDescription> decode_row_description(BytesView body) {
    return read_whole<RowDescription>(body, 'T', read_row_description);
}

Result<ParameterDescription> decode_parameter_description(BytesView body) {
    return read_whole<ParameterDescription>(body, 't',
                                            [](ByteReader& reader) { return ParameterDescription{read_oids(reader)}; });
}

}  // namespace understudy::pgwire
