#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "app/command.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::app {
namespace {

using catalog::ControlConnection;
using catalog::FoundMarker;
using catalog::TargetFacts;

struct TargetOptions {
    std::optional<std::string> mark;
    std::optional<std::string> unmark;
    std::optional<std::string> show;
};

/// ALTER DATABASE waits for others that change the same database, so it gets longer than a look at production
/// would.
constexpr catalog::ControlLimits kTargetLimits{Duration::seconds(10), Duration::seconds(5)};

Result<TargetFacts> read_facts(ControlConnection& connection) {
    UNDERSTUDY_TRY(const auto rows, connection.query(catalog::kMarkerQuery));
    std::vector<std::optional<BytesView>> row;
    if (rows.size() == 1) row.assign(rows[0].begin(), rows[0].end());
    return catalog::parse_target_facts(row);
}

/// Runs a statement that only a superuser may run; false when this role is not allowed to, the transaction
/// still usable.
Result<bool> run_if_permitted(ControlConnection& connection, const std::string& sql) {
    UNDERSTUDY_CHECK(connection.query("savepoint before"));
    const auto done = connection.query(sql);
    if (!done && connection.last_failure() != catalog::QueryFailure::privilege) return done.error();
    UNDERSTUDY_CHECK(connection.query(done ? "release savepoint before" : "rollback to savepoint before"));
    return done.has_value();
}

Result<void> set_comment(ControlConnection& connection, const TargetFacts& facts, const Bytes& comment) {
    const std::string value = comment.empty() ? "NULL" : connection.quoted_literal(comment);
    const auto done =
        connection.query(fmt::format("comment on database {} is {}", connection.quoted_name(facts.database), value));
    if (!done) return done.error();
    return {};
}

Result<ControlConnection> connect(const std::string& conninfo, bool write) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, kTargetLimits));
    UNDERSTUDY_CHECK(write ? connection.begin_read_write() : connection.begin_read_only());
    return connection;
}

/// What keeps a database from being marked at all.
Result<void> may_be_marked(const TargetFacts& facts) {
    if (facts.in_recovery) {
        return make_error(Errc::refused,
                          fmt::format("database \"{}\" is on a standby (in recovery), perhaps of production: it "
                                      "cannot be a target",
                                      facts.database));
    }
    if (!facts.system_identifier) {
        return make_error(
            Errc::refused,
            fmt::format("user \"{0}\" may not read the server's system identifier; run there: GRANT EXECUTE ON "
                        "FUNCTION pg_control_system() TO \"{0}\"",
                        facts.user));
    }
    return {};
}

Result<void> mark(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, connect(conninfo, true));
    UNDERSTUDY_TRY(const TargetFacts before, read_facts(connection));
    UNDERSTUDY_CHECK(may_be_marked(before));
    const std::uint64_t own = *before.system_identifier;
    UNDERSTUDY_TRY(const bool as_setting,
                   run_if_permitted(connection, fmt::format("alter database {} set understudy.target to {}",
                                                            connection.quoted_name(before.database),
                                                            connection.quoted_literal(catalog::marker_text(own)))));
    if (!as_setting) {
        UNDERSTUDY_CHECK(
            set_comment(connection, before, catalog::comment_with_marker(before.comment.value_or(""), own)));
    }
    UNDERSTUDY_TRY(const TargetFacts after, read_facts(connection));
    const auto marker = catalog::find_marker(after);
    if (!marker || marker->identifier != own) {
        return make_error(
            Errc::refused,
            fmt::format("database \"{}\" has a setting understudy.target of another server, which goes before the "
                        "comment and which user \"{}\" may not change; a superuser has to mark it",
                        before.database, before.user));
    }
    UNDERSTUDY_CHECK(connection.commit());
    fmt::print(
        "Marked database \"{0}\" (PostgreSQL {1}, system identifier {2}) with {3}.\n"
        "From now on \"understudy replay\" may run recorded traffic, writes included, in this database.\n"
        "Not in copies of it by CREATE DATABASE … TEMPLATE or on another server: mark those on their own.\n"
        "Take it back with: understudy target --unmark CONNINFO\n",
        before.database, before.server_version, own,
        as_setting ? fmt::format("the setting understudy.target = '{}'", catalog::marker_text(own))
                   : std::string("a line in its comment (only a superuser may set understudy.target)"));
    return {};
}

Result<void> unmark(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, connect(conninfo, true));
    UNDERSTUDY_TRY(const TargetFacts before, read_facts(connection));
    const Bytes comment = before.comment.value_or("");
    const Bytes without = catalog::comment_with_marker(comment, std::nullopt);
    if (!before.setting && comment == without) {
        fmt::print("Database \"{}\" was not marked; nothing was changed.\n", before.database);
        return {};
    }
    if (before.setting) {
        UNDERSTUDY_TRY(const bool reset,
                       run_if_permitted(connection, fmt::format("alter database {} reset understudy.target",
                                                                connection.quoted_name(before.database))));
        if (!reset) {
            return make_error(Errc::refused,
                              fmt::format("user \"{}\" may not reset understudy.target of database \"{}\"; a "
                                          "superuser has to take the mark back",
                                          before.user, before.database));
        }
    }
    if (comment != without) UNDERSTUDY_CHECK(set_comment(connection, before, without));
    UNDERSTUDY_CHECK(connection.commit());
    fmt::print("Database \"{}\" is no longer marked: understudy refuses to replay into it.\n", before.database);
    return {};
}

Result<void> show(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, connect(conninfo, false));
    UNDERSTUDY_TRY(const TargetFacts facts, read_facts(connection));
    const auto marker = catalog::find_marker(facts);
    std::string text = "none";
    if (marker) {
        text =
            fmt::format("{} ({})", marker->identifier ? catalog::marker_text(*marker->identifier) : *facts.setting,
                        marker->place == FoundMarker::Place::setting ? "setting understudy.target" : "in its comment");
    }
    fmt::print(
        "database           {}\nserver             PostgreSQL {}{}\nsystem identifier  {}\nmarker            "
        " {}\n",
        facts.database, facts.server_version, facts.in_recovery ? ", a standby" : "",
        facts.system_identifier ? std::to_string(*facts.system_identifier) : "not readable by this user", text);
    // Production is not known here: only what the database itself says is judged.
    const auto judged = catalog::judge_target(facts, 0, std::nullopt, true);
    fmt::print("replay             {}\n", judged ? "may run here, unless this is the server that was recorded"
                                                 : "refused: " + judged.error().message);
    return {};
}

}  // namespace

void add_target_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<TargetOptions>();
    CLI::App* command =
        app.add_subcommand("target", "Say that a database may be replayed into, or look whether it may");
    CLI::Option_group* action = command->add_option_group("action");
    action->add_option("--mark", options->mark, "Mark the database as a place to replay into")->type_name("CONNINFO");
    action->add_option("--unmark", options->unmark, "Take the mark back")->type_name("CONNINFO");
    action->add_option("--show", options->show, "Show the mark; changes nothing")->type_name("CONNINFO");
    action->require_option(1);
    command->footer(
        "CONNINFO is libpq's: \"host=… dbname=… user=…\" or postgresql://user@host/database;\n"
        "passwords may come from PGPASSWORD or the password file.\n"
        "The mark is a setting of the database that names the server's own system identifier, so that\n"
        "neither a physical copy nor a restored dump of a marked database is marked. Needs a superuser, or\n"
        "the database's owner (who can only put it into the database's comment).\n"
        "Examples:\n"
        "  understudy target --mark \"host=staging dbname=shop user=postgres\"\n"
        "  understudy target --show postgresql://postgres@staging/shop\n"
        "  understudy target --unmark \"host=staging dbname=shop user=postgres\"");
    command->callback([options, &exit_code] {
        const auto done = options->mark     ? mark(*options->mark)
                          : options->unmark ? unmark(*options->unmark)
                                            : show(*options->show);
        exit_code = done ? static_cast<int>(kPassed) : fail(done.error());
    });
}

}  // namespace understudy::app
