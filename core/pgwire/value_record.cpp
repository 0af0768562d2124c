#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

// record_send and record_out of PostgreSQL's rowtypes.c (docs, "Composite Types"), hstore_send and hstore_out.

namespace understudy::pgwire::internal {
namespace {

void append_hstore_part(BytesView text, Bytes& out) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

}  // namespace

bool append_record(Nesting at, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint32_t count = reader.u32();
    if (!reader.ok() || at.too_deep()) return false;
    const GrowthLimit limit(binary, out);
    Bytes text;
    out.push_back('(');
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i > 0) out.push_back(',');
        const std::uint32_t type = reader.u32();
        const std::int32_t length = reader.i32();
        if (!reader.ok() || length < -1) return false;
        if (length == -1) continue;
        const BytesView value = reader.bytes(static_cast<std::size_t>(length));
        text.clear();
        if (!reader.ok() || !append_text(at.deeper(), type, value, text)) return false;
        append_field(text, out);
        if (limit.exceeded(out)) return false;
    }
    out.push_back(')');
    return reader.at_end();
}

bool append_hstore(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint32_t pairs = reader.u32();
    for (std::uint32_t i = 0; i < pairs && reader.ok(); ++i) {
        if (i > 0) out.append(", ");
        append_hstore_part(reader.bytes(reader.u32()), out);
        out.append("=>");
        const std::int32_t length = reader.i32();
        if (length < -1) return false;
        if (length == -1) {
            out.append("NULL");
        } else {
            append_hstore_part(reader.bytes(static_cast<std::size_t>(length)), out);
        }
    }
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire::internal
