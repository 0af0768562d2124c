#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/sql/fingerprint.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_kinds.hpp"
#include "core/sql/literal_text.hpp"
#include "core/sql/outside_effects.hpp"
#include "core/sql/split.hpp"
#include "core/sql/statement_traits.hpp"

namespace {

using namespace understudy;
using namespace understudy::sql;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// Nothing fails on any bytes; every byte is white space or in one token; the fast test for outside effects
/// covers what traits() finds; a normalised text holds no string.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    std::size_t end = 0;
    for (const Token& token : Tokens(text)) {
        require(token.offset >= end && !token.text.empty());
        end = token.end();
    }
    require(fingerprint(text) == fingerprint(text));
    const Bytes normalised = normalise(text);
    for (const Token& token : Tokens(normalised)) {
        require(token.kind != TokenKind::string && token.kind != TokenKind::bit_string);
    }
    require(literal_kinds(text).size() <= size);
    substitute_parameters(text, {"a'\\", std::nullopt}, {"int4[]"});
    for (const BytesView statement : split_statements(text)) {
        require(!statement.empty());
        if (!traits(statement).outside_effects.empty()) require(may_have_outside_effects(statement));
    }
    if (!traits(text).outside_effects.empty()) require(may_have_outside_effects(text));
    return 0;
}
