#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/compare/judging.hpp"
#include "app/keys.hpp"
#include "compare/part/part_codec.hpp"

namespace understudy::app {
namespace {

struct MergeReportsOptions {
    std::vector<std::string> parts;
    Judging judging;
    Keys keys;
};

Result<compare::ComparisonPart> read_part(const std::string& path) {
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    auto part = compare::parse_part(text);
    if (!part) return make_error(part.error().code, fmt::format("{}: {}", path, part.error().message));
    return part;
}

Result<int> run(MergeReportsOptions& options) {
    UNDERSTUDY_CHECK(prepare(options.judging));
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(auto whole, read_part(options.parts.front()));
    for (std::size_t i = 1; i < options.parts.size(); ++i) {
        UNDERSTUDY_TRY(auto part, read_part(options.parts[i]));
        const auto added = whole.add(std::move(part));
        if (!added)
            return make_error(added.error().code, fmt::format("{}: {}", options.parts[i], added.error().message));
    }
    const std::string missing = whole.missing();
    if (!missing.empty()) {
        return make_error(
            Errc::usage,
            fmt::format("parts {} are missing: compare them (compare --part), and give all files", missing));
    }
    if (whole.tolerances != compare::tolerances_of(options.judging.report.rules)) {
        return make_error(Errc::usage,
                          "the parts were compared with other tolerances than --rules has now: compare them again");
    }
    compare::Report report = judged_report(options.judging, whole);
    return conclude(options.judging, report, options.keys.digest_key);
}

}  // namespace

void add_merge_reports_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("merge-reports", "Judge the parts of one comparison together");
    auto options = std::make_shared<MergeReportsOptions>();
    command->add_option("parts", options->parts, "Files that compare --part wrote: all of one comparison")->required();
    add_key_option(*command, options->keys);
    add_judging_options(*command, options->judging);
    command->footer(
        "Exit codes: 0 same, 1 divergent, 2 the parts do not belong together, 3 inconclusive, 4 a file cannot be "
        "read.\n"
        "The report is the one that a single comparison would have given.\n\n"
        "Examples:\n"
        "  understudy compare b.pgcap c.pgcap --part 1/2 --part-file part1.json    # on one machine\n"
        "  understudy compare b.pgcap c.pgcap --part 2/2 --part-file part2.json    # on another\n"
        "  understudy merge-reports part1.json part2.json --html report.html");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
