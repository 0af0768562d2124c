#include <fmt/format.h>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

Parse read_parse(ByteReader& reader) {
    Parse parse;
    parse.statement = reader.c_string();
    parse.sql = reader.c_string();
    parse.parameter_types = read_oids(reader);
    return parse;
}

Bind read_bind(ByteReader& reader) {
    Bind bind;
    bind.portal = reader.c_string();
    bind.statement = reader.c_string();
    bind.parameter_formats = read_formats(reader);
    bind.parameters = read_values(reader);
    bind.result_formats = read_formats(reader);
    return bind;
}

FunctionCall read_function_call(ByteReader& reader) {
    FunctionCall call;
    call.function_oid = reader.u32();
    call.argument_formats = read_formats(reader);
    call.arguments = read_values(reader);
    call.result_format = reader.i16();
    return call;
}

Execute read_execute(ByteReader& reader) {
    Execute execute;
    execute.portal = reader.c_string();
    execute.max_rows = reader.u32();
    return execute;
}

/// Describe and Close; a target that is neither statement nor portal fails the reader.
template <class Message>
Message read_targeted(ByteReader& reader) {
    Message message;
    const auto target = static_cast<char>(reader.u8());
    if (target != 'S' && target != 'P') {
        fail(reader);
        return message;
    }
    message.target = static_cast<Target>(target);
    message.name = reader.c_string();
    return message;
}

FrontendMessage read_body(FrontendTag tag, ByteReader& reader) {
    switch (tag) {
        case FrontendTag::bind: return read_bind(reader);
        case FrontendTag::close: return read_targeted<Close>(reader);
        case FrontendTag::copy_data: return CopyData{Bytes(reader.rest())};
        case FrontendTag::copy_done: return CopyDone{};
        case FrontendTag::copy_fail: return CopyFail{Bytes(reader.c_string())};
        case FrontendTag::describe: return read_targeted<Describe>(reader);
        case FrontendTag::execute: return read_execute(reader);
        case FrontendTag::flush: return Flush{};
        case FrontendTag::function_call: return read_function_call(reader);
        case FrontendTag::parse: return read_parse(reader);
        case FrontendTag::password: return PasswordMessage{Bytes(reader.rest())};
        case FrontendTag::query: return Query{Bytes(reader.c_string())};
        case FrontendTag::sync: return Sync{};
        case FrontendTag::terminate: break;
    }
    return Terminate{};
}

/// Passes over a counted list of `width` bytes an item; the items' bytes.
BytesView view_list(ByteReader& reader, std::size_t width) {
    const std::size_t count = reader.u16();
    return reader.bytes(count * width);
}

void skip_values(ByteReader& reader) {
    const std::size_t count = reader.u16();
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        const std::int32_t length = reader.i32();
        if (length != -1) reader.bytes(static_cast<std::size_t>(length));
    }
}

}  // namespace

Result<FrontendMessage> decode_frontend(const FrameView& frame) {
    if (!is_frontend_tag(frame.tag)) {
        return make_error(Errc::unsupported, fmt::format("no frontend message begins with byte {}",
                                                         static_cast<unsigned char>(frame.tag)));
    }
    ByteReader reader(frame.body);
    FrontendMessage message = read_body(static_cast<FrontendTag>(frame.tag), reader);
    if (!reader.ok() || !reader.at_end()) {
        return make_error(Errc::malformed,
                          fmt::format("{}: the body does not fit its form", frontend_message_name(frame.tag)));
    }
    return message;
}

std::optional<ParseView> view_parse(BytesView body) {
    ByteReader reader(body);
    ParseView view;
    view.statement = reader.c_string();
    view.sql = reader.c_string();
    view.parameter_types = view_list(reader, 4);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return view;
}

std::optional<BindView> view_bind(BytesView body) {
    ByteReader reader(body);
    BindView view;
    view.portal = reader.c_string();
    view.statement = reader.c_string();
    view_list(reader, 2);
    skip_values(reader);
    view.result_formats = view_list(reader, 2);
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return view;
}

std::optional<NameView> view_name(const FrameView& frame) {
    ByteReader reader(frame.body);
    NameView view;
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::describe:
        case FrontendTag::close:
            view.target = static_cast<char>(reader.u8());
            if (view.target != 'S' && view.target != 'P') return std::nullopt;
            view.name = reader.c_string();
            break;
        case FrontendTag::execute:
            view.name = reader.c_string();
            reader.u32();
            break;
        default: return std::nullopt;
    }
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return view;
}

}  // namespace understudy::pgwire
