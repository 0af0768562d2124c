#include "compare/history/run_file.hpp"

#include <fmt/format.h>

#include <charconv>

#include "compare/part/json_archive.hpp"
#include "core/base/crc32c.hpp"

namespace understudy::compare {

// The lists of fields are found by argument-dependent look-up, so they stand in the namespace of the values.
template <class Archive>
void fields(Archive& archive, FindingKey& key) {
    archive("fingerprint", key.fingerprint);
    archive("kind", key.kind);
    archive("place", key.place);
    archive("sqlstate", key.sqlstate);
}

template <class Archive>
void fields(Archive& archive, RunFinding& finding) {
    archive("key", finding.key);
    archive("id", finding.id);
    archive("severity", finding.severity);
    archive("statement", finding.statement);
    archive("explanation", finding.explanation);
    archive("count", finding.count);
}

template <class Archive>
void fields(Archive& archive, RunTimes& times) {
    archive("median_ms", times.median_ms);
    archive("p95_ms", times.p95_ms);
    archive("p99_ms", times.p99_ms);
}

template <class Archive>
void fields(Archive& archive, StatementLatency& latency) {
    archive("fingerprint", latency.fingerprint);
    archive("statement", latency.statement);
    archive("calls", latency.calls);
    archive("baseline", latency.baseline);
    archive("candidate", latency.candidate);
}

template <class Archive>
void fields(Archive& archive, RunSummary& summary) {
    archive("id", summary.id);
    archive("at", summary.at);
    archive("job", summary.job);
    archive("command", summary.command);
    archive("title", summary.title);
    archive("tool_version", summary.tool_version);
    archive("verdict", summary.verdict);
    archive("severities", summary.severities);
    archive("noise_classes", summary.noise_classes);
    archive("compared", summary.compared);
    archive("diverged", summary.diverged);
    archive("noise", summary.noise);
    archive("unconfirmed", summary.unconfirmed);
    archive("downstream", summary.downstream);
    archive("expected", summary.expected);
    archive("coverage_percent", summary.coverage_percent);
    archive("findings", summary.findings);
    archive("findings_left", summary.findings_left);
    archive("latencies", summary.latencies);
    archive("asked_complete", summary.asked_complete);
}

template <class Archive>
void fields(Archive& archive, RunFileHead::Part& part) {
    archive("bytes", part.bytes);
    archive("crc", part.crc);
}

namespace {

using nlohmann::json;

constexpr std::string_view kMagic = "understudy-run ";
constexpr int kVersion = 1;
constexpr std::size_t kMaxLine = 256U << 10U;  // fields of RunRecord::kMaxField, each byte as \u00XX at worst

Error wrong(const char* what) { return make_error(Errc::malformed, fmt::format("this is no run of a history: {}", what)); }

std::uint64_t limit_of(std::size_t part) {
    switch (static_cast<RunPart>(part)) {
        case RunPart::findings: return std::uint64_t{RunRecord::kMaxFindings} * kMaxLine;
        case RunPart::asked: return RunRecord::kMaxAsked * (RunRecord::kMaxName + 1);
        case RunPart::latencies: return RunRecord::kMaxLatencies * kMaxLine;
        case RunPart::text: return RunRecord::kMaxText;
        case RunPart::report: return RunRecord::kMaxReport;
    }
    return 0;
}

/// Takes a line off the front; nothing when no whole one is left.
std::optional<std::string_view> next_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

/// A JSON object of each line.
template <class Value>
Result<std::vector<Value>> parse_lines(std::string_view part, std::size_t most) {
    std::vector<Value> values;
    while (!part.empty()) {
        const auto line = next_line(part);
        if (!line || line->size() > kMaxLine || values.size() == most) return wrong("a line is cut, or there are too many");
        const json parsed = json::parse(*line, nullptr, false);
        bool ok = parsed.is_object();
        JsonReader reader(parsed, ok);
        Value value;
        if (ok) fields(reader, value);
        if (!ok) return wrong("a field is missing, or of another kind");
        values.push_back(std::move(value));
    }
    return values;
}

template <class Value>
std::string to_lines(const std::vector<Value>& values) {
    std::string lines;
    for (const Value& value : values) lines += JsonWriter::write(value).dump() + "\n";
    return lines;
}

/// How the line of a statement begins: keys are in order of the alphabet, so its name comes late; it is put in front.
std::string line_start(const std::string& fingerprint) { return json(fingerprint).dump() + " "; }

std::string latency_lines(const std::vector<StatementLatency>& latencies) {
    std::string lines;
    for (const StatementLatency& one : latencies) {
        lines += line_start(text_of_bytes(one.fingerprint)) + JsonWriter::write(one).dump() + "\n";
    }
    return lines;
}

Result<StatementLatency> parse_latency_line(std::string_view line) {
    const auto object = line.find(" {");
    if (object == std::string_view::npos || line.size() > kMaxLine) return wrong("a latency has no times");
    std::string rest(line.substr(object + 1));
    rest.push_back('\n');
    UNDERSTUDY_TRY(auto values, parse_lines<StatementLatency>(rest, 1));
    if (line.substr(0, object + 1) != line_start(text_of_bytes(values[0].fingerprint))) return wrong("a latency has two names");
    return std::move(values[0]);
}

std::string asked_lines(const std::vector<std::string>& asked) {
    std::string lines;
    for (const std::string& fingerprint : asked) lines += fingerprint + "\n";
    return lines;
}

}  // namespace

Result<std::string> write_run_file(const RunRecord& run) {
    UNDERSTUDY_CHECK(check_run(run));
    const std::array<std::string, kRunParts> parts{to_lines(run.observed.findings), asked_lines(run.observed.asked),
                                                   latency_lines(run.latencies), run.text, run.report};
    std::vector<RunFileHead::Part> places;
    for (std::size_t i = 0; i < kRunParts; ++i) {
        if (parts[i].size() > limit_of(i)) return make_error(Errc::usage, "the run is greater than a history takes");
        places.push_back({0, parts[i].size(), crc32c(parts[i])});
    }
    json head = json::object();
    head["summary"] = JsonWriter::write(run.observed.summary);
    head["parts"] = JsonWriter::write(places);
    const std::string text = " " + head.dump();
    std::string file = fmt::format("{}{} {:08x}{}\n", kMagic, kVersion, crc32c(text), text);
    if (file.size() > kMaxRunHead) return make_error(Errc::usage, "the run's title and names are greater than a history takes");
    for (const std::string& part : parts) file += part;
    return file;
}

Result<RunFileHead> parse_run_head(std::string_view beginning) {
    std::string_view rest = beginning.substr(0, kMaxRunHead);
    if (!rest.starts_with(kMagic)) return wrong("it begins otherwise");
    const auto line = next_line(rest);
    if (!line) return wrong("its first line is cut");
    std::string_view text = line->substr(kMagic.size());
    int version = 0;
    const auto number = std::from_chars(text.data(), text.data() + text.size(), version);
    if (number.ec != std::errc()) return wrong("it has no version");
    if (version > kVersion) return make_error(Errc::unsupported, "this run was kept by a newer version of Understudy");
    text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
    if (version != kVersion || text.size() < 10 || text[0] != ' ') return wrong("it has no checksum");
    std::uint32_t crc = 0;
    const auto hex = std::from_chars(text.data() + 1, text.data() + 9, crc, 16);
    text.remove_prefix(9);
    if (hex.ec != std::errc() || crc != crc32c(text)) return wrong("its first line is damaged");
    const json parsed = json::parse(text, nullptr, false);
    bool ok = parsed.is_object();
    RunFileHead head;
    std::vector<RunFileHead::Part> parts;
    JsonReader reader(parsed, ok);
    reader("summary", head.summary);
    reader("parts", parts);
    if (!ok || parts.size() != kRunParts || !is_run_id(head.summary.id)) return wrong("its first line lacks something");
    std::uint64_t offset = line->size() + 1;
    for (std::size_t i = 0; i < kRunParts; ++i) {
        if (parts[i].bytes > limit_of(i)) return wrong("a part is greater than it may be");
        head.parts[i] = {offset, parts[i].bytes, parts[i].crc};
        offset += parts[i].bytes;
    }
    return head;
}

bool is_part(const RunFileHead::Part& part, std::string_view bytes) {
    return bytes.size() == part.bytes && crc32c(bytes) == part.crc;
}

Result<std::vector<RunFinding>> parse_run_findings(std::string_view part) {
    return parse_lines<RunFinding>(part, RunRecord::kMaxFindings);
}

Result<std::vector<std::string>> parse_run_asked(std::string_view part) {
    std::vector<std::string> asked;
    while (!part.empty()) {
        const auto line = next_line(part);
        const bool sound = line && !line->empty() && line->size() <= RunRecord::kMaxName;
        if (!sound || asked.size() == RunRecord::kMaxAsked) return wrong("a line is cut, or there are too many");
        asked.emplace_back(*line);
    }
    return asked;
}

Result<std::vector<StatementLatency>> parse_run_latencies(std::string_view part) {
    std::vector<StatementLatency> latencies;
    while (!part.empty()) {
        const auto line = next_line(part);
        if (!line || latencies.size() == RunRecord::kMaxLatencies) return wrong("a line is cut, or there are too many");
        UNDERSTUDY_TRY(auto latency, parse_latency_line(*line));
        latencies.push_back(std::move(latency));
    }
    return latencies;
}

Result<std::optional<StatementLatency>> find_run_latency(std::string_view part, const std::string& fingerprint) {
    const std::string start = line_start(text_of_bytes(fingerprint));
    std::size_t at = 0;
    if (!part.starts_with(start)) {
        const auto found = part.find("\n" + start);
        if (found == std::string_view::npos) return std::optional<StatementLatency>();
        at = found + 1;
    }
    std::string_view rest = part.substr(at);
    const auto line = next_line(rest);
    if (!line) return wrong("a line is cut");
    UNDERSTUDY_TRY(auto latency, parse_latency_line(*line));
    return std::optional<StatementLatency>(std::move(latency));
}

Result<RunRecord> parse_run_file(std::string_view file) {
    UNDERSTUDY_TRY(auto head, parse_run_head(file));
    if (head.file_bytes() != file.size()) return wrong("it is cut, or something follows it");
    const auto bytes = [&](RunPart part) { return file.substr(head.of(part).offset, head.of(part).bytes); };
    for (std::size_t i = 0; i < kRunParts; ++i) {
        if (!is_part(head.parts[i], bytes(static_cast<RunPart>(i)))) return wrong("a part is damaged");
    }
    RunRecord run;
    run.observed.summary = std::move(head.summary);
    UNDERSTUDY_TRY(run.observed.findings, parse_run_findings(bytes(RunPart::findings)));
    UNDERSTUDY_TRY(run.observed.asked, parse_run_asked(bytes(RunPart::asked)));
    UNDERSTUDY_TRY(run.latencies, parse_run_latencies(bytes(RunPart::latencies)));
    run.text = bytes(RunPart::text);
    run.report = bytes(RunPart::report);
    return run;
}

}  // namespace understudy::compare
