#include "compare/history/run_record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace understudy::compare {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// The length of the well-formed sequence at the beginning (The Unicode Standard, table 3-7); 0: there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high && i < text.size();
    };
    const unsigned first = byte(0);
    if (first >= 0x01 && first <= 0x7F) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

constexpr std::size_t kMaxCounts = 16;
constexpr std::string_view kShape = "dddddddd_ddddddddd_-xxxx";  // d: a digit, x: hexadecimal

}  // namespace

std::string make_run_id(Timestamp at, std::uint32_t chance) {
    const auto seconds = static_cast<std::time_t>(at.ns() / 1'000'000'000);
    const std::int64_t milliseconds = at.ns() / 1'000'000 % 1'000;
    return fmt::format("{:%Y%m%dT%H%M%S}{:03}Z-{:04x}", fmt::gmtime(seconds), milliseconds, chance & 0xFFFFU);
}

bool is_run_id(const std::string& text) {
    if (text.size() != kShape.size() || text[8] != 'T' || text[18] != 'Z') return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == 'd' && !digit) return false;
        if (kShape[i] == 'x' && !digit && !(text[i] >= 'a' && text[i] <= 'f')) return false;
        if (kShape[i] == '-' && text[i] != '-') return false;
    }
    return true;
}

std::string plain_utf8(const std::string& text, std::size_t limit) {
    std::string plain;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t length = sequence_length(rest);
        const std::string_view next = length == 0 ? kReplacement : rest.substr(0, length);
        if (plain.size() + next.size() > limit) break;
        plain += next;
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return plain;
}

Result<void> check_run(const RunRecord& run) {
    const RunSummary& summary = run.observed.summary;
    if (!is_run_id(summary.id)) return make_error(Errc::usage, "a run has no id");
    const bool sound = run.observed.findings.size() <= RunRecord::kMaxFindings &&
                       run.observed.asked.size() <= RunRecord::kMaxAsked && run.latencies.size() <= RunRecord::kMaxLatencies &&
                       run.text.size() <= RunRecord::kMaxText && summary.job.size() <= RunRecord::kMaxName;
    if (!sound) return make_error(Errc::usage, "the run is greater than a history takes");
    if (run.report.size() > RunRecord::kMaxReport) {
        return make_error(Errc::usage, fmt::format("the report is greater than {} MiB, which is the most that a history takes",
                                                   RunRecord::kMaxReport >> 20U));
    }
    for (const std::string& fingerprint : run.observed.asked) {
        const bool name = !fingerprint.empty() && fingerprint.size() <= RunRecord::kMaxName;
        if (!name || fingerprint.find('\n') != std::string::npos) return make_error(Errc::usage, "a fingerprint is none");
    }
    for (std::size_t i = 1; i < run.latencies.size(); ++i) {
        const bool ordered = run.latencies[i - 1].fingerprint < run.latencies[i].fingerprint;
        if (!ordered) return make_error(Errc::usage, "the latencies are not in order of their fingerprints, each once");
    }
    bool clean = true;
    bool short_enough = summary.severities.size() <= kMaxCounts && summary.noise_classes.size() <= kMaxCounts;
    const auto look = [&](const std::string& text) {
        clean = clean && text.find('\0') == std::string::npos;
        short_enough = short_enough && text.size() <= RunRecord::kMaxField;
    };
    for (const std::string* text : {&run.text, &run.report}) clean = clean && text->find('\0') == std::string::npos;
    for (const std::string* text : {&summary.job, &summary.command, &summary.title, &summary.verdict, &summary.tool_version,
                                    &summary.release}) {
        look(*text);
    }
    for (const auto* counts : {&summary.severities, &summary.noise_classes}) {
        for (const auto& [name, count] : *counts) look(name);
    }
    for (const RunFinding& one : run.observed.findings) {
        for (const std::string* text : {&one.key.fingerprint, &one.key.kind, &one.key.place, &one.key.sqlstate, &one.id,
                                        &one.severity, &one.statement, &one.explanation}) {
            look(*text);
        }
    }
    for (const StatementLatency& one : run.latencies) {
        look(one.fingerprint);
        look(one.statement);
    }
    if (!short_enough) return make_error(Errc::usage, "a name or statement of the run is longer than a history takes");
    return clean ? Result<void>() : Result<void>(make_error(Errc::usage, "a text of the run holds NUL"));
}

}  // namespace understudy::compare
