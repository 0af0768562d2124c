#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/pgwire/backend_messages.hpp"

namespace understudy::schema {

/// Why a server refused a statement (PostgreSQL docs, "Error and Notice Message Fields").
struct Refusal {
    Bytes sqlstate;
    Bytes message;
    Bytes hint;
    std::uint32_t position = 0;  ///< in characters of the statement, from 1; 0: none given
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// What one server says to a statement's Parse and Describe.
struct Description {
    std::optional<Refusal> refusal;
    std::vector<std::uint32_t> parameters;           ///< type OIDs
    std::vector<pgwire::ColumnDescription> columns;  ///< empty: no rows
    friend bool operator==(const Description&, const Description&) = default;
};

/// Names of one server's types by OID. Built-in types need no entry.
using TypeNames = std::unordered_map<std::uint32_t, Bytes>;
/// "integer", "public.mood", "public.mood[]"; "oid 16422" when unknown.
Bytes type_name(const TypeNames& names, std::uint32_t oid);
/// With the modifiers that matter to a reader: "character varying(40)", "numeric(10,2)".
Bytes type_name_with_modifier(const TypeNames& names, std::uint32_t oid, std::int32_t modifier);

}  // namespace understudy::schema
