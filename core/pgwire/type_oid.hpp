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
inline constexpr std::uint32_t int2vector = 22;
inline constexpr std::uint32_t text = 25;
inline constexpr std::uint32_t oid = 26;
inline constexpr std::uint32_t tid = 27;
inline constexpr std::uint32_t xid = 28;
inline constexpr std::uint32_t cid = 29;
inline constexpr std::uint32_t oidvector = 30;
inline constexpr std::uint32_t json = 114;
inline constexpr std::uint32_t xml = 142;
inline constexpr std::uint32_t point = 600;
inline constexpr std::uint32_t lseg = 601;
inline constexpr std::uint32_t path = 602;
inline constexpr std::uint32_t box = 603;
inline constexpr std::uint32_t polygon = 604;
inline constexpr std::uint32_t line = 628;
inline constexpr std::uint32_t cidr = 650;
inline constexpr std::uint32_t float4 = 700;
inline constexpr std::uint32_t float8 = 701;
inline constexpr std::uint32_t unknown = 705;
inline constexpr std::uint32_t circle = 718;
inline constexpr std::uint32_t macaddr8 = 774;
inline constexpr std::uint32_t macaddr = 829;
inline constexpr std::uint32_t inet = 869;
inline constexpr std::uint32_t bpchar = 1042;
inline constexpr std::uint32_t varchar = 1043;
inline constexpr std::uint32_t date = 1082;
inline constexpr std::uint32_t time = 1083;
inline constexpr std::uint32_t timestamp = 1114;
inline constexpr std::uint32_t timestamptz = 1184;
inline constexpr std::uint32_t interval = 1186;
inline constexpr std::uint32_t timetz = 1266;
inline constexpr std::uint32_t bit = 1560;
inline constexpr std::uint32_t varbit = 1562;
inline constexpr std::uint32_t numeric = 1700;
inline constexpr std::uint32_t refcursor = 1790;
inline constexpr std::uint32_t record = 2249;
inline constexpr std::uint32_t void_ = 2278;
inline constexpr std::uint32_t uuid = 2950;
inline constexpr std::uint32_t txid_snapshot = 2970;
inline constexpr std::uint32_t pg_lsn = 3220;
inline constexpr std::uint32_t tsvector = 3614;
inline constexpr std::uint32_t tsquery = 3615;
inline constexpr std::uint32_t jsonb = 3802;
inline constexpr std::uint32_t int4range = 3904;
inline constexpr std::uint32_t numrange = 3906;
inline constexpr std::uint32_t tsrange = 3908;
inline constexpr std::uint32_t tstzrange = 3910;
inline constexpr std::uint32_t daterange = 3912;
inline constexpr std::uint32_t int8range = 3926;
inline constexpr std::uint32_t jsonpath = 4072;
inline constexpr std::uint32_t pg_snapshot = 5038;
inline constexpr std::uint32_t xid8 = 5069;

/// The element type of an array type whose values have the class `array`; 0 for other types. Those are the arrays
/// that digests of the first form knew; type_structure.hpp knows all.
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
