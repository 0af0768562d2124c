#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/base/error.hpp"

namespace understudy::pgwire {

// The counted lists that frontend's and backend's bodies share: an Int16 count (read unsigned, as the server
// does), then the items. A reader of a count that the rest of the body cannot hold fails before it allocates.

/// Puts the reader into its failed state: a value was read that its form does not allow.
inline void fail(ByteReader& reader) { reader.bytes(reader.remaining() + 1); }

/// Reads `count` items of at least `min_size` bytes each by `read_item(reader)`; on failure the reader is not
/// ok().
template <class Item, class ReadItem>
std::vector<Item> read_items(ByteReader& reader, std::size_t count, std::size_t min_size, ReadItem&& read_item) {
    std::vector<Item> items;
    if (count > reader.remaining() / min_size) {
        fail(reader);
        return items;
    }
    items.reserve(count);
    for (std::size_t i = 0; i < count && reader.ok(); ++i) items.push_back(read_item(reader));
    return items;
}

inline std::vector<std::int16_t> read_formats(ByteReader& reader) {
    const std::size_t count = reader.u16();
    return read_items<std::int16_t>(reader, count, 2, [](ByteReader& r) { return r.i16(); });
}

inline std::vector<std::uint32_t> read_oids(ByteReader& reader) {
    const std::size_t count = reader.u16();
    return read_items<std::uint32_t>(reader, count, 4, [](ByteReader& r) { return r.u32(); });
}

/// An Int32 length and that many bytes; length -1 is NULL, lengths below are malformed.
inline std::optional<Bytes> read_value(ByteReader& reader) {
    const std::int32_t length = reader.i32();
    if (length == -1) return std::nullopt;
    // A length below -1 becomes larger than any body.
    return Bytes(reader.bytes(static_cast<std::size_t>(length)));
}

inline std::vector<std::optional<Bytes>> read_values(ByteReader& reader) {
    const std::size_t count = reader.u16();
    return read_items<std::optional<Bytes>>(reader, count, 4, read_value);
}

/// A list longer than its Int16 count can say is a broken invariant of the caller.
inline void write_count(ByteWriter& writer, std::size_t count) {
    UNDERSTUDY_ASSERT(count <= std::numeric_limits<std::uint16_t>::max());
    writer.u16(static_cast<std::uint16_t>(count));
}

inline void write_formats(ByteWriter& writer, const std::vector<std::int16_t>& formats) {
    write_count(writer, formats.size());
    for (const std::int16_t format : formats) writer.i16(format);
}

inline void write_oids(ByteWriter& writer, const std::vector<std::uint32_t>& oids) {
    write_count(writer, oids.size());
    for (const std::uint32_t oid : oids) writer.u32(oid);
}

inline void write_value(ByteWriter& writer, const std::optional<Bytes>& value) {
    if (!value) {
        writer.i32(-1);
        return;
    }
    writer.u32(static_cast<std::uint32_t>(value->size()));
    writer.bytes(*value);
}

inline void write_values(ByteWriter& writer, const std::vector<std::optional<Bytes>>& values) {
    write_count(writer, values.size());
    for (const auto& value : values) write_value(writer, value);
}

/// Appends one frame to `out`: the tag, a length that counts itself, and what `write_body(writer)` writes.
template <class WriteBody>
void write_frame(Bytes& out, char tag, WriteBody&& write_body) {
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(tag));
    const std::size_t at = writer.position();
    writer.u32(0);
    write_body(writer);
    writer.patch_u32(at, static_cast<std::uint32_t>(writer.position() - at));
}

}  // namespace understudy::pgwire
