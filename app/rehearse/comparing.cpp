#include "app/rehearse/comparing.hpp"

#include <fmt/format.h>

#include "app/compare/compare_jobs.hpp"
#include "app/compare/compared_capture.hpp"

namespace understudy::app {

Result<compare::Report> compare_runs(const ComparedRuns& runs, const Keys& keys,
                                     const compare::ReportOptions& options) {
    compare::ComparisonOptions comparison;
    comparison.report = options;
    std::optional<DigestKey> key;
    UNDERSTUDY_TRY(const compare::ComparisonPart whole,
                   compare_in_jobs({runs.baseline, runs.candidate, runs.control, runs.confirmation}, keys, comparison,
                                   default_compare_jobs(), key));
    return compare::report_of(whole, options);
}

Result<std::map<std::string, std::uint64_t>> counters_of(const std::string& answers, const Keys& keys) {
    UNDERSTUDY_TRY(const auto source, ComparedCapture::open(answers, keys));
    std::map<std::string, std::uint64_t> values;
    while (true) {
        UNDERSTUDY_TRY(auto event, source->next());
        if (!event) return values;
        auto* counters = std::get_if<Counters>(&*event);
        if (counters != nullptr && counters->session == SessionId()) values = std::move(counters->values);
    }
}

Result<CaptureSpan> span_of(const std::string& capture, const Keys& keys) {
    UNDERSTUDY_TRY(const auto source, ComparedCapture::open(capture, keys));
    const CaptureHeader& header = source->header();
    CaptureSpan span;
    span.system_identifier = header.source == "replay" ? header.replayed_system_identifier : header.system_identifier;
    std::optional<ExchangeId> last;
    while (true) {
        UNDERSTUDY_TRY(const auto event, source->next());
        if (!event) break;
        const auto* request = std::get_if<Request>(&*event);
        if (request == nullptr || !request->time.known()) continue;
        if (!span.first.known() || request->time < span.first) span.first = request->time;
        span.last = std::max(span.last, request->time);
        const ExchangeId id{request->session, request->ordinal};
        if (last != id) ++span.exchanges;
        last = id;
    }
    if (!span.first.known())
        return make_error(Errc::usage, fmt::format("{} holds no requests: there is nothing to play", capture));
    return span;
}

}  // namespace understudy::app
