#include "app/replay/selection_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "app/options.hpp"
#include "app/time_option.hpp"
#include "core/store/capture_codec.hpp"
#include "replay/plan/session_copies.hpp"

namespace understudy::app {
namespace {

/// "10%", "0.1". Errors: Errc::usage.
Result<double> parse_share(const std::string& text) {
    double share = 0;
    const char* end = text.data() + text.size();
    const auto [rest, errc] = std::from_chars(text.data(), end, share);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    if (unit == "%") share /= 100;
    if (errc != std::errc() || (!unit.empty() && unit != "%") || !(share > 0) || share > 1) {
        return make_error(Errc::usage, fmt::format("'{}' is not a share; write for example 10% or 0.1", text));
    }
    return share;
}

Result<std::uint64_t> parse_fingerprint(const std::string& text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, errc] = std::from_chars(text.data(), end, value, 16);
    if (errc == std::errc() && rest == end) return value;
    return make_error(Errc::usage,
                      fmt::format("'{}' is not a fingerprint; they are listed by inspect --what statements", text));
}

struct Words {
    const char* key;
    const char* text;
};
constexpr std::array<Words, 16> kWords{{
    {"sessions.share", "sessions not in the sample (--sessions)"},
    {"sessions.user", "sessions of other users, or of one that is not known (--user)"},
    {"sessions.database", "sessions of other databases, or of one that is not known (--database)"},
    {"sessions.window", "sessions outside the time (--from, --to)"},
    {"sessions.done", "sessions that the earlier replay had finished (--resume)"},
    {"exchanges.done", "other exchanges that it had answered"},
    {"exchanges.session", "exchanges of such sessions"},
    {"exchanges.window", "exchanges outside the time (--from, --to)"},
    {"exchanges.transaction", "exchanges of transactions that began before --from"},
    {"exchanges.read_only", "exchanges that are not read-only (--read-only)"},
    {"exchanges.fingerprint", "exchanges with another statement (--fingerprint)"},
    {"exchanges.table", "exchanges that name none of the tables (--table)"},
    {"exchanges.too_long", "exchanges with a statement or message too long to be judged"},
    {"exchanges.function_call", "exchanges that call a function by its number"},
    {"sessions.entered_midway", "sessions entered midway, with what they had prepared and set"},
    {"sessions.entered_in_transaction", "of these inside a transaction, whose rest is left out"},
}};

}  // namespace

void add_selection_options(CLI::App& command, SelectionFlags& flags) {
    constexpr const char* kGroup = "What is replayed";
    const auto option = [&](const char* name, auto& value, const char* text) {
        return command.add_option(name, value, text)->group(kGroup);
    };
    option("--from", flags.from, "Exchanges that began at this time or later: 2024-02-29T12:34:56Z, or +10m");
    option("--to", flags.to, "Exchanges that began before this time");
    option("--sessions", flags.sessions, "A sample of whole sessions, the same on each run: 10% or 0.1");
    option("--user", flags.users, "Sessions of this recorded user; may be repeated")->allow_extra_args(false);
    option("--database", flags.databases, "Sessions of this recorded database; may be repeated")
        ->allow_extra_args(false);
    option("--fingerprint", flags.fingerprints, "Statements of this fingerprint; may be repeated")
        ->allow_extra_args(false);
    option("--table", flags.tables, "Statements that name this table; may be repeated")->allow_extra_args(false);
    command.add_flag("--read-only", flags.read_only, "Only what surely does not write, by its parse and its functions")
        ->group(kGroup);
    option("--scale", flags.scale, "Run each session so many times; needs --read-only")
        ->check(CLI::Range(1U, replay::SessionCopies::kMaxCopies));
}

Result<Timestamp> capture_start(const std::vector<std::string>& files, const store::KeyRing& keys) {
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, keys));
        while (true) {
            UNDERSTUDY_TRY(const std::optional<Event> event, reader->next());
            if (!event) break;
            if (const Timestamp time = store::event_time(*event); time.known()) return time;
        }
    }
    return Timestamp();
}

Result<replay::SelectionOptions> selection_of(const SelectionFlags& flags, Timestamp start) {
    replay::SelectionOptions selection;
    if (!flags.from.empty()) {
        UNDERSTUDY_TRY(const TimeOption from, TimeOption::parse(flags.from));
        selection.from = from.resolve(start);
    }
    if (!flags.to.empty()) {
        UNDERSTUDY_TRY(const TimeOption to, TimeOption::parse(flags.to));
        selection.to = to.resolve(start);
    }
    if (selection.from.known() && selection.to.known() && selection.to <= selection.from) {
        return make_error(Errc::usage, "--to is not after --from");
    }
    if (!flags.sessions.empty()) {
        UNDERSTUDY_TRY(selection.share, parse_share(flags.sessions));
    }
    selection.users.assign(flags.users.begin(), flags.users.end());
    selection.databases.assign(flags.databases.begin(), flags.databases.end());
    for (const std::string& text : flags.fingerprints) {
        UNDERSTUDY_TRY(const std::uint64_t fingerprint, parse_fingerprint(text));
        selection.statements.fingerprints.push_back(fingerprint);
    }
    for (const std::string& text : flags.tables) {
        UNDERSTUDY_TRY(replay::TableName table, replay::TableName::parse(text));
        selection.statements.tables.push_back(std::move(table));
    }
    selection.statements.read_only = flags.read_only;
    if (flags.scale > 1 && !flags.read_only) {
        return make_error(Errc::usage,
                          "--scale needs --read-only: a write that runs twice is not what was recorded (it finds the "
                          "row there, or gone, or counts it twice), so no answer after it could be compared");
    }
    return selection;
}

std::string describe(const SelectionFlags& flags) {
    std::string text;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) text += fmt::format(", {} {}", name, value);
    };
    add("--from", flags.from);
    add("--to", flags.to);
    add("--sessions", flags.sessions);
    for (const std::string& user : flags.users) add("--user", user);
    for (const std::string& database : flags.databases) add("--database", database);
    for (const std::string& fingerprint : flags.fingerprints) add("--fingerprint", fingerprint);
    for (const std::string& table : flags.tables) add("--table", table);
    if (flags.read_only) text += ", --read-only";
    if (flags.scale > 1) text += fmt::format(", --scale {}", flags.scale);
    return text;
}

std::string left_out_text(const replay::LeftOutCounts& counts) {
    std::string text;
    for (const Words& words : kWords) {
        const auto found = counts.find(words.key);
        if (found == counts.end()) continue;
        if (text.empty()) text = "of the capture, by what was asked for:\n";
        const bool entered = std::string_view(words.key).starts_with("sessions.entered");
        text += fmt::format("  {} {}{}\n", human_count(found->second), words.text, entered ? "" : " were left out");
    }
    return text;
}

}  // namespace understudy::app
