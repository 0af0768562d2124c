#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/sql/lexer.hpp"
#include "core/sql/plpgsql_body.hpp"
#include "core/sql/typed_variables.hpp"
#include "schema/check/temp_tables.hpp"

namespace {

using namespace understudy;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// The bytes as a body, as a DO statement, as a statement with variables, and as one that makes a temporary table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    Bytes definition("create function f(a integer) returns void language plpgsql as $fuzz$");
    definition.append(text).append("$fuzz$");
    if (const auto body = sql::plpgsql_body(definition)) {
        require(body->statements.size() <= sql::kMaxBodyParts && body->variables.size() <= sql::kMaxBodyParts);
        for (const sql::PlpgsqlVariable& variable : body->variables) require(!variable.name.empty());
    }
    if (const auto block = sql::function_of_do_block(text)) require(sql::first_word(text) == "do" && !block->empty());
    const auto typed = sql::with_typed_variables(
        text,
        [](const sql::NameReference& reference) -> std::optional<sql::Stand> {
            require(!reference.names.empty());
            if (reference.names[0] == "a") return sql::Stand{"(null::integer)", 1, false};
            return std::nullopt;
        },
        [](std::uint32_t) { return std::optional<Bytes>("(null::text)"); });
    if (typed) {
        for (const sql::Token& token : sql::Tokens(*typed)) require(token.kind != sql::TokenKind::parameter);
    }
    if (const auto creation = schema::temp_creation(text)) require(!creation->name.empty() && !creation->sql.empty());
    schema::TempTables tables;
    tables.on_statement(text);
    require(tables.needed_by(text).size() <= schema::TempTables::kMaxTables);
    return 0;
}
