#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy {

/// What an SQL statement does to the prepared statements of its session (PostgreSQL docs, PREPARE, DEALLOCATE,
/// DISCARD).
struct NameEffect {
    enum class Kind : std::uint8_t { define, drop, drop_all };
    Kind kind = Kind::drop_all;
    std::uint32_t statement = 0;  ///< its place among the statements of the text, empty ones not counted
    Bytes name;                   ///< folded and cut as the server does
    Bytes sql;                    ///< define: what is prepared
    bool typed = false;           ///< define: parameter types are declared, by names
};

/// The effects of a text, in order, found by its tokens alone; usually none, and then at the price of one look at each
/// byte. Never fails. What the server answers (a command tag) has to confirm an effect: a text that only its grammar
/// can split may mislead this.
std::vector<NameEffect> name_effects(BytesView sql);

}  // namespace understudy
