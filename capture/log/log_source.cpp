#include "capture/log/log_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "capture/log/csvlog_parser.hpp"
#include "capture/log/jsonlog_parser.hpp"
#include "capture/log/log_assembler.hpp"
#include "capture/log/log_format.hpp"
#include "capture/log/log_reader.hpp"
#include "capture/log/prefix_guess.hpp"
#include "capture/log/stderr_parser.hpp"

namespace understudy::capture {
namespace {

constexpr std::size_t kBeginning = 256U << 10U;  // of a file, for the survey
constexpr std::size_t kForGuess = 1U << 20U;     // of all files' beginnings

std::unique_ptr<LogParser> make_parser(LogFormat format, const LinePrefix& prefix, LogClock& clock,
                                       LogEntryHandler& handler) {
    switch (format) {
        case LogFormat::csv: return std::make_unique<CsvlogParser>(clock, handler);
        case LogFormat::json: return std::make_unique<JsonlogParser>(clock, handler);
        case LogFormat::text: break;
    }
    return std::make_unique<StderrParser>(prefix, clock, handler);
}

Result<Bytes> beginning_of(const std::string& path) {
    UNDERSTUDY_TRY(LogReader reader, LogReader::open(path));
    Bytes beginning;
    while (beginning.size() < kBeginning) {
        const auto piece = reader.read();
        if (!piece && piece.error().code != Errc::end_of_file) return piece.error();
        if (!piece || piece->empty()) break;
        beginning.append(*piece);
    }
    return beginning;
}

/// Remembers the first time that a file tells.
class FirstTime final : public LogEntryHandler {
public:
    void on_entry(const LogEntry& entry) override {
        if (!first.known()) first = entry.time;
    }
    void on_skipped(BytesView, std::uint64_t) override {}
    Timestamp first;
};

/// Counts what is skipped, and hands the rest to the assembler.
class FileImport final : public LogEntryHandler {
public:
    FileImport(LogAssembler& assembler, LogFileReport& report) : assembler_(assembler), report_(report) {}

    void on_entry(const LogEntry& entry) override {
        ++report_.entries;
        const BytesView why = assembler_.on_entry(entry);
        if (!why.empty()) on_skipped(why, entry.line);
    }
    void on_skipped(BytesView reason, std::uint64_t line) override {
        auto found = report_.skipped.find(reason);
        if (found == report_.skipped.end()) found = report_.skipped.emplace(std::string(reason), LogSkipped()).first;
        LogSkipped& skipped = found->second;
        ++skipped.count;
        if (skipped.lines.size() < LogSkipped::kMaxExamples) skipped.lines.push_back(line);
        if (reason == "cut off at the file's end") report_.half_written = true;
    }

private:
    LogAssembler& assembler_;
    LogFileReport& report_;
};

Result<LinePrefix> prefix_for(const LogOptions& options, const Bytes& beginnings) {
    if (options.line_prefix) return LinePrefix::compile(*options.line_prefix);
    auto guess = guess_line_prefix(beginnings);
    if (!guess) {
        return make_error(Errc::usage,
                          "cannot tell the log_line_prefix from the log's beginning; give the server's setting");
    }
    return std::move(guess->prefix);
}

Result<void> check_formats(const std::vector<SurveyedLog>& files) {
    for (const SurveyedLog& file : files) {
        if (file.format == files.front().format) continue;
        return make_error(
            Errc::usage,
            fmt::format("{} is a {} log and {} a {} log: import one format, as each has all statements",
                        files.front().path, to_string(files.front().format), file.path, to_string(file.format)));
    }
    return {};
}

void find_duplicates(std::vector<SurveyedLog>& files, const std::vector<Bytes>& beginnings) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (std::size_t j = 0; j < i && files[i].duplicate_of.empty(); ++j) {
            const std::size_t common = std::min(beginnings[i].size(), beginnings[j].size());
            const bool same = common > 0 && beginnings[i].substr(0, common) == beginnings[j].substr(0, common);
            if (same && files[j].duplicate_of.empty()) files[i].duplicate_of = files[j].path;
        }
    }
}

void import_file(const SurveyedLog& file, const LinePrefix& prefix, LogClock& clock, LogAssembler& assembler,
                 LogFileReport& report) {
    FileImport handler(assembler, report);
    const auto parser = make_parser(file.format, prefix, clock, handler);
    const std::uint64_t before = assembler.statements();
    auto reader = LogReader::open(file.path);
    while (reader) {
        const auto piece = reader->read();
        if (!piece) {
            handler.on_skipped(piece.error().code == Errc::end_of_file ? "cut off at the file's end"
                               : piece.error().code == Errc::malformed ? "damaged compressed data"
                                                                       : "read error",
                               report.lines + 1);
            break;
        }
        if (piece->empty()) break;
        report.lines += count_newlines(*piece);
        parser->feed(*piece);
    }
    if (!reader) handler.on_skipped("read error", 1);
    parser->finish();
    report.statements = assembler.statements() - before;
}

}  // namespace

Result<LogSurvey> survey_logs(const LogOptions& options) {
    LogSurvey survey;
    std::vector<Bytes> beginnings;
    Bytes for_guess;
    for (const std::string& path : options.files) {
        UNDERSTUDY_TRY(Bytes beginning, beginning_of(path));
        SurveyedLog file;
        file.path = path;
        file.format = options.format.value_or(log_format_of(beginning));
        if (file.format == LogFormat::text && for_guess.size() < kForGuess) for_guess += beginning + "\n";
        survey.files.push_back(std::move(file));
        beginnings.push_back(std::move(beginning));
    }
    if (survey.files.empty()) return make_error(Errc::usage, "no log file given");
    UNDERSTUDY_CHECK(check_formats(survey.files));
    LinePrefix prefix;
    const bool text = survey.files.front().format == LogFormat::text;
    if (text) {
        UNDERSTUDY_TRY(prefix, prefix_for(options, for_guess));
    }
    find_duplicates(survey.files, beginnings);
    LogClock clock(options.unknown_zone_east);
    for (std::size_t i = 0; i < survey.files.size(); ++i) {
        SurveyedLog& file = survey.files[i];
        FirstTime first;
        const auto parser = make_parser(file.format, prefix, clock, first);
        parser->feed(beginnings[i]);
        parser->finish();
        file.first = first.first;
        if (!text) continue;
        file.line_prefix = prefix.setting();
        file.prefix_guessed = !options.line_prefix;
    }
    std::stable_sort(survey.files.begin(), survey.files.end(),
                     [](const SurveyedLog& a, const SurveyedLog& b) { return a.first < b.first; });
    survey.clock_uncertainty = clock.uncertainty();
    return survey;
}

Result<LogReport> import_logs(const LogOptions& options, const Digester& digester, EventSink& sink) {
    UNDERSTUDY_TRY(const LogSurvey survey, survey_logs(options));
    UNDERSTUDY_TRY(const LinePrefix prefix, LinePrefix::compile(survey.files.front().line_prefix));
    LogReport report;
    LogClock clock(options.unknown_zone_east);
    LogAssembler assembler({options.policy, options.parameter_max_length}, digester, sink);
    for (const SurveyedLog& file : survey.files) {
        LogFileReport& of_file = report.files.emplace_back();
        of_file.path = file.path;
        of_file.format = file.format;
        of_file.line_prefix = file.line_prefix;
        of_file.prefix_guessed = file.prefix_guessed;
        if (!file.duplicate_of.empty()) {
            of_file.skipped["the same as " + file.duplicate_of] = {1, {1}};
            continue;
        }
        import_file(file, prefix, clock, assembler, of_file);
    }
    assembler.finish();
    report.counters = assembler.counters();
    if (clock.unknown_zones() > 0) report.counters["log.zone_unknown"] = clock.unknown_zones();
    for (const LogFileReport& file : report.files) {
        for (const auto& [reason, skipped] : file.skipped) report.counters["log.skipped." + reason] += skipped.count;
    }
    report.clock_uncertainty = clock.uncertainty();
    sink.on_event(Counters{report.counters, SessionId()});
    return report;
}

}  // namespace understudy::capture
