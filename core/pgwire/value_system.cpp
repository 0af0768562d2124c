#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

// Bit strings and the numbers that the server gives its transactions, rows and log (PostgreSQL's varbit.c, tid.c,
// xid.c, pg_lsn.c, xid8funcs.c).

namespace understudy::pgwire::internal {
namespace {

bool append_bits(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint32_t count = reader.u32();
    const BytesView bytes = reader.rest();
    if (!reader.ok() || bytes.size() != (std::size_t{count} + 7) / 8) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i / 8]);
        out.push_back(((byte >> (7 - i % 8)) & 1U) != 0 ? '1' : '0');
    }
    return true;
}

/// "xmin:xmax:xip,xip": the first of all running transactions, the next to come, those that run.
bool append_snapshot(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::size_t count = reader.u32();
    const std::uint64_t first = reader.u64();
    const std::uint64_t next = reader.u64();
    if (!reader.ok() || reader.remaining() / 8 != count) return false;
    fmt::format_to(std::back_inserter(out), "{}:{}:", first, next);
    for (std::size_t i = 0; i < count; ++i) {
        fmt::format_to(std::back_inserter(out), "{}{}", i == 0 ? "" : ",", reader.u64());
    }
    return reader.at_end();
}

}  // namespace

bool append_system_value(std::uint32_t type, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const auto to = std::back_inserter(out);
    switch (type) {
        case type_oid::bit:
        case type_oid::varbit: return append_bits(binary, out);
        case type_oid::txid_snapshot:
        case type_oid::pg_snapshot: return append_snapshot(binary, out);
        case type_oid::xid:
        case type_oid::cid: fmt::format_to(to, "{}", reader.u32()); break;
        case type_oid::xid8: fmt::format_to(to, "{}", reader.u64()); break;
        case type_oid::tid: {
            const std::uint32_t block = reader.u32();
            fmt::format_to(to, "({},{})", block, reader.u16());
            break;
        }
        case type_oid::pg_lsn: {
            const std::uint32_t high = reader.u32();
            fmt::format_to(to, "{:X}/{:X}", high, reader.u32());
            break;
        }
        default: return false;
    }
    return reader.ok() && reader.at_end();
}

}  // namespace understudy::pgwire::internal
