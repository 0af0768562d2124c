#include "app/outside_effects.hpp"

#include <fmt/format.h>

#include "core/sql/lexer.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::app {
namespace {

/// A comment on something that all databases share: a copy has another name, or none of its own (pg_shdescription).
bool comments_on_shared_object(BytesView statement) {
    constexpr std::size_t kWords = 3;
    std::vector<Bytes> words;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        if (token.kind != sql::TokenKind::word || words.size() == kWords) break;
        words.push_back(sql::to_lower(token.text));
    }
    words.resize(kWords);
    const bool shared = words[2] == "database" || words[2] == "role" || words[2] == "tablespace";
    return words[0] == "comment" && words[1] == "on" && shared;
}

/// Roles are the common case, and there the way out is not to allow it.
std::string way_out(const std::string& effect) {
    if (!effect.ends_with(" ROLE")) {
        return fmt::format("if that is harmless on this server, give --allow '{}'", effect);
    }
    return fmt::format(
        "roles belong to the whole server and stay when the copy is dropped: the second run would find what "
        "the first made. Make the role on this server by hand, and let the file ask first (DO $$ BEGIN IF "
        "NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '…') THEN … END IF; END $$). If it does no harm "
        "to run it several times as it is, give --allow '{}'; understudy never takes it back",
        effect);
}

Result<void> refuse(const schema::Script& script, const std::set<std::string>& allowed) {
    for (const schema::ScriptStatement& statement : script.statements) {
        for (const std::string& effect : effects_beyond_copy(statement.text)) {
            if (allowed.count(effect) > 0) continue;
            return make_error(Errc::refused,
                              fmt::format("{}:{}: {} would act beyond the copy of the database that it is to run "
                                          "in; {}",
                                          script.path, statement.line, effect, way_out(effect)));
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> effects_beyond_copy(BytesView statement) {
    std::vector<std::string> effects;
    for (const Bytes& effect : sql::traits(statement).outside_effects) {
        // An extension belongs to its database; what it can reach is looked for before anything is replayed there.
        if (effect != "CREATE EXTENSION") effects.push_back(effect);
    }
    if (comments_on_shared_object(statement)) effects.emplace_back("COMMENT ON DATABASE");
    return effects;
}

Result<void> refuse_outside_effects(const schema::MigrationSet& set, const std::vector<std::size_t>& pending,
                                    const std::set<std::string>& allowed) {
    for (const std::size_t index : pending) {
        const schema::Migration& migration = set.migrations[index];
        UNDERSTUDY_CHECK(refuse(migration.up, allowed));
        if (migration.down) UNDERSTUDY_CHECK(refuse(*migration.down, allowed));
    }
    return {};
}

}  // namespace understudy::app
