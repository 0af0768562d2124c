#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "app/inspect/list_view.hpp"
#include "app/inspect/statement_table.hpp"
#include "app/inspect/summary.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::uint64_t kDefaultTextLimit = 100;

struct InspectOptions {
    std::vector<std::string> captures;
    std::string what = "summary";
    bool json = false;
    bool verify = false;
    std::optional<std::uint64_t> limit;

    [[nodiscard]] std::uint64_t shown() const { return limit.value_or(json ? 0 : kDefaultTextLimit); }
};

/// Writes to standard output and remembers the first failure (a full disk, a pipe that was closed).
class StandardOutput {
public:
    void write(std::string_view text) {
        if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) error_ = errno;
    }
    Result<void> finish() {
        if (error_ == 0 && std::fflush(stdout) != 0) error_ = errno;
        if (error_ == 0) return {};
        return make_error(Errc::io, fmt::format("cannot write to standard output: {}", std::strerror(error_)));
    }
    [[nodiscard]] Output sink() {
        return [this](std::string_view text) { write(text); };
    }

private:
    int error_ = 0;
};

using FileHandler = std::function<void(FileReport&&)>;

/// Reads all files; stops at the first that cannot be read. Damage is said on standard error, too.
Result<void> read_all(const std::vector<std::string>& paths, const std::function<void(const Event&)>& handle,
                      const FileHandler& at_end) {
    for (const std::string& path : paths) {
        UNDERSTUDY_TRY(FileReport report, read_capture(path, [&](Event&& event) { handle(event); }));
        at_end(std::move(report));
    }
    return {};
}

Result<int> verify(const std::vector<std::string>& paths, bool json, StandardOutput& out) {
    std::vector<FileReport> files;
    for (const std::string& path : paths) {
        Errc code = Errc::io;
        files.push_back(read_capture(path, code, [](Event&&) {}));
        if (!json) out.write(verify_text(files.back()) + "\n");
    }
    if (json) out.write(dump_pretty(verify_json(files)) + "\n");
    return all_complete(files) ? kPassed : kEnvironment;
}

Result<void> summarise(const std::vector<std::string>& paths, bool json, StandardOutput& out) {
    Summariser summariser;
    UNDERSTUDY_CHECK(read_all(
        paths, [&](const Event& event) { summariser.on_event(event); },
        [&](FileReport&& file) { summariser.end_file(std::move(file)); }));
    const Summary summary = summariser.finish();
    out.write(json ? dump_pretty(to_json(summary)) + "\n" : to_text(summary));
    return {};
}

Result<void> list_statements(const std::vector<std::string>& paths, const InspectOptions& options,
                             StandardOutput& out) {
    StatementTable table;
    Follower follower(table, true);
    std::vector<FileReport> files;
    UNDERSTUDY_CHECK(read_all(
        paths, [&](const Event& event) { follower.on_event(event); },
        [&](FileReport&& file) { files.push_back(std::move(file)); }));
    follower.finish();
    if (!options.json) {
        out.write(to_text(table, options.shown()));
        return {};
    }
    Json json;
    json["format_version"] = kJsonFormatVersion;
    json["what"] = "statements";
    json["statements"] = to_json(table, options.shown());
    json["all"] = table.by_total_time().size();
    json["left_out"] = follower.left_out();
    json["complete"] = all_complete(files);
    out.write(dump_pretty(json) + "\n");
    return {};
}

Result<void> list(const std::vector<std::string>& paths, const InspectOptions& options, StandardOutput& out) {
    const auto of = options.what == "sessions" ? ListView::Of::sessions : ListView::Of::exchanges;
    ListView view({of, options.json, options.shown()}, out.sink());
    Follower follower(view, of == ListView::Of::exchanges);
    std::vector<FileReport> files;
    view.start();
    bool started = false;
    UNDERSTUDY_CHECK(read_all(
        paths,
        [&](const Event& event) {
            if (!started) view.set_origin(store::event_time(event));
            started = started || store::event_time(event).known();
            follower.on_event(event);
        },
        [&](FileReport&& file) { files.push_back(std::move(file)); }));
    follower.finish();
    view.finish(files, follower.left_out());
    return {};
}

Result<int> run_inspect(const InspectOptions& options) {
    UNDERSTUDY_TRY(const auto paths, input_files(options.captures));
    StandardOutput out;
    int exit_code = kPassed;
    if (options.verify) {
        UNDERSTUDY_TRY(exit_code, verify(paths, options.json, out));
    } else if (options.what == "summary") {
        UNDERSTUDY_CHECK(summarise(paths, options.json, out));
    } else if (options.what == "statements") {
        UNDERSTUDY_CHECK(list_statements(paths, options, out));
    } else {
        UNDERSTUDY_CHECK(list(paths, options, out));
    }
    UNDERSTUDY_CHECK(out.finish());
    return exit_code;
}

}  // namespace
}  // namespace understudy::app::inspect

namespace understudy::app {

void add_inspect_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<inspect::InspectOptions>();
    CLI::App* command = app.add_subcommand("inspect", "Show what capture files hold, or check that they are whole.");
    command->add_option("CAPTURE", options->captures, "Capture files, or directories of them")->required();
    CLI::Option* what = command->add_option("--what", options->what, "What to show")
                            ->check(CLI::IsMember({"summary", "sessions", "exchanges", "statements"}))
                            ->capture_default_str();
    command->add_flag("--json", options->json, "As JSON (docs/inspect.md)");
    command
        ->add_flag("--verify", options->verify, "Read everything and say what is damaged; exit code 4 if anything is")
        ->excludes(what);
    command
        ->add_option("--limit", options->limit, "Show so many entries, 0 for all (default: 100 as text, all as JSON)")
        ->check(CLI::NonNegativeNumber);
    command->footer(
        "Examples:\n"
        "  understudy inspect prod.pgcap\n"
        "  understudy inspect prod.pgcap --what statements --limit 20\n"
        "  understudy inspect prod.pgcap --what exchanges --json | jq '.exchanges[] | select(.outcome == "
        "\"error\")'\n"
        "  understudy inspect captures/ --verify");
    command->callback([options, &exit_code] {
        const auto result = inspect::run_inspect(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
