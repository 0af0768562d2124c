#include "core/sql/plpgsql_body.hpp"

#include <array>
#include <map>
#include <set>
#include <utility>

#include "core/sql/function_body.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

constexpr BytesView kSelect = "select ";

/// Members that hold what need not be run.
bool is_branch(BytesView key) {
    constexpr std::array<BytesView, 6> kKeys = {"then_body", "else_body", "elsif_list", "case_when_list", "exceptions",
                                                "action_list"};
    for (const BytesView one : kKeys) {
        if (key == one) return true;
    }
    return false;
}

bool is_loop(BytesView type) {
    return type == "PLpgSQL_stmt_while" || type == "PLpgSQL_stmt_fori" || type == "PLpgSQL_stmt_fors" ||
           type == "PLpgSQL_stmt_forc" || type == "PLpgSQL_stmt_foreach_a" || type == "PLpgSQL_stmt_dynfors";
}

/// What stands right of the first := or =.
Bytes assigned(BytesView text) {
    int depth = 0;
    for (const Token& token : Tokens(text)) {
        if (token.is('(') || token.is('[')) ++depth;
        if (token.is(')') || token.is(']')) --depth;
        if (depth == 0 && (token.is('=') || token.text == ":=")) return Bytes(text.substr(token.end()));
    }
    return Bytes(text);
}

Bytes trimmed(BytesView text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return Bytes(text);
}

std::uint32_t number(const Json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_number_unsigned() ? found->get<std::uint32_t>() : 0;
}

class Reading {
public:
    bool read(const Json& function) {
        datums(member(function, "datums"));
        Place top;
        walk(member(function, "action"), {}, top);
        for (auto& [index, queries] : sources_) {
            if (index < out_.variables.size() && queries.size() == 1) out_.variables[index].query = *queries.begin();
        }
        return out_.statements.size() <= kMaxBodyParts && out_.variables.size() <= kMaxBodyParts;
    }
    PlpgsqlBody take() {
        std::erase_if(out_.variables, [](const PlpgsqlVariable& each) { return each.name.empty(); });
        return std::move(out_);
    }

private:
    struct Place {
        std::uint32_t line = 0;
        bool conditional = false;
        bool assigned = false;  ///< in an assignment
    };

    /// One entry for each datum, so that its number is its index; those without a name are left out at the end.
    void datums(const Json& all) {
        for (const Json& wrapper : all) {
            PlpgsqlVariable& variable = out_.variables.emplace_back();
            const Json* body = body_of(wrapper, "PLpgSQL_var");
            if (body == nullptr) body = body_of(wrapper, "PLpgSQL_rec");
            if (body == nullptr) continue;
            variable.name = text_member(*body, "refname");
            const Json* type = body_of(member(*body, "datatype"), "PLpgSQL_type");
            if (type != nullptr) variable.type = trimmed(text_member(*type, "typname"));
            if (body_of(wrapper, "PLpgSQL_rec") != nullptr) variable.type = "record";
            if (variable.type == "UNKNOWN") variable.type = own_type(variable.name, body->contains("cursor_explicit_expr"));
            const Place declared{number(*body, "lineno"), false, false};
            walk(*body, {}, declared);
        }
    }
    static Bytes own_type(BytesView name, bool cursor) {
        if (cursor) return "refcursor";
        if (name == "found") return "boolean";
        return name == "sqlstate" || name == "sqlerrm" ? "text" : "";
    }

    void walk(const Json& node, BytesView key, Place place) {
        if (node.is_array()) {
            for (const Json& part : node) walk(part, key, place);
            return;
        }
        if (!node.is_object()) return;
        if (out_.statements.size() > kMaxBodyParts) return;
        for (auto it = node.begin(); it != node.end(); ++it) {
            const BytesView type = it.key();
            if (type == "PLpgSQL_expr") {
                expression(text_member(it.value(), "query"), key, place);
                continue;
            }
            Place inner = place;
            if (it.value().is_object() && it.value().contains("lineno")) inner.line = number(it.value(), "lineno");
            if (is_branch(type) || (type == "body" && in_loop_)) inner.conditional = true;
            if (type == "dynquery" || type == "PLpgSQL_stmt_dynexecute" || type == "PLpgSQL_stmt_dynfors") ++out_.dynamic;
            const bool outer = in_loop_;
            if (type.starts_with("PLpgSQL_stmt")) {
                in_loop_ = is_loop(type);
                inner.assigned = type == "PLpgSQL_stmt_assign";
                statement(type, it.value());
            }
            walk(it.value(), type, inner);
            in_loop_ = outer;
        }
    }
    void expression(const Bytes& text, BytesView key, const Place& place) {
        if (text.empty()) return;
        Bytes sql = text;
        if (key == "expr" && place.assigned) sql = Bytes(kSelect) + assigned(text);
        if (!parse_tree(sql)) sql = Bytes(kSelect) + text;
        out_.statements.push_back({std::move(sql), place.line, place.conditional});
    }
    void statement(BytesView type, const Json& body) {
        if (const Bytes label = text_member(body, "label"); !label.empty()) out_.labels.push_back(label);
        if (type == "PLpgSQL_stmt_assign") filled_otherwise(number(body, "varno"));
        if (type == "PLpgSQL_stmt_fori") {
            if (const Json* variable = body_of(member(body, "var"), "PLpgSQL_var")) loop_variable(*variable);
        }
        const Json& target = member(body, type == "PLpgSQL_stmt_fors" ? "var" : "target");
        const Json* row = body_of(target, "PLpgSQL_row");
        if (row == nullptr) return;
        const char* query = type == "PLpgSQL_stmt_fors" ? "query" : type == "PLpgSQL_stmt_execsql" ? "sqlstmt" : "";
        const Json* source = body_of(member(body, query), "PLpgSQL_expr");
        const Json& fields = member(*row, "fields");
        for (const Json& field : fields) {
            auto& queries = sources_[number(field, "varno")];
            const Bytes text = source == nullptr ? Bytes() : text_member(*source, "query");
            const Bytes word = first_word(text);
            const bool readable = word == "select" || word == "with" || word == "values" || word == "table";
            if (fields.size() == 1 && readable) {
                queries.insert(trimmed(text));
            } else {
                filled_otherwise(number(field, "varno"));
            }
        }
    }
    /// Not by one query: what columns it has is not known.
    void filled_otherwise(std::size_t datum) { sources_[datum].insert({"", " "}); }
    void loop_variable(const Json& loop) {
        const Bytes name = text_member(loop, "refname");
        for (PlpgsqlVariable& variable : out_.variables) {
            if (variable.name == name && variable.type.empty()) variable.type = "integer";
        }
    }

    PlpgsqlBody out_;
    std::map<std::size_t, std::set<Bytes>> sources_;  ///< by datum: the queries that fill it
    bool in_loop_ = false;
};

/// What a directive at the body's front says.
void read_directives(BytesView definition, PlpgsqlBody& body) {
    for (const Token& token : Tokens(definition)) {
        if (token.kind != TokenKind::dollar_string) continue;
        bool conflict = false;
        for (const Token& inner : Tokens(token.body)) {
            if (is_word(inner, "declare") || is_word(inner, "begin")) break;
            if (conflict && is_word(inner, "use_column")) body.prefers_columns = true;
            if (conflict && is_word(inner, "use_variable")) body.prefers_variables = true;
            conflict = is_word(inner, "variable_conflict");
        }
    }
}

}  // namespace

std::optional<PlpgsqlBody> plpgsql_body(BytesView definition) {
    if (definition.size() > kMaxFunctionDefinition) return std::nullopt;
    const auto tree = plpgsql_tree(definition);
    if (!tree) return std::nullopt;
    const Json* function = body_of((*tree)[0], "PLpgSQL_function");
    if (function == nullptr) return std::nullopt;
    Reading reading;
    if (!reading.read(*function)) return std::nullopt;
    PlpgsqlBody body = reading.take();
    read_directives(definition, body);
    return body;
}

std::optional<Bytes> function_of_do_block(BytesView statement) {
    if (first_word(statement) != "do") return std::nullopt;
    BytesView code;
    bool named = false;
    for (const Token& token : Tokens(statement)) {
        if (token.kind == TokenKind::comment) continue;
        if (named && !is_word(token, "plpgsql") && token.body != "plpgsql") return std::nullopt;
        named = is_word(token, "language");
        if (token.kind != TokenKind::dollar_string) continue;
        if (!code.empty()) return std::nullopt;
        code = token.text;
    }
    if (code.empty()) return std::nullopt;
    return Bytes("create function understudy_block() returns void language plpgsql as ").append(code);
}

}  // namespace understudy::sql
