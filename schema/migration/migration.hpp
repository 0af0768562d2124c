#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/migration/script.hpp"

namespace understudy::schema {

/// How a runner sends a script, and where it commits. PostgreSQL docs, "Multiple Statements in a Simple Query".
enum class RunMode : std::uint8_t {
    one_batch,          ///< the whole text as one Query: an implicit transaction around all of it
    statements,         ///< one Query each, each commits (psql -f)
    transaction,        ///< BEGIN, one Query each, COMMIT
    transaction_batch,  ///< BEGIN, the whole text as one Query, COMMIT
};
/// "one-batch", "statements", "transaction", "transaction-batch".
const char* to_string(RunMode mode);
std::optional<RunMode> parse_run_mode(std::string_view text);

/// One change of the schema and its way back.
struct Migration {
    std::string version;  ///< what the tool's table calls it: "7", "1.2", an id, or the file's name
    std::string name;
    Script up;
    std::optional<Script> down;  ///< nothing: the layout has no text for the way back
    std::optional<Script> verify;
    RunMode up_mode = RunMode::one_batch;
    RunMode down_mode = RunMode::one_batch;
    /// Its author says that there is no way back: what says so (a comment, `--rollback not required`); empty: nobody
    /// does.
    std::string declared_irreversible;
    bool repeatable = false;  ///< run again whenever its text changes (Flyway's R__)

    /// For people: "7 add_email".
    [[nodiscard]] std::string title() const { return name.empty() || name == version ? version : version + " " + name; }
    friend bool operator==(const Migration&, const Migration&) = default;
};

enum class Layout : std::uint8_t {
    plain,
    golang_migrate,
    flyway,
    sqitch,
    dbmate,
    goose,
    sql_migrate,
    diesel,
    liquibase,
};
/// The name that --layout takes: "golang-migrate".
const char* to_string(Layout layout);
std::optional<Layout> parse_layout(std::string_view name);

/// A file beside the migrations that is none, and why it was left out.
struct IgnoredFile {
    std::string path;
    std::string reason;
    friend bool operator==(const IgnoredFile&, const IgnoredFile&) = default;
};

/// All migrations of a directory in the order in which their tool runs them.
struct MigrationSet {
    Layout layout = Layout::plain;
    std::string detected;  ///< one sentence for the user: which layout this is and how that was told
    std::vector<Migration> migrations;
    std::vector<IgnoredFile> ignored;
    std::vector<std::string> warnings;  ///< what the tool will do that its author may not expect
};

/// Whether PostgreSQL refuses the statement inside a transaction (25001): CREATE INDEX CONCURRENTLY, VACUUM, ALTER
/// SYSTEM and the like (docs, the pages of these commands: "cannot be executed inside a transaction block").
bool refused_in_transaction(BytesView statement);

}  // namespace understudy::schema
