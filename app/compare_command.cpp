#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/keys.hpp"
#include "compare/comparison.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::app {
namespace {

using compare::Side;

/// A capture argument: a file, or the files of a directory one after the other.
class CaptureInput final : public compare::EventSource {
public:
    static Result<std::unique_ptr<CaptureInput>> open(const std::string& path, const store::KeyRing& keys) {
        UNDERSTUDY_TRY(auto files, store::capture_files(path));
        std::unique_ptr<CaptureInput> input(new CaptureInput(path, std::move(files), keys));
        UNDERSTUDY_CHECK(input->open_next());
        input->header_ = input->reader_->header();
        return input;
    }

    [[nodiscard]] const CaptureHeader& header() const override { return header_; }
    [[nodiscard]] std::string name() const override { return path_; }
    [[nodiscard]] store::Damage damage() const override { return damage_; }

    Result<std::optional<Event>> next() override {
        while (reader_ != nullptr) {
            UNDERSTUDY_TRY(auto event, reader_->next());
            if (event) return std::optional<Event>(std::move(*event));
            add_damage(reader_->damage());
            reader_.reset();
            if (next_file_ < files_.size()) UNDERSTUDY_CHECK(open_next());
        }
        return std::optional<Event>();
    }

private:
    CaptureInput(std::string path, std::vector<std::string> files, const store::KeyRing& keys)
        : path_(std::move(path)), files_(std::move(files)), keys_(keys) {}

    Result<void> open_next() {
        const std::string& file = files_[next_file_++];
        UNDERSTUDY_TRY(reader_, store::CaptureReader::open(file, keys_));
        if (next_file_ > 1 && reader_->header().key_id != header_.key_id) {
            return make_error(Errc::inconclusive,
                              fmt::format("{} has another digest key than the files before it", file));
        }
        return {};
    }

    void add_damage(const store::Damage& damage) {
        damage_.bad_chunks += damage.bad_chunks;
        damage_.bytes_skipped += damage.bytes_skipped;
        damage_.bytes_cut_off += damage.bytes_cut_off;
        damage_.unknown_records += damage.unknown_records;
        damage_.trailer_missing = damage_.trailer_missing || damage.trailer_missing;
    }

    std::string path_;
    std::vector<std::string> files_;
    store::KeyRing keys_;
    std::size_t next_file_ = 0;
    std::unique_ptr<store::CaptureReader> reader_;
    CaptureHeader header_;
    store::Damage damage_;
};

struct CompareOptions {
    compare::PerSide<std::string> paths;
    std::string json;
    Keys keys;
    compare::ReportOptions report;
};

Error system_error(const std::string& what, const std::string& path) {
    return make_error(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Whole or not at all, and for its owner only: it holds values of the requests. A device or a pipe is written as it
/// is.
Result<void> write_report(const std::string& path, std::string_view text) {
    const bool direct = path.starts_with("/dev/");
    const std::string written = direct ? path : fmt::format("{}.{}.tmp", path, ::getpid());
    const int fd =
        ::open(written.c_str(), direct ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("create", written);
    auto result = write_all(fd, text, written);
    if (::close(fd) != 0 && result) result = system_error("write", written);
    if (direct) return result;
    if (result && ::rename(written.c_str(), path.c_str()) != 0) result = system_error("create", path);
    if (!result) ::unlink(written.c_str());
    return result;
}

int exit_code_of(compare::ReportVerdict verdict) {
    switch (verdict) {
        case compare::ReportVerdict::same: return kPassed;
        case compare::ReportVerdict::divergent: return kDiverged;
        case compare::ReportVerdict::inconclusive: return kInconclusive;
    }
    return kInconclusive;
}

Result<int> run(CompareOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    compare::PerSide<std::unique_ptr<CaptureInput>> captures;
    compare::Inputs inputs{};
    for (std::size_t i = 0; i < compare::kSides; ++i) {
        if (options.paths[i].empty()) continue;
        UNDERSTUDY_TRY(captures[i], CaptureInput::open(options.paths[i], options.keys.ring));
        inputs[i] = captures[i].get();
    }
    compare::ComparisonOptions comparison;
    comparison.report = options.report;
    UNDERSTUDY_TRY(const auto report, compare::compare_captures(inputs, comparison));
    const std::string text = compare::to_text(report, options.report);
    const bool shown = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    const Error not_shown = shown ? Error{} : system_error("write to", "standard output");
    if (!options.json.empty()) {
        UNDERSTUDY_CHECK(write_report(options.json, compare::to_json(report, options.report)));
    }
    if (!shown) return not_shown;
    return exit_code_of(report.verdict);
}

}  // namespace

void add_compare_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("compare", "Compare the answers of two replays (or captures) step by step");
    auto options = std::make_shared<CompareOptions>();
    auto& paths = options->paths;
    command->add_option("baseline", paths[index_of(Side::baseline)], "Capture of the unchanged schema's answers")
        ->required();
    command->add_option("candidate", paths[index_of(Side::candidate)], "Capture of the changed schema's answers")
        ->required();
    command->add_option("--control", paths[index_of(Side::control)],
                        "The unchanged schema replayed once more: what differs there as well is noise");
    command->add_option("--confirm", paths[index_of(Side::confirmation)],
                        "The changed schema replayed once more: a lone difference has to come again");
    add_key_option(*command, options->keys);
    command->add_option("--json", options->json, "Write the report to this file (docs/report.md)");
    command
        ->add_option("--min-coverage", options->report.min_coverage,
                     "Per cent of the steps that must have been compared for a verdict")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    command->add_option("--max-findings", options->report.max_findings, "Findings shown in the text")
        ->capture_default_str();
    command->add_flag("--include-values", options->report.include_values,
                      "Put differing rows into the JSON report as well (the text shows them always)");
    command->footer(
        "Exit codes: 0 same, 1 divergent, 3 inconclusive, 4 a file cannot be read.\n"
        "The report shows values of the recorded requests: it is for the eyes of those who may see them.\n\n"
        "Examples:\n"
        "  understudy compare baseline.pgcap candidate.pgcap\n"
        "  understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --json report.json\n"
        "  understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --confirm candidate2.pgcap");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
