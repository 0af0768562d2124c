#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

// range_send, range_out and multirange_send of PostgreSQL's rangetypes.c and multirangetypes.c (docs, "Range Types"). A
// range over a discrete type is stored, and so sent, in its canonical form: [1,3), never [1,2].

namespace understudy::pgwire::internal {
namespace {

constexpr std::uint8_t kEmpty = 0x01;
constexpr std::uint8_t kLowerInclusive = 0x02;
constexpr std::uint8_t kUpperInclusive = 0x04;
constexpr std::uint8_t kLowerInfinite = 0x08;
constexpr std::uint8_t kUpperInfinite = 0x10;

bool read_bound(Nesting at, std::uint32_t subtype, ByteReader& reader, Bytes& out) {
    const std::int32_t length = reader.i32();
    if (!reader.ok() || length < 0) return false;
    const BytesView value = reader.bytes(static_cast<std::size_t>(length));
    Bytes text;
    if (!reader.ok() || !append_text(at.deeper(), subtype, value, text)) return false;
    append_bound(text, out);
    return true;
}

}  // namespace

bool append_range(Nesting at, std::uint32_t subtype, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint8_t flags = reader.u8();
    if (!reader.ok() || at.too_deep() || flags >= 2 * kUpperInfinite) return false;
    const GrowthLimit limit(binary, out);
    if ((flags & kEmpty) != 0) {
        out.append("empty");
        return flags == kEmpty && reader.at_end();
    }
    out.push_back((flags & kLowerInclusive) != 0 ? '[' : '(');
    if ((flags & kLowerInfinite) == 0 && !read_bound(at, subtype, reader, out)) return false;
    out.push_back(',');
    if ((flags & kUpperInfinite) == 0 && !read_bound(at, subtype, reader, out)) return false;
    out.push_back((flags & kUpperInclusive) != 0 ? ']' : ')');
    return reader.at_end() && !limit.exceeded(out);
}

bool append_multirange(Nesting at, std::uint32_t range, BytesView binary, Bytes& out) {
    const TypeStructure& structure = structure_of(range, at.user);
    if (at.too_deep() || structure.kind != TypeStructure::Kind::range) return false;
    ByteReader reader(binary);
    const std::uint32_t count = reader.u32();
    const GrowthLimit limit(binary, out);
    out.push_back('{');
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t length = reader.u32();
        const BytesView each = reader.bytes(length);
        if (i > 0) out.push_back(',');
        if (!reader.ok() || !append_range(at.deeper(), structure.of, each, out) || limit.exceeded(out)) return false;
    }
    out.push_back('}');
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire::internal
