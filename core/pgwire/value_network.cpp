#include <array>

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

// network_send and network_out of PostgreSQL's network.c, macaddr_send and macaddr8_send.

namespace understudy::pgwire::internal {
namespace {

constexpr std::uint8_t kFamilyV4 = 2;  // PGSQL_AF_INET
constexpr std::uint8_t kFamilyV6 = 3;  // PGSQL_AF_INET6
constexpr std::size_t kGroups = 8;

void append_v4(BytesView address, Bytes& out) {
    for (std::size_t i = 0; i < address.size(); ++i) {
        fmt::format_to(std::back_inserter(out), "{}{}", i == 0 ? "" : ".", static_cast<unsigned char>(address[i]));
    }
}

struct ZeroRun {
    std::size_t first = kGroups;
    std::size_t length = 0;
};

/// The first of the longest runs of two or more zero groups, which "::" stands for (RFC 5952, section 4.2).
ZeroRun longest_zeros(const std::array<std::uint16_t, kGroups>& groups) {
    ZeroRun best;
    for (std::size_t i = 0; i < kGroups; ++i) {
        std::size_t length = 0;
        while (i + length < kGroups && groups[i + length] == 0) ++length;
        if (length > best.length) best = {i, length};
        i += length;
    }
    return best.length >= 2 ? best : ZeroRun{};
}

void append_v6(BytesView address, Bytes& out) {
    std::array<std::uint16_t, kGroups> groups{};
    ByteReader reader(address);
    for (std::uint16_t& group : groups) group = reader.u16();
    const ZeroRun zeros = longest_zeros(groups);
    // IPv4-compatible and IPv4-mapped addresses end in the dotted form (RFC 4291, section 2.5.5).
    const bool dotted = zeros.first == 0 && (zeros.length == 6 || (zeros.length == 5 && groups[5] == 0xffff));
    std::size_t i = 0;
    while (i < kGroups) {
        if (i == zeros.first) {
            out.append("::");
            i += zeros.length;
            continue;
        }
        if (i > 0 && i != zeros.first + zeros.length) out.push_back(':');
        if (dotted && i == 6) return append_v4(address.substr(12), out);
        fmt::format_to(std::back_inserter(out), "{:x}", groups[i]);
        ++i;
    }
}

bool append_address(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint8_t family = reader.u8();
    const std::uint8_t bits = reader.u8();
    const std::uint8_t is_cidr = reader.u8();
    const std::size_t length = reader.u8();
    const BytesView address = reader.bytes(length);
    if (!reader.ok() || !reader.at_end() || is_cidr > 1) return false;
    const bool v4 = family == kFamilyV4 && length == 4;
    const bool v6 = family == kFamilyV6 && length == 16;
    if ((!v4 && !v6) || bits > length * 8) return false;
    if (v4) append_v4(address, out);
    if (v6) append_v6(address, out);
    if (is_cidr == 1 || bits < length * 8) fmt::format_to(std::back_inserter(out), "/{}", bits);
    return true;
}

bool append_mac(BytesView binary, std::size_t length, Bytes& out) {
    if (binary.size() != length) return false;
    for (std::size_t i = 0; i < length; ++i) {
        if (i > 0) out.push_back(':');
        append_hex(binary.substr(i, 1), out);
    }
    return true;
}

}  // namespace

bool append_network(std::uint32_t type, BytesView binary, Bytes& out) {
    switch (type) {
        case type_oid::macaddr: return append_mac(binary, 6, out);
        case type_oid::macaddr8: return append_mac(binary, 8, out);
        default: return append_address(binary, out);
    }
}

}  // namespace understudy::pgwire::internal
