#include "core/sql/value_places.hpp"

#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

/// The constant at the place, with its sign and its UESCAPE; nothing for TRUE, NULL and what is no constant's token.
bool measure(BytesView sql, ValuePlace& place) {
    if (place.offset >= sql.size()) return false;
    Token token = next_token(sql, place.offset);
    while (token.kind == TokenKind::comment || token.is('-') || token.is('+')) token = next_token(sql, token.end());
    std::size_t end = token.end();
    if (place.parameter != 0) {
        if (token.kind != TokenKind::parameter) return false;
    } else {
        if (!is_constant(token.kind)) return false;
        const Token next = next_token(sql, end);
        if (is_word(next, "uescape")) end = next_token(sql, next.end()).end();
    }
    place.length = end - place.offset;
    return true;
}

}  // namespace

std::optional<std::vector<StatementPlaces>> value_places(BytesView sql) {
    const auto tree = parse_tree_with_places(sql);
    if (!tree) return std::nullopt;
    std::vector<StatementPlaces> all;
    for (const auto& statement : (*tree)["stmts"]) {
        StatementPlaces& places = all.emplace_back();
        const auto& location = member(statement, "stmt_location");
        const auto& length = member(statement, "stmt_len");
        places.begin = location.is_number_unsigned() ? location.get<std::size_t>() : 0;
        places.end = length.is_number_unsigned() ? places.begin + length.get<std::size_t>() : sql.size();
        PlaceWalk().walk(member(statement, "stmt"), places);
        std::erase_if(places.places, [sql](ValuePlace& place) { return !measure(sql, place); });
    }
    return all;
}

}  // namespace understudy::sql
