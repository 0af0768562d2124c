#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "app/inspect/exchange_view.hpp"
#include "app/inspect/views.hpp"
#include "app/options.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::uint64_t kDefaultTextLimit = 100;

struct InspectOptions {
    std::vector<std::string> captures;
    ViewOptions view;
    bool verify = false;
    std::optional<std::uint64_t> limit;
    std::string sort = "time";
    std::string exchange;
    std::string fingerprint;
    std::string from;
    std::string to;
    std::optional<std::string> user;
    std::optional<std::string> database;
    Keys keys;
};

/// Writes to standard output and remembers the first failure (a full disk, a pipe that was closed).
class StandardOutput {
public:
    void write(std::string_view text) {
        if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) error_ = errno;
    }
    void flush() {
        if (error_ == 0 && std::fflush(stdout) != 0) error_ = errno;
    }
    Result<void> finish() {
        flush();
        if (error_ == 0) return {};
        return make_error(Errc::io, fmt::format("cannot write to standard output: {}", std::strerror(error_)));
    }
    [[nodiscard]] Output sink() {
        return [this](std::string_view text) { write(text); };
    }

private:
    int error_ = 0;
};

Result<FilterOptions> filter_of(const InspectOptions& options) {
    FilterOptions filter = options.view.filter;
    filter.user = options.user;
    filter.database = options.database;
    UNDERSTUDY_CHECK(filter.parse(options.from, options.to, options.fingerprint));
    return filter;
}

Result<ViewOptions> view_of(InspectOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    ViewOptions view = options.view;
    view.keys = options.keys.ring;
    UNDERSTUDY_TRY(view.filter, filter_of(options));
    view.limit = options.limit.value_or(view.json || view.follow ? 0 : kDefaultTextLimit);
    view.order = options.sort == "calls"    ? StatementOrder::calls
                 : options.sort == "errors" ? StatementOrder::errors
                                            : StatementOrder::time;
    if (!options.exchange.empty()) {
        UNDERSTUDY_TRY(view.exchange, parse_exchange(options.exchange));
    }
    const bool summary = view.what == "summary" && !view.exchange;
    if (view.filter.any() && (summary || view.exchange)) {
        return make_error(Errc::usage, "filters are for --what sessions, exchanges, statements and timeline");
    }
    const bool list = view.what == "sessions" || view.what == "exchanges";
    if (view.follow && (!list || view.exchange || options.captures.size() != 1)) {
        return make_error(Errc::usage, "--follow takes one capture, and --what sessions or exchanges");
    }
    return view;
}

Result<int> run_inspect(InspectOptions& options) {
    UNDERSTUDY_TRY(const ViewOptions view, view_of(options));
    StandardOutput out;
    int exit_code = kPassed;
    if (view.follow) {
        watch_for_stop();
        UNDERSTUDY_CHECK(show(options.captures, view, out.sink(), [&] { out.flush(); }));
        UNDERSTUDY_CHECK(out.finish());
        return exit_code;
    }
    UNDERSTUDY_TRY(const auto files, input_files(options.captures));
    for (const std::string& file : files) {  // an error comes before any output
        if (options.verify) break;
        UNDERSTUDY_CHECK(store::CaptureReader::open(file, view.keys));
    }
    if (options.verify) {
        exit_code = verify(files, view.keys, view.json, out.sink()) ? kPassed : kEnvironment;
    } else {
        UNDERSTUDY_CHECK(show(files, view, out.sink(), {}));
    }
    UNDERSTUDY_CHECK(out.finish());
    return exit_code;
}

void add_filters(CLI::App& command, InspectOptions& options) {
    command.add_option("--user", options.user, "Sessions of this user only");
    command.add_option("--database", options.database, "Sessions of this database only");
    command.add_option("--fingerprint", options.fingerprint, "This statement only");
    command.add_option("--from", options.from, "What was asked at this time or later: 2024-02-29T12:34:56Z, +90s, 10m");
    command.add_option("--to", options.to, "What was asked before this time");
    command.add_flag("--errors", options.view.filter.errors, "What failed only");
}

}  // namespace
}  // namespace understudy::app::inspect

namespace understudy::app {

void add_inspect_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<inspect::InspectOptions>();
    CLI::App* command = app.add_subcommand("inspect", "Show what capture files hold, or check that they are whole.");
    command->add_option("CAPTURE", options->captures, "Capture files, or directories of them")->required();
    add_key_option(*command, options->keys);
    CLI::Option* what = command->add_option("--what", options->view.what, "What to show")
                            ->check(CLI::IsMember({"summary", "sessions", "exchanges", "statements", "timeline"}))
                            ->capture_default_str();
    command->add_flag("--json", options->view.json, "As JSON (docs/inspect.md)");
    command
        ->add_flag("--verify", options->verify, "Read everything and say what is damaged; exit code 4 if anything is")
        ->excludes(what);
    command
        ->add_option("--limit", options->limit, "Show so many entries, 0 for all (default: 100 as text, all as JSON)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--sort", options->sort, "Order of statements, greatest first")
        ->check(CLI::IsMember({"time", "calls", "errors"}))
        ->capture_default_str();
    command->add_option("--exchange", options->exchange, "SESSION:ORDINAL: one exchange, message by message")
        ->excludes(what);
    command->add_flag("--follow", options->view.follow, "Go on as the capture grows, until it is finished or Ctrl-C");
    inspect::add_filters(*command, *options);
    command->footer(
        "Examples:\n"
        "  understudy inspect prod.pgcap\n"
        "  understudy inspect prod.pgcap --what statements --sort errors --limit 20\n"
        "  understudy inspect prod.pgcap --what timeline --from 10m --to 20m --user shop\n"
        "  understudy inspect prod.pgcap --exchange 00b5c1f2a1e84d77:12\n"
        "  understudy inspect captures/ --what exchanges --follow --errors\n"
        "  understudy inspect prod.pgcap --what exchanges --json | jq '.exchanges[] | select(.outcome == "
        "\"error\")'\n"
        "  understudy inspect captures/ --verify");
    command->callback([options, &exit_code] {
        const auto result = inspect::run_inspect(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
