#include <fmt/format.h>

#include <memory>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "app/edit/exchange_choice.hpp"
#include "app/options.hpp"
#include "core/store/capture_writer.hpp"

namespace understudy::app {
namespace {

struct CutOptions {
    std::vector<std::string> captures;
    std::string output;
    std::string from;
    std::string to;
    std::vector<std::string> sessions;
    std::optional<std::string> user;
    std::optional<std::string> database;
    std::string fingerprint;
    bool errors_only = false;
    Keys keys;
    std::string encrypt_to;
};

Result<inspect::FilterOptions> filter_of(const CutOptions& options) {
    inspect::FilterOptions filter;
    filter.user = options.user;
    filter.database = options.database;
    filter.errors = options.errors_only;
    UNDERSTUDY_CHECK(filter.parse(options.from, options.to, options.fingerprint));
    for (const std::string& text : options.sessions) {
        UNDERSTUDY_TRY(const SessionId session, inspect::parse_session(text));
        filter.sessions.push_back(session);
    }
    return filter;
}

/// What was asked for, for the header.
std::string description_of(const CutOptions& options, std::size_t files) {
    std::string text = fmt::format("cut of {}", inspect::counted(files, "file"));
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format(", {} {}", name, value);
    };
    add("from", options.from);
    add("to", options.to);
    add("session", fmt::format("{}", fmt::join(options.sessions, " ")));
    add("user", options.user.value_or(""));
    add("database", options.database.value_or(""));
    add("fingerprint", options.fingerprint);
    if (options.errors_only) text += ", errors only";
    return text;
}

void report(const CutOptions& options, const std::map<std::string, std::uint64_t>& counts) {
    const auto count = [&](const char* name) {
        const auto found = counts.find(fmt::format("cut.{}", name));
        return found == counts.end() ? 0 : found->second;
    };
    fmt::print("{}: {} kept, {} left out\n", options.output, inspect::counted(count("exchanges_kept"), "exchange"),
               inspect::count_text(count("exchanges_left_out")));
    const auto note = [&](const char* name, std::string_view noun, std::string_view what) {
        if (count(name) > 0) fmt::print("  {} {}\n", inspect::counted(count(name), noun), what);
    };
    note("exchanges_without_beginning", "exchange", "left out: the input begins inside");
    note("sessions_entered_midway", "session", "entered with the state that left-out exchanges gave it");
    note("sessions_entered_in_transaction", "session", "entered inside a transaction that began before");
    note("states_repeated", "state", "written again: left-out exchanges had changed what is prepared or set");
    note("gaps_left_out", "gap", "left out");
    note("beyond_limits", "event", "beyond the limits of inspect (docs/inspect.md): may be misjudged");
}

Result<void> run_cut(CutOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto files, input_files(options.captures));
    UNDERSTUDY_CHECK(refuse_to_overwrite(options.output, files));
    UNDERSTUDY_TRY(CaptureHeader header, common_header(files, options.keys.ring));
    UNDERSTUDY_TRY(auto filter_options, filter_of(options));
    inspect::StepFilter filter(std::move(filter_options));
    edit::ExchangeChoice choice(filter);
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(const auto read,
                       read_capture(file, options.keys.ring, [&](Event&& event) { choice.on_event(event); }));
    }
    UNDERSTUDY_TRY(const capture::CutPlan plan, choice.plan());

    header.description += (header.description.empty() ? "" : "; ") + description_of(options, files.size());
    UNDERSTUDY_TRY(const auto encryption, output_encryption(files, options.keys, options.encrypt_to));
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(options.output, header, encryption));
    store::EventWriter writer(*file);
    capture::Cutter cutter(plan, writer);
    cutter.count("exchanges_without_beginning", choice.without_beginning());
    cutter.count("beyond_limits", choice.left_out());
    for (const std::string& input : files) {
        Errc code = Errc::io;  // damage was said before
        const auto read =
            read_capture(input, options.keys.ring, code, [&](Event&& event) { cutter.on_event(std::move(event)); });
        if (!read.error.empty()) return make_error(code, read.error);
        cutter.end_of_file();
    }
    cutter.count("records_too_large", writer.too_large());
    cutter.finish();
    writer.flush();
    if (writer.failure()) return *writer.failure();
    UNDERSTUDY_CHECK(file->finish());
    report(options, cutter.counts());
    return {};
}

}  // namespace

void add_cut_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CutOptions>();
    CLI::App* command = app.add_subcommand("cut", "Write a part of a capture as a smaller capture.");
    command->add_option("CAPTURE", options->captures, "Capture files, or directories of them")->required();
    command->add_option("--output", options->output, "The file to write")->required();
    add_key_option(*command, options->keys);
    command->add_option("--encrypt-to", options->encrypt_to,
                        "Encrypt to this public key (default: to whom the capture is encrypted)");
    command->add_option("--from", options->from, "Exchanges that began at this time or later");
    command->add_option("--to", options->to, "Exchanges that began before this time");
    command->add_option("--session", options->sessions, "These sessions only; may be repeated")
        ->allow_extra_args(false);
    command->add_option("--user", options->user, "Sessions of this user only");
    command->add_option("--database", options->database, "Sessions of this database only");
    command->add_option("--fingerprint", options->fingerprint, "Exchanges with this statement only");
    command->add_flag("--errors-only", options->errors_only, "Exchanges in which a statement failed only");
    command->footer(
        "TIME is absolute (2024-02-29T12:34:56Z, 2024-02-29 14:34:56+02:00) or counted from the capture's start\n"
        "(+90s, 10m). Exchanges are kept whole. Sessions enter with what was prepared and set before.\n"
        "Examples:\n"
        "  understudy cut prod.pgcap --output minute.pgcap --from 10m --to 11m\n"
        "  understudy cut captures/ --output failed.pgcap --errors-only --user shop");
    command->callback([options, &exit_code] {
        const auto result = run_cut(*options);
        exit_code = result ? static_cast<int>(kPassed) : fail(result.error());
    });
}

}  // namespace understudy::app
