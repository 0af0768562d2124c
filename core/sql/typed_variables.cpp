#include "core/sql/typed_variables.hpp"

#include <charconv>
#include <map>

#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Offsets of the references of a tree, in the order of the text.
void find_references(const Json& tree, std::map<std::size_t, NameReference>& found) {
    std::vector<const Json*> open{&tree};
    while (!open.empty()) {
        const Json* node = open.back();
        open.pop_back();
        if (node->is_array()) {
            for (const Json& part : *node) open.push_back(&part);
        }
        if (!node->is_object()) continue;
        for (auto it = node->begin(); it != node->end(); ++it) {
            if (it.key() != "ColumnRef") {
                open.push_back(&it.value());
                continue;
            }
            NameReference reference;
            for (const Json& field : member(it.value(), "fields")) {
                if (field.contains("A_Star")) {
                    reference.star = true;
                } else {
                    reference.names.push_back(string_node(field));
                }
            }
            const auto location = it.value().find("location");
            const std::size_t at = location != it.value().end() ? location->get<std::size_t>() : 0;
            if (!reference.names.empty()) found[at] = std::move(reference);
        }
    }
}

/// Where the names `first` to `count` of a reference at `offset` end in the text.
std::size_t end_of_names(BytesView sql, std::size_t offset, std::size_t count) {
    std::size_t end = offset;
    for (std::size_t i = 0; i < count; ++i) {
        Token token = next_token(sql, end);
        while (token.kind == TokenKind::comment || token.is('.')) token = next_token(sql, token.end());
        end = token.end();
    }
    return end;
}

}  // namespace

std::optional<Bytes> with_typed_variables(BytesView sql,
                                          const std::function<std::optional<Stand>(const NameReference&)>& stand_for,
                                          const std::function<std::optional<Bytes>(std::uint32_t)>& parameter) {
    const auto tree = parse_tree_with_places(sql);
    if (!tree) return std::nullopt;
    std::map<std::size_t, NameReference> references;
    find_references(*tree, references);
    std::map<std::size_t, std::pair<std::size_t, Bytes>> changes;  // begin → end, text
    for (const auto& [offset, reference] : references) {
        const auto stand = stand_for(reference);
        if (!stand) continue;
        if (stand->unknown || stand->names > reference.names.size()) return std::nullopt;
        changes[offset] = {end_of_names(sql, offset, stand->names), stand->sql};
    }
    for (const Token& token : Tokens(sql)) {
        if (token.kind != TokenKind::parameter) continue;
        std::uint32_t n = 0;
        std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), n);
        auto text = parameter(n);
        if (!text) return std::nullopt;
        changes[token.offset] = {token.end(), std::move(*text)};
    }
    Bytes out;
    std::size_t done = 0;
    for (const auto& [begin, change] : changes) {
        if (begin < done) continue;
        out.append(sql.substr(done, begin - done)).append(change.second);
        done = change.first;
    }
    return out.append(sql.substr(done));
}

}  // namespace understudy::sql
