#include <array>
#include <limits>

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

// array_send and array_out in PostgreSQL's arrayfuncs.c.
constexpr std::size_t kMaxDimensions = 6;  // MAXDIM

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

void append_bounds(const Shape& shape, Bytes& out) {
    for (std::size_t d = 0; d < shape.dimensions; ++d) {
        const std::int32_t lower = shape.lower_bounds[d];
        out.append(fmt::format("[{}:{}]", lower, lower + shape.lengths[d] - 1));
    }
    out.push_back('=');
}

}  // namespace

bool append_array(Nesting at, std::uint32_t element_oid, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    Shape shape;
    if (at.too_deep() || !read_shape(reader, element_oid, shape)) return false;
    if (shape.elements == 0) {
        out.append("{}");
        return reader.at_end();
    }
    const GrowthLimit limit(binary, out);
    const char delimiter = delimiter_of(at, element_oid);
    if (!shape.default_bounds) append_bounds(shape, out);
    Bytes element;
    for (std::size_t i = 0; i < shape.elements; ++i) {
        if (i > 0) out.push_back(delimiter);
        for (std::size_t d = 0; d < shape.dimensions; ++d) {
            if (i % shape.strides[d] == 0) out.push_back('{');
        }
        const std::int32_t length = reader.i32();
        if (length == -1) {
            out.append("NULL");
        } else {
            const BytesView value = reader.bytes(static_cast<std::size_t>(length));
            element.clear();
            if (!reader.ok() || !append_text(at.deeper(), element_oid, value, element)) return false;
            append_array_element(element, delimiter, out);
        }
        for (std::size_t d = 0; d < shape.dimensions; ++d) {
            if ((i + 1) % shape.strides[d] == 0) out.push_back('}');
        }
        if (limit.exceeded(out)) return false;
    }
    return reader.ok() && reader.at_end();
}

bool append_vector(std::uint32_t element_oid, BytesView binary, Bytes& out) {
    // Sent as an array, printed as its numbers with blanks between.
    ByteReader reader(binary);
    Shape shape;
    if (!read_shape(reader, element_oid, shape) || shape.dimensions > 1) return false;
    for (std::size_t i = 0; i < shape.elements; ++i) {
        const std::int32_t length = reader.i32();
        if (length < 0) return false;
        if (i > 0) out.push_back(' ');
        const BytesView value = reader.bytes(static_cast<std::size_t>(length));
        if (!reader.ok() || !append_text({}, element_oid, value, out)) return false;
    }
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire::internal
