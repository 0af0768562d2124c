#include "app/service/run_view.hpp"

#include <nlohmann/json.hpp>

#include "compare/report/time_text.hpp"

namespace understudy::app::service {
namespace {

nlohmann::json time_or_null(Timestamp time) {
    return time.known() ? nlohmann::json(compare::utc_text(time)) : nlohmann::json(nullptr);
}

}  // namespace

nlohmann::json run_view(const RunRecord& run) {
    nlohmann::json json{{"id", run.id},
                        {"rehearsal", run.rehearsal},
                        {"state", to_string(run.state)},
                        {"started_by", run.started_by},
                        {"stopped_by", run.stopped_by},
                        {"created", time_or_null(run.created)},
                        {"ended", time_or_null(run.ended)},
                        {"seconds", nullptr},
                        {"missed", run.missed},
                        {"commit", run.commit.empty() ? nlohmann::json(nullptr) : nlohmann::json(run.commit)},
                        {"pull_request", run.pull_request == 0 ? nlohmann::json(nullptr) : nlohmann::json(run.pull_request)},
                        {"exit_code", run.exit_code ? nlohmann::json(*run.exit_code) : nlohmann::json(nullptr)},
                        {"failure", run.failure},
                        {"cleaned", run.cleaned},
                        {"report", nullptr}};
    if (run.ended.known()) json["seconds"] = (run.ended - run.created).to_seconds();
    if (run.report) {
        const ReportFigures& figures = *run.report;
        json["report"] = {{"verdict", figures.verdict},   {"title", figures.title},
                          {"reasons", figures.reasons},   {"severities", figures.severities},
                          {"findings", figures.findings}, {"compared", figures.compared},
                          {"sections", figures.sections}, {"coverage_percent", figures.coverage_percent}};
    }
    return json;
}

}  // namespace understudy::app::service
