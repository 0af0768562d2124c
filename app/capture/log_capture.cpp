#include "app/capture/log_capture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "app/capture/identification.hpp"
#include "app/capture/recording.hpp"
#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/log/log_format.hpp"
#include "capture/log/log_source.hpp"
#include "capture/redact/session_redactor.hpp"

namespace understudy::app {
namespace {

Result<std::optional<capture::LogFormat>> parse_format(const std::string& name) {
    if (name.empty()) return std::optional<capture::LogFormat>();
    if (name == "csvlog") return std::optional(capture::LogFormat::csv);
    if (name == "jsonlog") return std::optional(capture::LogFormat::json);
    if (name == "stderr") return std::optional(capture::LogFormat::text);
    return make_error(Errc::usage, fmt::format("--log-format {} is none of csvlog, jsonlog, stderr", name));
}

/// Makes what was recorded visible while the import goes on, and shows how far it is.
class ProgressSink final : public EventSink {
public:
    explicit ProgressSink(Recording& recording) : recording_(recording) {
        if (recording.redaction()) redaction_ = recording.redaction()(redaction_counters_);
    }

    void on_event(Event&& event) override {
        if (auto* counters = std::get_if<Counters>(&event)) {  // the last event: the import's own totals
            totals_ = std::move(*counters);
            return;
        }
        if (std::holds_alternative<SessionOpened>(event)) ++progress_.sessions;
        if (std::holds_alternative<SessionClosed>(event)) ++closed_;
        if (auto* request = std::get_if<Request>(&event)) {
            progress_.bytes += request->frames.size();
            if (redaction_) redact(*request);
        }
        if (const auto* closed = std::get_if<SessionClosed>(&event)) redactors_.erase(closed->session);
        recording_.recorder().on_event(std::move(event));
        if (++events_ % kEventsBetweenTicks != 0) return;
        progress_.open_sessions = progress_.sessions - closed_;
        recording_.tick(system_clock().now(), [&] { return progress_; });
    }

    [[nodiscard]] Counters totals() const {
        Counters all = totals_;
        all.values.insert(redaction_counters_.begin(), redaction_counters_.end());
        return all;
    }
    [[nodiscard]] std::uint64_t sessions() const { return progress_.sessions; }

private:
    static constexpr std::uint64_t kEventsBetweenTicks = 4'096;

    /// A log's requests are made of whole frames.
    void redact(Request& request) {
        auto& redactor = redactors_[request.session];
        if (!redactor) redactor = std::make_unique<capture::SessionRedactor>(*redaction_);
        Bytes frames;
        pgwire::FrameReader reader;
        reader.begin(request.frames);
        pgwire::FrameView frame;
        while (reader.next(frame) == pgwire::FrameStatus::complete) {
            frames.append(redactor->frontend(frame, request.ordinal.value(), scratch_).whole);
        }
        request.frames = std::move(frames);
    }

    Recording& recording_;
    SourceProgress progress_;
    Counters totals_;
    std::uint64_t closed_ = 0;
    std::uint64_t events_ = 0;
    std::map<std::string, std::uint64_t> redaction_counters_;
    std::unique_ptr<capture::Redaction> redaction_;
    std::unordered_map<SessionId, std::unique_ptr<capture::SessionRedactor>> redactors_;
    Bytes scratch_;
};

void tell(const capture::LogReport& report) {
    for (const capture::LogFileReport& file : report.files) {
        fmt::print(
            stderr, "{}: {}{}, {} entries, {} statements{}\n", file.path, to_string(file.format),
            file.line_prefix.empty() ? ""
                                     : fmt::format(" with log_line_prefix '{}'{}", file.line_prefix,
                                                   file.prefix_guessed ? " (guessed; --log-line-prefix says it)" : ""),
            human_count(file.entries), human_count(file.statements), file.half_written ? ", its end is cut off" : "");
        for (const auto& [reason, skipped] : file.skipped) {
            std::string lines;
            for (const std::uint64_t line : skipped.lines)
                lines += fmt::format("{}{}", lines.empty() ? "" : ", ", line);
            fmt::print(stderr, "  {} skipped: {} (line {}{})\n", human_count(skipped.count), reason, lines,
                       skipped.count > skipped.lines.size() ? ", …" : "");
        }
    }
}

Result<void> refuse_to_overwrite_logs(const CaptureOptions& options) {
    for (const std::string& log : options.logs) {
        std::error_code missing;
        if (std::filesystem::equivalent(log, options.output, missing)) {
            return make_error(Errc::usage, fmt::format("--output {} would overwrite a log", options.output));
        }
    }
    return {};
}

}  // namespace

Result<int> capture_logs(const CaptureOptions& options) {
    UNDERSTUDY_CHECK(refuse_to_overwrite_logs(options));
    if (!options.user.empty()) return make_error(Errc::usage, "--user is for --interface and --listen");
    capture::LogOptions logs;
    logs.files = options.logs;
    if (!options.log_line_prefix.empty()) logs.line_prefix = options.log_line_prefix;
    UNDERSTUDY_TRY(logs.format, parse_format(options.log_format));
    UNDERSTUDY_TRY(logs.policy, parse_policy(options.results));
    if (!options.redact.empty()) logs.policy = ResultsPolicy::digest;  // messages quote values
    if (options.log_parameter_max_length >= 0) logs.parameter_max_length = options.log_parameter_max_length;
    UNDERSTUDY_TRY(const capture::LogSurvey survey, capture::survey_logs(logs));
    std::optional<Identification> identified;
    if (!options.identify.empty()) {
        UNDERSTUDY_TRY(identified, identify_server(options.identify));
    }
    CaptureHeader header;
    header.source = "log";
    header.created = system_clock().now();
    header.results_unknown = true;
    header.clock_uncertainty_ns = survey.clock_uncertainty.count_ns();
    header.description = fmt::format("{} logs from {}", options.logs.size(), options.logs.front());
    if (identified) identified->describe(header);
    UNDERSTUDY_TRY(const auto recording,
                   Recording::prepare(options, header, false, identified ? identified->catalog : nullptr));
    UNDERSTUDY_CHECK(recording->open());
    if (identified) identified->enter_catalog(recording->recorder(), header.created);
    ProgressSink sink(*recording);
    const auto report = capture::import_logs(logs, recording->digester(), sink);
    UNDERSTUDY_CHECK(recording->finish(sink.totals()));
    if (!report) return report.error();
    tell(*report);
    const capture::EventRecorder::Stats recorded = recording->recorder().stats();
    fmt::print(stderr, "{}: {} sessions, {}\n", options.output, human_count(sink.sessions()), recording->outcome());
    if (recorded.exchanges > 0) return kPassed;
    return fail(make_error(Errc::inconclusive,
                           "no statement was found: set log_min_duration_statement = 0 or log_statement = 'all' on the "
                           "server (docs/logs.md)"));
}

}  // namespace understudy::app
