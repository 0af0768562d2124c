// Imports server logs into a capture file, as `understudy capture --log` does: bench_log_import OUTPUT LOG...
// Prints what was read and what was passed over.

#include <fmt/format.h>

#include "capture/log/log_source.hpp"
#include "core/store/capture_writer.hpp"

namespace {

using namespace understudy;

Result<void> run(const std::string& output, std::vector<std::string> files) {
    capture::LogOptions options;
    options.files = std::move(files);
    UNDERSTUDY_TRY(const capture::LogSurvey survey, capture::survey_logs(options));
    CaptureHeader header;
    header.source = "log";
    header.results_unknown = true;
    header.clock_uncertainty_ns = survey.clock_uncertainty.count_ns();
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(output, header));
    store::EventWriter writer(*file);
    UNDERSTUDY_TRY(const capture::LogReport report,
                   capture::import_logs(options, Digester(DigestKey::generate()), writer));
    writer.flush();
    UNDERSTUDY_CHECK(file->finish());
    if (writer.failure()) return *writer.failure();
    for (const auto& read : report.files) {
        fmt::print("{}: {} lines, {} entries, {} statements{}{}{}\n", read.path, read.lines, read.entries,
                   read.statements, read.half_written ? ", cut" : "", read.prefix_guessed ? ", prefix assumed: " : "",
                   read.line_prefix);
        for (const auto& [reason, skipped] : read.skipped) {
            fmt::print("  {} x {}, first in line {}\n", skipped.count, reason, skipped.lines.front());
        }
    }
    for (const auto& [name, value] : report.counters) fmt::print("{} {}\n", name, value);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const auto done = run(argv[1], {argv + 2, argv + argc});
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    return done ? 0 : 1;
}
