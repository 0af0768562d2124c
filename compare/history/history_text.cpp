#include "compare/history/history_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/history/make_run.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::size_t kShownStatement = 100;

std::string plural(std::uint64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// A statement on one line, cut where it is long.
std::string one_line(const std::string& statement) {
    std::string line;
    for (const char c : statement) {
        const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!space) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    const std::string shown = plain_utf8(line, kShownStatement);
    return shown.size() < line.size() ? shown + "…" : shown;
}

std::string counts_text(const NightsComparison& comparison) {
    std::string text;
    for (std::size_t i = 0; i < kNightStates; ++i) {
        const auto state = static_cast<NightState>(i);
        const std::size_t count = comparison.count(state);
        if (state == NightState::unknown && count == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                            state == NightState::unknown ? "that tonight cannot say" : to_string(state));
    }
    return text;
}

std::string change_line(const NightChange& change) {
    const RunFinding& finding = change.finding;
    std::string line =
        fmt::format("{}: {} {} {}", to_string(change.state), finding.severity, finding.id, finding.key.kind);
    if (!finding.key.place.empty()) line += fmt::format(" ({})", finding.key.place);
    if (!finding.statement.empty()) line += ": " + one_line(finding.statement);
    switch (change.state) {
        case NightState::fresh:
            if (change.seen_in > 1)
                line += fmt::format(" — seen before, in {} of {} runs", change.seen_in, change.looked_at);
            break;
        case NightState::flapping:
            line += fmt::format(" — in {} of {} runs; {}", change.seen_in, change.looked_at,
                                change.there_tonight ? "there tonight" : "not tonight");
            break;
        case NightState::persisting:
            line += fmt::format(" — since {}", night_text(change.since));
            if (change.count_before != finding.count)
                line += fmt::format(", {} → {} times", change.count_before, finding.count);
            break;
        case NightState::gone: break;
        case NightState::unknown: line += " — its statement was not asked, or the run is inconclusive"; break;
    }
    return line;
}

/// Lines of the states that are wanted, each state with a limit of its own, and what is left out counted.
void add_lines(const NightsComparison& comparison, std::initializer_list<NightState> wanted,
               std::vector<std::string>& lines) {
    for (const NightState state : wanted) {
        std::size_t shown = 0;
        for (const NightChange& change : comparison.changes) {
            if (change.state == state && shown++ < kShown) lines.push_back(change_line(change));
        }
        if (shown > kShown) lines.push_back(fmt::format("and {} more that are {}", shown - kShown, to_string(state)));
    }
}

std::string against_text(const NightsComparison& comparison) {
    std::string text = fmt::format("against {}", night_text(comparison.before.id));
    if (!comparison.before.release.empty()) text += fmt::format(" (release {})", comparison.before.release);
    text += ": " + counts_text(comparison);
    if (comparison.passed_over > 0) {
        text += fmt::format("; {} between them passed over as inconclusive", plural(comparison.passed_over, "run"));
    }
    return text;
}

bool is_new_trend(const NightsComparison& last_night, const std::string& fingerprint) {
    return std::any_of(last_night.changes.begin(), last_night.changes.end(), [&](const NightChange& change) {
        return change.there_tonight && change.state == NightState::fresh && change.finding.key.kind == kTrendKind &&
               change.finding.key.fingerprint == fingerprint;
    });
}

std::string statement_named(const NightsComparison& last_night, const std::string& fingerprint) {
    if (fingerprint.empty()) return "all statements together";
    for (const NightChange& change : last_night.changes) {
        const RunFinding& finding = change.finding;
        if (finding.key.fingerprint == fingerprint && finding.key.kind == kTrendKind)
            return one_line(finding.statement);
    }
    return fingerprint;
}

}  // namespace

std::string night_text(const std::string& id) {
    if (!is_run_id(id)) return id;
    return fmt::format("{}-{}-{} {}:{}", id.substr(0, 4), id.substr(4, 2), id.substr(6, 2), id.substr(9, 2),
                       id.substr(11, 2));
}

std::string trend_text(const Trend& trend) {
    const double per_cent = (trend.ratio - 1) * 100;
    const std::string change =
        trend.before_ms > 0 ? fmt::format("{:.2f} → {:.2f} ms ({:+.0f} %)", trend.before_ms, trend.now_ms, per_cent)
                            : fmt::format("{:+.0f} %", per_cent);
    std::string text =
        trend.shape == TrendShape::slide
            ? fmt::format("slides: {} from {} on, {:+.1f} % a night over {}", change, night_text(trend.since),
                          (trend.per_night - 1) * 100, plural(trend.nights, "night"))
            : fmt::format("{}: {} since {} ({})", trend.slower ? "slower" : "faster", change, night_text(trend.since),
                          plural(trend.nights, "night"));
    if (trend.without_the_change()) text += "; on the unchanged schema as well: the data or the machine";
    return text;
}

Section history_section(const NightsComparison& last_night, const std::optional<NightsComparison>& release,
                        const TrendReport& trends) {
    Section section;
    section.id = kHistorySection;
    section.title = "Against earlier runs";
    std::size_t new_trends = 0;
    if (last_night.before.id.empty()) {
        section.summary = fmt::format("the first run of the job {} with a verdict: nothing to compare it with",
                                      last_night.tonight.job);
    } else {
        section.summary = against_text(last_night);
        add_lines(
            last_night,
            {NightState::fresh, NightState::flapping, NightState::gone, NightState::unknown, NightState::persisting},
            section.lines);
    }
    if (release) {
        section.lines.push_back(against_text(*release));
        add_lines(*release, {NightState::fresh, NightState::gone}, section.lines);
    }
    for (const Trend& trend : trends.trends) {
        const bool news = trend.slower && (last_night.before.id.empty() || is_new_trend(last_night, trend.fingerprint));
        new_trends += news ? 1U : 0U;
        section.lines.push_back(fmt::format("{}{} {}", news ? "new: " : "",
                                            statement_named(last_night, trend.fingerprint), trend_text(trend)));
    }
    const std::string measured =
        fmt::format("times of {} over {} are tested for steps and slides ({} with too few)",
                    plural(trends.tested, "statement"), plural(trends.nights, "night"), trends.too_short);
    section.lines.push_back(measured);
    if (new_trends > 0) {
        section.state = SectionState::failed;
        section.summary += fmt::format("; {} slower over the nights, as of tonight", plural(new_trends, "statement"));
    }
    return section;
}

std::string to_text(const NightsComparison& comparison) {
    const auto described = [](const char* which, const RunSummary& run) {
        return fmt::format("{:<6} {}  {}  {}  {}{}\n", which, run.id, night_text(run.id), run.job, run.verdict,
                           run.release.empty() ? "" : "  release " + run.release);
    };
    std::string text = described("before", comparison.before) + described("later", comparison.tonight);
    text += counts_text(comparison) + "\n";
    std::vector<std::string> lines;
    add_lines(comparison,
              {NightState::fresh, NightState::flapping, NightState::persisting, NightState::gone, NightState::unknown},
              lines);
    for (const std::string& line : lines) text += "  " + line + "\n";
    return text;
}

std::string to_text(const std::vector<RunSummary>& runs) {
    if (runs.empty()) return "no runs\n";
    std::string text = fmt::format("{:<25} {:<17} {:<14} {:<13} {:>9} {:>11} {:>9}  {}\n", "run", "night (UTC)", "job",
                                   "verdict", "findings", "steps", "noise", "release");
    for (const RunSummary& run : runs) {
        text += fmt::format("{:<25} {:<17} {:<14} {:<13} {:>9} {:>11} {:>9}  {}\n", run.id, night_text(run.id),
                            one_line(run.job), run.verdict, run.findings + run.findings_left, run.compared, run.noise,
                            run.release);
    }
    return text;
}

std::string series_text(const std::vector<LatencyPoint>& series, const std::optional<Trend>& trend) {
    if (series.empty()) return "no run has times of this statement\n";
    std::string text = one_line(series.back().latency.statement) + "\n";
    double most = 0;
    for (const LatencyPoint& point : series) most = std::max(most, point.latency.candidate.median_ms);
    text += fmt::format("{:<17} {:>8} {:>12} {:>10} {:>10} {:>12}\n", "night (UTC)", "calls", "median ms", "p95", "p99",
                        "unchanged");
    for (const LatencyPoint& point : series) {
        const StatementLatency& one = point.latency;
        const auto width = static_cast<std::size_t>(std::lround(most > 0 ? 40 * one.candidate.median_ms / most : 0));
        std::string bar;
        for (std::size_t i = 0; i < width; ++i) bar += "▪";
        text += fmt::format("{:<17} {:>8} {:>12.3f} {:>10.3f} {:>10.3f} {:>12.3f} {}\n", night_text(point.run),
                            one.calls, one.candidate.median_ms, one.candidate.p95_ms, one.candidate.p99_ms,
                            one.baseline.median_ms, bar);
    }
    return text + (trend ? trend_text(*trend) : std::string("no step and no slide that chance does not explain")) +
           "\n";
}

}  // namespace understudy::compare
