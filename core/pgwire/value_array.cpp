#include <array>
#include <limits>

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

// array_send and array_out in PostgreSQL's arrayfuncs.c.
constexpr std::size_t kMaxDimensions = 6;  // MAXDIM

// A numeric of a dozen bytes may print as 131,072 digits. So that a hostile array of them takes no memory out
// of proportion, the text may be this many times as long as the array, and this many bytes longer.
constexpr std::size_t kMaxGrowthFactor = 8;
constexpr std::size_t kMaxGrowthBytes = std::size_t{1} << 20U;

struct Shape {
    std::size_t dimensions = 0;
    std::size_t elements = 0;
    bool default_bounds = true;
    std::array<std::int32_t, kMaxDimensions> lengths{};
    std::array<std::int32_t, kMaxDimensions> lower_bounds{};
    std::array<std::size_t, kMaxDimensions> strides{};  // elements below one step of a dimension's parent
};

bool read_shape(ByteReader& reader, std::uint32_t element_oid, Shape& shape) {
    shape.dimensions = reader.u32();
    const std::uint32_t flags = reader.u32();
    const bool fits = shape.dimensions <= kMaxDimensions && flags <= 1 && reader.u32() == element_oid;
    if (!fits || !reader.ok()) return false;
    for (std::size_t d = 0; d < shape.dimensions; ++d) {
        shape.lengths[d] = reader.i32();
        shape.lower_bounds[d] = reader.i32();
        if (!reader.ok() || shape.lengths[d] < 0) return false;
        if (std::int64_t{shape.lower_bounds[d]} + shape.lengths[d] > std::numeric_limits<std::int32_t>::max()) {
            return false;
        }
        if (shape.lower_bounds[d] != 1) shape.default_bounds = false;
    }
    const std::size_t most = reader.remaining() / 4;  // every element has a length
    shape.elements = shape.dimensions == 0 ? 0 : 1;
    for (std::size_t d = shape.dimensions; d-- > 0;) {
        shape.elements *= static_cast<std::size_t>(shape.lengths[d]);
        if (shape.elements > most) return false;
        shape.strides[d] = shape.elements;
    }
    return true;
}

bool is_null_word(BytesView text) {
    constexpr BytesView kNull = "null";
    if (text.size() != kNull.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) | 0x20U) != static_cast<unsigned char>(kNull[i])) return false;
    }
    return true;
}

void append_element(BytesView text, Bytes& out) {
    const bool plain =
        !text.empty() && !is_null_word(text) && text.find_first_of("{}\",\\ \t\n\r\v\f") == BytesView::npos;
    if (plain) {
        out.append(text);
        return;
    }
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

void append_bounds(const Shape& shape, Bytes& out) {
    for (std::size_t d = 0; d < shape.dimensions; ++d) {
        const std::int32_t lower = shape.lower_bounds[d];
        out.append(fmt::format("[{}:{}]", lower, lower + shape.lengths[d] - 1));
    }
    out.push_back('=');
}

}  // namespace

bool append_array(std::uint32_t element_oid, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    Shape shape;
    if (!read_shape(reader, element_oid, shape)) return false;
    if (shape.elements == 0) {
        out.append("{}");
        return reader.at_end();
    }
    const std::size_t limit = out.size() + binary.size() * kMaxGrowthFactor + kMaxGrowthBytes;
    if (!shape.default_bounds) append_bounds(shape, out);
    Bytes element;
    for (std::size_t i = 0; i < shape.elements; ++i) {
        if (i > 0) out.push_back(',');
        for (std::size_t d = 0; d < shape.dimensions; ++d) {
            if (i % shape.strides[d] == 0) out.push_back('{');
        }
        const std::int32_t length = reader.i32();
        if (length == -1) {
            out.append("NULL");
        } else {
            const BytesView value = reader.bytes(static_cast<std::size_t>(length));
            element.clear();
            if (!reader.ok() || !append_text(element_oid, value, element)) return false;
            append_element(element, out);
        }
        for (std::size_t d = 0; d < shape.dimensions; ++d) {
            if ((i + 1) % shape.strides[d] == 0) out.push_back('}');
        }
        if (out.size() > limit) return false;
    }
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire::internal
