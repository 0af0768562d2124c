#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

/// Writes the body of each kind of message; a forgotten kind does not compile.
struct BodyWriter {
    ByteWriter& out;

    void operator()(const Authentication& m) const {
        out.u32(m.code);
        out.bytes(m.data);
    }
    void operator()(const BackendKeyData& m) const {
        out.u32(m.process_id);
        out.bytes(m.secret_key);
    }
    void operator()(const ParameterStatus& m) const {
        out.c_string(m.name);
        out.c_string(m.value);
    }
    void operator()(const ReadyForQuery& m) const { out.u8(static_cast<std::uint8_t>(m.transaction_status)); }
    void operator()(const RowDescription& m) const {
        write_count(out, m.columns.size());
        for (const ColumnDescription& column : m.columns) {
            out.c_string(column.name);
            out.u32(column.table_oid);
            out.i16(column.attribute);
            out.u32(column.type_oid);
            out.i16(column.type_size);
            out.i32(column.type_modifier);
            out.i16(column.format);
        }
    }
    void operator()(const ParameterDescription& m) const { write_oids(out, m.types); }
    void operator()(const DataRow& m) const { write_values(out, m.values); }
    void operator()(const CommandComplete& m) const { out.c_string(m.command_tag); }
    void operator()(const ErrorResponse& m) const { fields(m.fields); }
    void operator()(const NoticeResponse& m) const { fields(m.fields); }
    void operator()(const NotificationResponse& m) const {
        out.u32(m.process_id);
        out.c_string(m.channel);
        out.c_string(m.payload);
    }
    void operator()(const CopyResponse& m) const {
        out.u8(static_cast<std::uint8_t>(m.format));
        write_formats(out, m.column_formats);
    }
    void operator()(const BackendCopyData& m) const { out.bytes(m.data); }
    void operator()(const FunctionCallResponse& m) const { write_value(out, m.value); }
    void operator()(const NegotiateProtocolVersion& m) const {
        out.u32(m.newest_minor);
        out.u32(static_cast<std::uint32_t>(m.unrecognised_options.size()));
        for (const Bytes& option : m.unrecognised_options) out.c_string(option);
    }
    void operator()(const BareMessage&) const {}

    void fields(const ServerFields& list) const {
        for (const auto& [letter, value] : list) {
            out.u8(static_cast<std::uint8_t>(letter));
            out.c_string(value);
        }
        out.u8(0);
    }
};

struct TagOf {
    static char of(BackendTag tag) { return static_cast<char>(tag); }

    char operator()(const Authentication&) const { return of(BackendTag::authentication); }
    char operator()(const BackendKeyData&) const { return of(BackendTag::backend_key_data); }
    char operator()(const ParameterStatus&) const { return of(BackendTag::parameter_status); }
    char operator()(const ReadyForQuery&) const { return of(BackendTag::ready_for_query); }
    char operator()(const RowDescription&) const { return of(BackendTag::row_description); }
    char operator()(const ParameterDescription&) const { return of(BackendTag::parameter_description); }
    char operator()(const DataRow&) const { return of(BackendTag::data_row); }
    char operator()(const CommandComplete&) const { return of(BackendTag::command_complete); }
    char operator()(const ErrorResponse&) const { return of(BackendTag::error_response); }
    char operator()(const NoticeResponse&) const { return of(BackendTag::notice_response); }
    char operator()(const NotificationResponse&) const { return of(BackendTag::notification_response); }
    char operator()(const CopyResponse& m) const { return static_cast<char>(m.direction); }
    char operator()(const BackendCopyData&) const { return of(BackendTag::copy_data); }
    char operator()(const FunctionCallResponse&) const { return of(BackendTag::function_call_response); }
    char operator()(const NegotiateProtocolVersion&) const { return of(BackendTag::negotiate_protocol_version); }
    char operator()(const BareMessage& m) const { return m.tag; }
};

}  // namespace

Bytes encode_backend(const BackendMessage& message) {
    Bytes out;
    write_frame(out, std::visit(TagOf{}, message),
                [&](ByteWriter& writer) { std::visit(BodyWriter{writer}, message); });
    return out;
}

}  // namespace understudy::pgwire
