#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "app/command.hpp"
#include "app/copies/copy_server.hpp"
#include "app/options.hpp"
#include "app/rehearse/run_folder.hpp"
#include "core/catalog/row_reader.hpp"

namespace understudy::app {
namespace {

struct CleanOptions {
    std::string target;
    std::string older_than;
    bool dry_run = false;
};

std::string origin_text(const DatabaseMarks& marks, Timestamp now) {
    const auto tag = tag_of_comment(marks.comment);
    if (!tag) return "unfinished: its maker was killed while making it";
    return fmt::format("of \"{}\", made {} ago by process {} on {}", tag->source, human_duration(now - tag->created),
                       tag->pid, tag->host);
}

/// What killed rehearsals left of their answers on this machine; false when something could not be removed.
bool clean_folders(const CleanOptions& options, Duration least) {
    bool all = true;
    for (const FoundFolder& folder : find_run_folders()) {
        const Duration age = Duration::seconds(1).scaled(folder.age_s);
        const auto say = [&](const char* what, const std::string& why) {
            fmt::print("{:8} {}  {}\n", what, folder.path, why);
        };
        const std::string made = fmt::format("answers of a rehearsal that began {} ago", human_duration(age));
        if (folder.in_use) {
            say("kept", "in use by a running understudy: " + made);
        } else if (age < least) {
            say("kept", "younger than --older-than: " + made);
        } else if (options.dry_run) {
            say("to remove", made);
        } else if (const auto removed = remove_run_folder(folder.path); removed) {
            say("removed", made);
        } else {
            say("failed", removed.error().message);
            all = false;
        }
    }
    return all;
}

/// Copies that a server still makes, for whom may have been killed meanwhile: nobody sees them before they are whole.
Result<std::vector<std::string>> copies_being_made(CopyServer& server) {
    UNDERSTUDY_TRY(const auto rows,
                   server.query("select coalesce(substring(query from '(?i)^create database \"?(understudy_\\w+)'), '') "
                                "from pg_catalog.pg_stat_activity where state = 'active'"));
    std::vector<std::string> names;
    for (const catalog::Row& row : rows) {
        catalog::RowReader reader(row);
        std::string name = reader.text();
        if (reader.ok() && parse_copy_name(name)) names.push_back(std::move(name));
    }
    return names;
}

Result<int> clean(const CleanOptions& options) {
    Duration least;
    if (!options.older_than.empty()) {
        UNDERSTUDY_TRY(least, parse_duration(options.older_than));
    }
    UNDERSTUDY_TRY(CopyServer server, CopyServer::open(options.target, ""));
    UNDERSTUDY_TRY(const auto being_made, copies_being_made(server));  // before the list, so that none is in neither
    UNDERSTUDY_TRY(const auto copies, copies_on(server));
    UNDERSTUDY_TRY(const auto living, living_makers(server));
    const Timestamp now = system_clock().now();
    std::size_t dropped = 0;
    std::size_t kept = 0;
    bool failed = !clean_folders(options, least);
    for (const DatabaseMarks& marks : copies) {
        const auto keep = [&](const std::string& reason) {
            fmt::print("kept     {}  {}\n", marks.name, reason);
            ++kept;
        };
        const auto tag = tag_of_comment(marks.comment);
        if (origin_of(marks) == Origin::doubtful) {
            keep(
                "named like a scratch database, but nothing says that understudy made it; if it is one, drop it by "
                "hand");
        } else if (living.count(parse_copy_name(marks.name)->chance) > 0) {
            keep("in use by a running understudy: " + origin_text(marks, now));
        } else if (tag && now - tag->created < least) {
            keep("younger than --older-than: " + origin_text(marks, now));
        } else if (options.dry_run) {
            fmt::print("to drop  {}  {}\n", marks.name, origin_text(marks, now));
            ++dropped;
        } else if (const auto done = drop_copy(server, marks.name); done) {
            fmt::print("dropped  {}  {}\n", marks.name, origin_text(marks, now));
            ++dropped;
        } else {
            fmt::print("failed   {}  {}\n", marks.name, done.error().message);
            failed = true;
        }
    }
    for (const std::string& name : being_made) {
        const auto same = [&](const DatabaseMarks& marks) { return marks.name == name; };
        if (std::any_of(copies.begin(), copies.end(), same)) continue;
        fmt::print("kept     {}  the server still makes it: ask again\n", name);
        ++kept;
    }
    fmt::print("{} scratch databases {}, {} kept\n", dropped, options.dry_run ? "would be dropped" : "dropped", kept);
    return static_cast<int>(failed ? kEnvironment : kPassed);
}

}  // namespace

void add_clean_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CleanOptions>();
    CLI::App* command =
        app.add_subcommand("clean", "Remove scratch databases and temporary folders that killed runs left behind");
    command
        ->add_option("-t,--target", options->target,
                     "Connection string or URL of the server; the database does not matter")
        ->required();
    command->add_option("--older-than", options->older_than, "Keep those that are younger: 30m, 2h")
        ->type_name("DURATION");
    command->add_flag("--dry-run", options->dry_run, "Say what would be dropped");
    command->footer(
        "Scratch databases are named understudy_PURPOSE_ and 16 digits, and say in their comment which run made them "
        "of "
        "what.\n"
        "Only those are dropped that have name and mark, and whose maker is not connected any more; running "
        "rehearsals\nare left alone, and so is every other database. Folders of your own killed rehearsals in the "
        "temporary\n"
        "directory of this machine (TMPDIR), with the answers of their runs, are removed, too.\n"
        "Examples:\n"
        "  understudy clean --target \"host=staging user=postgres\" --dry-run\n"
        "  understudy clean --target postgresql://postgres@staging/shop --older-than 1h");
    command->callback([options, &exit_code] {
        const Result<int> result = clean(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
