#include "app/copies/schema_dump.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/process/postgres_tools.hpp"
#include "app/process/programs.hpp"
#include "core/catalog/conninfo_parts.hpp"

namespace understudy::app {
namespace {

/// What a program said, as one line.
std::string one_line(std::string text) {
    constexpr std::size_t kMax = 1000;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() > kMax) text = text.substr(0, kMax) + " …";
    return text;
}

/// The password goes into the environment, which other users of the machine cannot see.
Program program_of(std::vector<std::string> arguments, const catalog::ConninfoParts& parts) {
    Program program;
    program.arguments = std::move(arguments);
    program.arguments.push_back("--dbname=" + parts.keywords);
    program.environment.emplace_back("PGAPPNAME", "understudy");
    // What databases and roles set must not get into the way of loading: it is carried over, not obeyed here.
    program.environment.emplace_back("PGOPTIONS",
                                     "-c role=none -c default_transaction_read_only=off -c statement_timeout=0");
    if (!parts.password.empty()) program.environment.emplace_back("PGPASSWORD", parts.password);
    return program;
}

}  // namespace

Result<void> transfer_schema(const SchemaTransfer& transfer, const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(const auto tools,
                   find_postgres_tools({"pg_dump", "psql"}, transfer.postgres_bin, transfer.server_major));
    UNDERSTUDY_TRY(const auto from, catalog::conninfo_with_database(transfer.from, ""));
    UNDERSTUDY_TRY(const auto to, catalog::conninfo_with_database(transfer.to, ""));
    const Program dump = program_of({tools[0].path, "--schema-only", "--no-subscriptions", "--no-password"}, from);
    const Program load = program_of(
        {tools[1].path, "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"}, to);
    UNDERSTUDY_TRY(const auto ends, run_pipeline({dump, load}, stop));
    if (ends[0].stopped) return make_error(Errc::refused, "stopped");
    if (ends[1].exit_code != 0) {
        return make_error(Errc::io, fmt::format("psql could not load the schema: {}", one_line(ends[1].output)));
    }
    if (ends[0].exit_code != 0) {
        return make_error(Errc::io, fmt::format("pg_dump {} could not read the schema: {}", tools[0].version,
                                                one_line(ends[0].output)));
    }
    return {};
}

}  // namespace understudy::app
