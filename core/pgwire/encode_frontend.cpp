#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

/// The tag and the body of each kind of message; found by overload, so that a forgotten kind does not
/// compile.
struct BodyWriter {
    ByteWriter& out;

    void operator()(const Parse& m) const {
        out.c_string(m.statement);
        out.c_string(m.sql);
        write_oids(out, m.parameter_types);
    }
    void operator()(const Bind& m) const {
        out.c_string(m.portal);
        out.c_string(m.statement);
        write_formats(out, m.parameter_formats);
        write_values(out, m.parameters);
        write_formats(out, m.result_formats);
    }
    void operator()(const Describe& m) const { targeted(m.target, m.name); }
    void operator()(const Execute& m) const {
        out.c_string(m.portal);
        out.u32(m.max_rows);
    }
    void operator()(const Close& m) const { targeted(m.target, m.name); }
    void operator()(const Query& m) const { out.c_string(m.sql); }
    void operator()(const FunctionCall& m) const {
        out.u32(m.function_oid);
        write_formats(out, m.argument_formats);
        write_values(out, m.arguments);
        out.i16(m.result_format);
    }
    void operator()(const CopyData& m) const { out.bytes(m.data); }
    void operator()(const CopyFail& m) const { out.c_string(m.message); }
    void operator()(const PasswordMessage& m) const { out.bytes(m.data); }
    void operator()(const CopyDone&) const {}
    void operator()(const Flush&) const {}
    void operator()(const Sync&) const {}
    void operator()(const Terminate&) const {}

    void targeted(Target target, BytesView name) const {
        out.u8(static_cast<std::uint8_t>(target));
        out.c_string(name);
    }
};

struct TagOf {
    FrontendTag operator()(const Parse&) const { return FrontendTag::parse; }
    FrontendTag operator()(const Bind&) const { return FrontendTag::bind; }
    FrontendTag operator()(const Describe&) const { return FrontendTag::describe; }
    FrontendTag operator()(const Execute&) const { return FrontendTag::execute; }
    FrontendTag operator()(const Close&) const { return FrontendTag::close; }
    FrontendTag operator()(const Query&) const { return FrontendTag::query; }
    FrontendTag operator()(const FunctionCall&) const { return FrontendTag::function_call; }
    FrontendTag operator()(const CopyData&) const { return FrontendTag::copy_data; }
    FrontendTag operator()(const CopyDone&) const { return FrontendTag::copy_done; }
    FrontendTag operator()(const CopyFail&) const { return FrontendTag::copy_fail; }
    FrontendTag operator()(const PasswordMessage&) const { return FrontendTag::password; }
    FrontendTag operator()(const Flush&) const { return FrontendTag::flush; }
    FrontendTag operator()(const Sync&) const { return FrontendTag::sync; }
    FrontendTag operator()(const Terminate&) const { return FrontendTag::terminate; }
};

}  // namespace

void encode_frontend_to(Bytes& out, const FrontendMessage& message) {
    const auto tag = static_cast<char>(std::visit(TagOf{}, message));
    write_frame(out, tag, [&](ByteWriter& writer) { std::visit(BodyWriter{writer}, message); });
}

Bytes encode_frontend(const FrontendMessage& message) {
    Bytes out;
    encode_frontend_to(out, message);
    return out;
}

}  // namespace understudy::pgwire
