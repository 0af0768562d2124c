#pragma once

#include <cstdint>

namespace understudy::pgwire::type_oid {

// OIDs of built-in types, fixed since their introduction (PostgreSQL source, pg_type.dat).

inline constexpr std::uint32_t boolean = 16;
inline constexpr std::uint32_t bytea = 17;
inline constexpr std::uint32_t char_byte = 18;  ///< "char", one byte
inline constexpr std::uint32_t name = 19;
inline constexpr std::uint32_t int8 = 20;
inline constexpr std::uint32_t int2 = 21;
inline constexpr std::uint32_t int4 = 23;
inline constexpr std::uint32_t text = 25;
inline constexpr std::uint32_t oid = 26;
inline constexpr std::uint32_t json = 114;
inline constexpr std::uint32_t xml = 142;
inline constexpr std::uint32_t float4 = 700;
inline constexpr std::uint32_t float8 = 701;
inline constexpr std::uint32_t unknown = 705;
inline constexpr std::uint32_t bpchar = 1042;
inline constexpr std::uint32_t varchar = 1043;
inline constexpr std::uint32_t date = 1082;
inline constexpr std::uint32_t time = 1083;
inline constexpr std::uint32_t timestamp = 1114;
inline constexpr std::uint32_t timestamptz = 1184;
inline constexpr std::uint32_t interval = 1186;
inline constexpr std::uint32_t timetz = 1266;
inline constexpr std::uint32_t numeric = 1700;
inline constexpr std::uint32_t uuid = 2950;
inline constexpr std::uint32_t jsonb = 3802;

/// The element type of an array type of one of the types above; 0 for other types.
constexpr std::uint32_t element_of(std::uint32_t array_oid) {
    switch (array_oid) {
        case 143: return xml;
        case 199: return json;
        case 1000: return boolean;
        case 1001: return bytea;
        case 1002: return char_byte;
        case 1003: return name;
        case 1005: return int2;
        case 1007: return int4;
        case 1009: return text;
        case 1014: return bpchar;
        case 1015: return varchar;
        case 1016: return int8;
        case 1021: return float4;
        case 1022: return float8;
        case 1028: return oid;
        case 1115: return timestamp;
        case 1182: return date;
        case 1183: return time;
        case 1185: return timestamptz;
        case 1187: return interval;
        case 1231: return numeric;
        case 1270: return timetz;
        case 2951: return uuid;
        case 3807: return jsonb;
        default: return 0;
    }
}

}  // namespace understudy::pgwire::type_oid
