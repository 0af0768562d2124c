#include "tests/support/frames.hpp"

#include <stdexcept>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::testing {

using namespace pgwire;

namespace fe {
Bytes parse(BytesView statement, BytesView sql, std::vector<std::uint32_t> types) {
    return encode_frontend(Parse{Bytes(statement), Bytes(sql), std::move(types)});
}
Bytes bind(BytesView portal, BytesView statement, std::vector<std::int16_t> result_formats,
           std::vector<std::optional<Bytes>> parameters) {
    return encode_frontend(Bind{Bytes(portal), Bytes(statement), {}, std::move(parameters), std::move(result_formats)});
}
Bytes describe_statement(BytesView name) { return encode_frontend(Describe{Target::statement, Bytes(name)}); }
Bytes describe_portal(BytesView name) { return encode_frontend(Describe{Target::portal, Bytes(name)}); }
Bytes execute(BytesView portal, std::uint32_t max_rows) { return encode_frontend(Execute{Bytes(portal), max_rows}); }
Bytes close_statement(BytesView name) { return encode_frontend(Close{Target::statement, Bytes(name)}); }
Bytes close_portal(BytesView name) { return encode_frontend(Close{Target::portal, Bytes(name)}); }
Bytes query(BytesView sql) { return encode_frontend(Query{Bytes(sql)}); }
Bytes function_call(std::uint32_t oid, std::vector<std::optional<Bytes>> arguments) {
    return encode_frontend(FunctionCall{oid, {}, std::move(arguments), 0});
}
Bytes copy_data(BytesView data) { return encode_frontend(CopyData{Bytes(data)}); }
Bytes copy_done() { return encode_frontend(CopyDone{}); }
Bytes copy_fail(BytesView why) { return encode_frontend(CopyFail{Bytes(why)}); }
Bytes flush() { return encode_frontend(Flush{}); }
Bytes sync() { return encode_frontend(Sync{}); }
Bytes terminate() { return encode_frontend(Terminate{}); }
Bytes unnamed(BytesView sql) { return parse("", sql) + bind("", "") + execute(); }
}  // namespace fe

namespace be {
namespace {
Bytes bare(BackendTag tag) { return encode_backend(BareMessage{static_cast<char>(tag)}); }
ServerFields fields(BytesView severity, BytesView sqlstate, BytesView text) {
    return {{'S', Bytes(severity)}, {'V', Bytes(severity)}, {'C', Bytes(sqlstate)}, {'M', Bytes(text)}};
}
}  // namespace

Bytes parse_complete() { return bare(BackendTag::parse_complete); }
Bytes bind_complete() { return bare(BackendTag::bind_complete); }
Bytes close_complete() { return bare(BackendTag::close_complete); }
Bytes no_data() { return bare(BackendTag::no_data); }
Bytes portal_suspended() { return bare(BackendTag::portal_suspended); }
Bytes empty_query() { return bare(BackendTag::empty_query_response); }
Bytes row_description(const std::vector<Column>& columns) {
    RowDescription description;
    for (const Column& column : columns) {
        description.columns.push_back({column.name, 0, 0, column.type, -1, -1, column.format});
    }
    return encode_backend(description);
}
Bytes parameter_description(std::vector<std::uint32_t> types) {
    return encode_backend(ParameterDescription{std::move(types)});
}
Bytes row(std::initializer_list<std::optional<Bytes>> values) { return encode_backend(DataRow{values}); }
Bytes complete(BytesView tag) { return encode_backend(CommandComplete{Bytes(tag)}); }
Bytes ready(char status) { return encode_backend(ReadyForQuery{status}); }
Bytes error(BytesView sqlstate, BytesView text, BytesView severity) {
    return encode_backend(ErrorResponse{fields(severity, sqlstate, text)});
}
Bytes notice(BytesView text) { return encode_backend(NoticeResponse{fields("NOTICE", "00000", text)}); }
Bytes notification(BytesView channel) { return encode_backend(NotificationResponse{7, Bytes(channel), ""}); }
Bytes parameter(BytesView name, BytesView value) { return encode_backend(ParameterStatus{Bytes(name), Bytes(value)}); }
Bytes copy_in() { return encode_backend(CopyResponse{CopyResponse::Direction::in, 0, {0}}); }
Bytes copy_out() { return encode_backend(CopyResponse{CopyResponse::Direction::out, 0, {0}}); }
Bytes copy_data(BytesView data) { return encode_backend(BackendCopyData{Bytes(data)}); }
Bytes copy_done() { return bare(BackendTag::copy_done); }
Bytes function_result(std::optional<Bytes> value) { return encode_backend(FunctionCallResponse{std::move(value)}); }
Bytes parsed_and_bound() { return parse_complete() + bind_complete(); }
}  // namespace be

std::vector<Bytes> split_frames(BytesView bytes) {
    std::vector<Bytes> frames;
    while (!bytes.empty()) {
        const std::size_t size = bytes.size() < 5 ? 0 : ByteReader(bytes.substr(1)).u32() + std::size_t{1};
        if (size < 5 || size > bytes.size()) throw std::invalid_argument("these are no whole frames");
        frames.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return frames;
}

FrameView view_frame(BytesView whole) { return {whole.at(0), whole.substr(5), whole}; }

}  // namespace understudy::testing
