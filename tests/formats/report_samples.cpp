#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <random>
#include <string_view>

#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

// Writes reports whose content is chance and whose texts try to end whatever they stand in, each as JUnit XML and SARIF:
//   report_samples FOLDER COUNT
// What the forms themselves demand of them report_formats_test.py asks their schemas.
namespace understudy::compare {
namespace {

class Chance {
public:
    explicit Chance(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
    bool one_in(std::uint32_t n) { return below(n) == 0; }

    std::string text(std::size_t pieces = 6) {
        static constexpr std::string_view kPieces[] = {
            "select ",   "\"",     "'",       "]]>",         "<!--",   "&amp;", "<b>",          std::string_view("\0", 1),
            "\x01\x1B[", "\xFF",   "\xC3",    "\xC3\xA9",    "\r\n",   "\t",    "\xEF\xBF\xBF", "\xED\xA0\x80",
            "${x}",      "{0}",    "\\u0000", "%0A::error:", "…",      " ",     "</failure>",   "\xF0\x9F\x98\x80",
        };
        std::string out;
        for (std::size_t n = below(static_cast<std::uint32_t>(pieces)); n > 0; --n) {
            out += kPieces[below(std::size(kPieces))];
        }
        return out;
    }

private:
    std::mt19937 engine_;
};

Finding finding(Chance& chance) {
    Finding finding;
    finding.id = fmt::format("f{:08x}", chance.below(1U << 31U));
    finding.severity = static_cast<Severity>(chance.below(kSeverities));
    finding.kind = static_cast<DivergenceKind>(chance.below(static_cast<std::uint32_t>(DivergenceKind::stall) + 1));
    finding.cause = static_cast<Cause>(chance.below(static_cast<std::uint32_t>(Cause::environment) + 1));
    finding.place = chance.text();
    finding.sqlstate = chance.one_in(2) ? "42703" : chance.text(2);
    finding.statement = chance.text(40);
    finding.fingerprint = fmt::format("{:016x}", chance.below(1U << 31U));
    finding.count = chance.one_in(9) ? ~0ULL : chance.below(1'000'000);
    finding.sessions = chance.below(100);
    finding.users = {chance.text()};
    finding.explanation = chance.text(20);
    if (chance.one_in(2)) finding.migration_line = 1 + chance.below(1000);
    if (chance.one_in(2)) {
        finding.example = Example{};
        finding.example->sql = chance.text(30);
        finding.example->baseline = chance.text();
        finding.example->candidate = chance.text();
    }
    return finding;
}

Report report(Chance& chance) {
    Report report;
    report.verdict = static_cast<ReportVerdict>(chance.below(3));
    if (chance.one_in(2)) report.title = chance.text();
    if (chance.one_in(2)) report.migration = "migrations/" + chance.text() + ".sql";
    for (auto n = chance.below(4); n > 0; --n) report.reasons.push_back(chance.text(20));
    for (auto n = chance.below(4); n > 0; --n) report.remarks.push_back(chance.text(20));
    for (auto n = chance.below(6); n > 0; --n) report.findings.push_back(finding(chance));
    for (auto n = chance.below(5); n > 0; --n) {
        const auto state = static_cast<SectionState>(chance.below(4));
        report.sections.push_back({"id", chance.text(), state, chance.text(), {chance.text(9)}});
    }
    return report;
}

bool write(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    return static_cast<bool>(file.flush());
}

int write_samples(const std::string& folder, std::uint32_t count) {
    for (std::uint32_t seed = 0; seed < count; ++seed) {
        Chance chance(seed);
        const Report made = report(chance);
        if (!write(fmt::format("{}/{}.junit.xml", folder, seed), to_junit(made)) ||
            !write(fmt::format("{}/{}.sarif", folder, seed), to_sarif(made))) {
            fmt::print(stderr, "report_samples: cannot write in {}\n", folder);
            return 1;
        }
    }
    return 0;
}

}  // namespace
}  // namespace understudy::compare

int main(int argc, char** argv) {
    std::uint32_t count = 0;
    const std::string_view number = argc == 3 ? argv[2] : "";
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), count);
    if (argc != 3 || parsed.ec != std::errc() || count == 0) {
        fmt::print(stderr, "usage: report_samples FOLDER COUNT\n");
        return 2;
    }
    return understudy::compare::write_samples(argv[1], count);
}
