#include "app/history/run_rows.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace understudy::app {
namespace {

using catalog::ControlConnection;
using catalog::Row;
using nlohmann::json;

constexpr std::size_t kRowsAtOnce = 500;

/// Takes columns off a row, one after the other.
class Columns {
public:
    explicit Columns(const Row& row) : row_(row) {}
    std::string text() {
        const std::size_t i = next_++;
        if (i < row_.size() && row_[i]) return *row_[i];
        good_ = false;
        return {};
    }
    template <class Number>
    Number number() {
        const std::string value = text();
        Number parsed{};
        const auto read = std::from_chars(value.data(), value.data() + value.size(), parsed);
        good_ = good_ && read.ec == std::errc() && read.ptr == value.data() + value.size();
        return parsed;
    }
    std::map<std::string, std::uint64_t> counts() {
        std::map<std::string, std::uint64_t> counts;
        const json parsed = json::parse(text(), nullptr, false);
        good_ = good_ && parsed.is_object();
        if (!parsed.is_object()) return counts;
        for (const auto& [name, count] : parsed.items()) {
            good_ = good_ && count.is_number_unsigned();
            if (count.is_number_unsigned()) counts[name] = count.get<std::uint64_t>();
        }
        return counts;
    }
    compare::RunTimes times() {
        compare::RunTimes times;
        times.median_ms = number<double>();
        times.p95_ms = number<double>();
        times.p99_ms = number<double>();
        return times;
    }
    template <class Value>
    Result<Value> give(Value value) const {
        if (good_) return value;
        return make_error(Errc::protocol, "a row of the history lacks something: was its schema changed by hand?");
    }

private:
    const Row& row_;
    std::size_t next_ = 0;
    bool good_ = true;
};

std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
    json object = json::object();
    for (const auto& [name, count] : counts) object[name] = count;
    return object.dump();
}

/// INSERT for some rows at a time.
void add_inserts(std::vector<std::string>& statements, const std::string& into, const std::vector<std::string>& rows) {
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
        std::string sql = "insert into " + into + " values ";
        for (std::size_t i = begin; i < rows.size() && i < begin + kRowsAtOnce; ++i)
            sql += (i > begin ? ", " : "") + rows[i];
        statements.push_back(std::move(sql));
    }
}

}  // namespace

const char* const kRunColumns =
    "id, at_ns, job, command, title, tool_version, verdict, release, severities, noise_classes, compared, diverged, "
    "noise, "
    "unconfirmed, downstream, expected, coverage_percent, findings, findings_left, latencies, asked_complete";

Result<compare::RunSummary> summary_of_row(const Row& row) {
    Columns columns(row);
    compare::RunSummary summary;
    summary.id = columns.text();
    summary.at = Timestamp::from_ns(columns.number<std::int64_t>());
    for (std::string* text :
         {&summary.job, &summary.command, &summary.title, &summary.tool_version, &summary.verdict, &summary.release}) {
        *text = columns.text();
    }
    summary.severities = columns.counts();
    summary.noise_classes = columns.counts();
    for (std::uint64_t* count : {&summary.compared, &summary.diverged, &summary.noise, &summary.unconfirmed,
                                 &summary.downstream, &summary.expected}) {
        *count = columns.number<std::uint64_t>();
    }
    summary.coverage_percent = columns.number<double>();
    for (std::uint64_t* count : {&summary.findings, &summary.findings_left, &summary.latencies}) {
        *count = columns.number<std::uint64_t>();
    }
    summary.asked_complete = columns.text() == "t";
    return columns.give(std::move(summary));
}

const char* const kFindingColumns =
    "run, fingerprint, kind, place, sqlstate, id, severity, statement, explanation, count";

Result<compare::RunFinding> finding_of_row(const Row& row) {
    Columns columns(row);
    columns.text();
    compare::RunFinding finding;
    for (std::string* text : {&finding.key.fingerprint, &finding.key.kind, &finding.key.place, &finding.key.sqlstate,
                              &finding.id, &finding.severity, &finding.statement, &finding.explanation}) {
        *text = columns.text();
    }
    finding.count = columns.number<std::uint64_t>();
    return columns.give(std::move(finding));
}

const char* const kLatencyColumns =
    "run, at_ns, fingerprint, statement, calls, baseline_median_ms, baseline_p95_ms, baseline_p99_ms, "
    "candidate_median_ms, "
    "candidate_p95_ms, candidate_p99_ms";

Result<compare::LatencyPoint> point_of_row(const Row& row) {
    Columns columns(row);
    compare::LatencyPoint point;
    point.run = columns.text();
    point.at = Timestamp::from_ns(columns.number<std::int64_t>());
    point.latency.fingerprint = columns.text();
    point.latency.statement = columns.text();
    point.latency.calls = columns.number<std::uint64_t>();
    point.latency.baseline = columns.times();
    point.latency.candidate = columns.times();
    return columns.give(std::move(point));
}

std::string insert_run(const ControlConnection& connection, const compare::RunRecord& run) {
    const compare::RunSummary& summary = run.observed.summary;
    const auto quoted = [&](const std::string& text) { return connection.quoted_literal(text); };
    std::string values = fmt::format("{}, {}", quoted(summary.id), summary.at.ns());
    for (const std::string& text :
         {summary.job, summary.command, summary.title, summary.tool_version, summary.verdict, summary.release,
          counts_text(summary.severities), counts_text(summary.noise_classes)}) {
        values += ", " + quoted(text);
    }
    values +=
        fmt::format(", {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}", summary.compared, summary.diverged, summary.noise,
                    summary.unconfirmed, summary.downstream, summary.expected, summary.coverage_percent,
                    summary.findings, summary.findings_left, summary.latencies, summary.asked_complete);
    for (const std::string& text : {lines_of(run.observed.asked), run.text, run.report}) values += ", " + quoted(text);
    return fmt::format(
        "insert into understudy.run ({}, asked, text, report) values ({}) on conflict do nothing returning id",
        kRunColumns, values);
}

std::vector<std::string> insert_parts(const ControlConnection& connection, const compare::RunRecord& run) {
    const auto quoted = [&](const std::string& text) { return connection.quoted_literal(text); };
    const std::string id = quoted(run.observed.summary.id);
    std::vector<std::string> statements;
    std::vector<std::string> rows;
    for (const compare::RunFinding& one : run.observed.findings) {
        std::string row = fmt::format("({}, {}", id, rows.size());
        for (const std::string* text : {&one.key.fingerprint, &one.key.kind, &one.key.place, &one.key.sqlstate, &one.id,
                                        &one.severity, &one.statement, &one.explanation}) {
            row += ", " + quoted(*text);
        }
        rows.push_back(row + fmt::format(", {})", one.count));
    }
    add_inserts(
        statements,
        "understudy.finding (run, position, fingerprint, kind, place, sqlstate, id, severity, statement, explanation, "
        "count)",
        rows);
    rows.clear();
    for (const compare::StatementLatency& one : run.latencies) {
        rows.push_back(fmt::format("({}, {}, {}, {}, {}, {}, {}, {}, {}, {})", id, quoted(one.fingerprint),
                                   quoted(one.statement), one.calls, one.baseline.median_ms, one.baseline.p95_ms,
                                   one.baseline.p99_ms, one.candidate.median_ms, one.candidate.p95_ms,
                                   one.candidate.p99_ms));
    }
    add_inserts(
        statements,
        "understudy.latency (run, fingerprint, statement, calls, baseline_median_ms, baseline_p95_ms, baseline_p99_ms, "
        "candidate_median_ms, candidate_p95_ms, candidate_p99_ms)",
        rows);
    return statements;
}

std::string lines_of(const std::vector<std::string>& values) {
    std::string lines;
    for (const std::string& value : values) lines += value + "\n";
    return lines;
}

std::vector<std::string> values_of_lines(const std::string& lines) {
    std::vector<std::string> values;
    std::size_t begin = 0;
    for (std::size_t end = lines.find('\n'); end != std::string::npos; end = lines.find('\n', begin)) {
        values.push_back(lines.substr(begin, end - begin));
        begin = end + 1;
    }
    return values;
}

}  // namespace understudy::app
