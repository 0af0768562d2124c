#include "core/sql/value_places.hpp"

#include "core/sql/constant_place.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

/// Nothing for TRUE, NULL and what is no constant's token.
bool measure(BytesView sql, ValuePlace& place) {
    place.length = place.parameter != 0 ? parameter_length(sql, place.offset) : constant_length(sql, place.offset);
    return place.length != 0;
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
