#include "schema/diff/trigger_events.hpp"

#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

Bytes identifier(const sql::Token& token) {
    if (token.kind != sql::TokenKind::quoted_identifier) return Bytes(token.text);
    Bytes name;
    for (std::size_t i = 0; i < token.body.size(); ++i) {
        name += token.body[i];
        if (token.body[i] == '"') ++i;  // a quote is written twice
    }
    return name;
}

}  // namespace

std::optional<TriggerEvents> trigger_events(BytesView definition) {
    TriggerEvents events;
    bool timed = false;    // BEFORE, AFTER or INSTEAD OF was read
    bool columns = false;  // UPDATE OF was read
    for (const sql::Token& token : sql::Tokens(definition)) {
        if (!timed) {
            timed = is_word(token, "before") || is_word(token, "after") || is_word(token, "instead");
            continue;
        }
        if (is_word(token, "on")) {
            if (!events.insert && !events.update && !events.remove && !events.truncate) return std::nullopt;
            return events;
        }
        if (is_word(token, "or")) {
            columns = false;
        } else if (is_word(token, "of")) {
            columns = events.update;  // otherwise of INSTEAD OF
        } else if (columns) {
            if (!token.is(',')) events.update_of.insert(identifier(token));
        } else if (is_word(token, "insert")) {
            events.insert = true;
        } else if (is_word(token, "update")) {
            events.update = true;
        } else if (is_word(token, "delete")) {
            events.remove = true;
        } else if (is_word(token, "truncate")) {
            events.truncate = true;
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace understudy::schema
