#include "core/sql/parse_tree.hpp"

#include <pg_query.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/sql/lexer.hpp"
#include "core/sql/parser_guard.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Latin-1 to UTF-8: every byte becomes the code point of its number, which JSON can carry.
Bytes widened(BytesView bytes) {
    const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    Bytes out;
    out.reserve(bytes.size() + static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), high)));
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0U | (byte >> 6U));
            out += static_cast<char>(0x80U | (byte & 0x3FU));
        }
    }
    return out;
}

constexpr std::array<BytesView, 8> kUnwanted = {"A_Const", "ColumnRef", "TypeName", "typeName",
                                                "alias",   "inh",       "location", "relpersistence"};
constexpr std::array<BytesView, 4> kUnwantedWithPlaces = {"TypeName", "typeName", "inh", "relpersistence"};

enum class Keep { shape, places, everything };

/// Builds the tree without what nobody asks for. (The library's own filter, a callback, looks through the
/// whole parent at the end of each child, which is quadratic in the rows of an INSERT.)
class TreeBuilder : public Json::json_sax_t {
public:
    explicit TreeBuilder(Keep keep) : keep_(keep) {}
    Json take() { return std::move(root_); }

    bool null() override { return value(nullptr); }
    bool boolean(bool v) override { return value(v); }
    bool number_integer(Json::number_integer_t v) override { return value(v); }
    bool number_unsigned(Json::number_unsigned_t v) override { return value(v); }
    bool number_float(Json::number_float_t v, const std::string&) override { return value(v); }
    bool string(std::string& v) override { return value(std::move(v)); }
    bool binary(Json::binary_t&) override { return false; }
    bool key(std::string& name) override {
        if (skipped_depth_ == 0) key_ = name;
        return true;
    }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

private:
    /// An open object or array, and whether it lost something.
    struct Level {
        Json* node = nullptr;
        std::string key;  ///< its own, if an object holds it
        bool pruned = false;
    };

    [[nodiscard]] bool unwanted() {
        if (keep_ == Keep::everything || open_.empty() || !open_.back().node->is_object()) return false;
        const bool found = keep_ == Keep::places
                               ? unwanted_with_places()
                               : std::find(kUnwanted.begin(), kUnwanted.end(), key_) != kUnwanted.end();
        open_.back().pruned = open_.back().pruned || found;
        return found;
    }
    /// Of a constant only its place is kept: the value stands in the text.
    [[nodiscard]] bool unwanted_with_places() const {
        if (open_.back().key == "A_Const") return key_ != "location";
        if (open_.back().key == "TypeCast" && key_ == "typeName") return false;
        return std::find(kUnwantedWithPlaces.begin(), kUnwantedWithPlaces.end(), key_) != kUnwantedWithPlaces.end();
    }
    /// The new member or element. Pointers to open nodes stay valid: only the innermost one grows.
    Json* add(Json node) {
        if (open_.empty()) return &(root_ = std::move(node));
        Json& parent = *open_.back().node;
        if (parent.is_object()) return &(parent[key_] = std::move(node));
        parent.push_back(std::move(node));
        return &parent.back();
    }
    bool value(Json node) {
        if (skipped_depth_ == 0 && !unwanted()) add(std::move(node));
        return true;
    }
    bool open(Json node) {
        if (skipped_depth_ > 0 || unwanted()) {
            ++skipped_depth_;
        } else {
            const std::string key = key_;
            Json* added = add(std::move(node));
            open_.push_back(Level{added, key, false});
        }
        return true;
    }
    bool close() {
        if (skipped_depth_ > 0) {
            --skipped_depth_;
            return true;
        }
        const Level closed = std::move(open_.back());
        open_.pop_back();
        // What is empty only because of what it lost goes too, unless that it was there says something.
        const bool telling = closed.key.ends_with("Stmt") || closed.key == "returningList";
        if (open_.empty() || !closed.node->empty() || !closed.pruned || telling) return true;
        Level& parent = open_.back();
        parent.pruned = true;
        if (parent.node->is_object()) {
            parent.node->erase(closed.key);
        } else {
            parent.node->erase(parent.node->size() - 1);
        }
        return true;
    }

    Keep keep_;
    Json root_;
    std::vector<Level> open_;
    std::string key_;
    std::size_t skipped_depth_ = 0;
};

std::optional<Json> build_tree(BytesView sql, Keep keep) {
    if (!parsable(sql)) return std::nullopt;
    const PgQueryParseResult result = pg_query_parse(parser_input(sql).c_str());
    std::optional<Json> tree;
    if (result.error == nullptr) {
        TreeBuilder builder(keep);
        if (Json::sax_parse(widened(result.parse_tree), &builder)) tree = builder.take();
        if (tree && !(tree->is_object() && tree->contains("stmts") && (*tree)["stmts"].is_array())) tree.reset();
    }
    pg_query_free_parse_result(result);
    return tree;
}

/// What nests, and is nested by the recursive printer of libpg_query: more than any person writes.
constexpr std::size_t kMaxBlocks = 1000;

/// `record.field := …` becomes `record       := …`: the library knows no types, and refuses fields of what it takes for
/// scalars. What is read and written stays the same.
void blank_assigned_fields(Bytes& body) {
    std::array<Token, 3> before;
    std::vector<std::pair<std::size_t, std::size_t>> fields;
    for (const Token& token : Tokens(body)) {
        if (token.text == ":=" && before[0].kind != TokenKind::end && before[1].is('.')) {
            fields.emplace_back(before[1].offset, before[2].end());
        }
        before = {before[1], before[2], token};
    }
    for (const auto& [begin, end] : fields) body.replace(begin, end - begin, end - begin, ' ');
}

/// The body as the parser takes it: without comments, as in parser_input().
Bytes plpgsql_input(BytesView create_function) {
    Bytes input(create_function);
    for (const Token& token : Tokens(create_function)) {
        if (token.kind != TokenKind::dollar_string) continue;
        const auto offset = static_cast<std::size_t>(token.body.data() - create_function.data());
        Bytes body = parser_input(token.body);
        body.resize(token.body.size());
        blank_assigned_fields(body);
        input.replace(offset, body.size(), body);
    }
    return parser_input(input);
}

bool plpgsql_parsable(BytesView create_function) {
    if (!parsable(create_function)) return false;
    std::size_t blocks = 0;
    for (const Token& outer : Tokens(create_function)) {
        if (outer.kind != TokenKind::dollar_string) continue;
        if (!parsable(outer.body)) return false;
        for (const Token& token : Tokens(outer.body)) {
            const bool opens = is_word(token, "begin") || is_word(token, "loop") || is_word(token, "if") ||
                               is_word(token, "case") || is_word(token, "declare");
            blocks += opens ? 1 : 0;
        }
    }
    return blocks <= kMaxBlocks;
}

}  // namespace

std::optional<Json> plpgsql_tree(BytesView create_function) {
    if (!plpgsql_parsable(create_function)) return std::nullopt;
    const PgQueryPlpgsqlParseResult result = pg_query_parse_plpgsql(plpgsql_input(create_function).c_str());
    std::optional<Json> tree;
    if (result.error == nullptr && result.plpgsql_funcs != nullptr) {
        Json parsed = Json::parse(widened(result.plpgsql_funcs), nullptr, false);
        if (parsed.is_array() && !parsed.empty()) tree = std::move(parsed);
    }
    pg_query_free_plpgsql_parse_result(result);
    return tree;
}

std::optional<Json> parse_tree(BytesView sql) { return build_tree(sql, Keep::shape); }

std::optional<Json> parse_tree_with_places(BytesView sql) { return build_tree(sql, Keep::places); }

std::optional<Json> whole_parse_tree(BytesView sql) { return build_tree(sql, Keep::everything); }

Bytes name_bytes(const std::string& name) {
    Bytes out;
    out.reserve(name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte >= 0xC0 && i + 1 < name.size()) {
            out += static_cast<char>(((byte & 0x03U) << 6U) | (static_cast<unsigned char>(name[i + 1]) & 0x3FU));
            ++i;
        } else {
            out += name[i];
        }
    }
    return out;
}

}  // namespace understudy::sql
