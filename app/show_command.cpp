#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/compare/rules_file.hpp"
#include "compare/report/outward.hpp"

namespace understudy::app {
namespace {

using compare::Side;

struct ShowOptions {
    std::string finding;
    std::string report;
    bool values = false;
    Keys keys;
};

/// A name as the report has it, or beside the report where that does not lead to a file.
std::string found_from(const std::string& report, const std::string& name) {
    std::error_code ignored;
    if (name.empty() || std::filesystem::exists(name, ignored)) return name;
    const auto beside = std::filesystem::path(report).parent_path() / name;
    return std::filesystem::exists(beside, ignored) ? beside.string() : name;
}

/// The captures that a JSON report was made of, by side.
Result<compare::PerSide<std::string>> captures_of(const std::string& path) {
    UNDERSTUDY_TRY(const auto text, read_text_file(path));
    const auto json = nlohmann::json::parse(text, nullptr, false);
    compare::PerSide<std::string> paths;
    const bool report = json.is_object() && json.contains("inputs") && json["inputs"].is_array() && json.contains("findings") &&
                        json.contains("format_version") && json["format_version"].is_number_unsigned();
    if (report && json["format_version"] > compare::kReportFormatVersion) {
        return make_error(Errc::malformed, fmt::format("{} is of a newer version of Understudy", path));
    }
    if (!report) {
        return make_error(Errc::malformed, fmt::format("{} is no report of understudy compare --json", path));
    }
    for (const auto& input : json["inputs"]) {
        if (!input.is_object() || !input.contains("role") || !input.contains("name")) continue;
        for (std::size_t i = 0; i < compare::kSides; ++i) {
            if (input["role"] == to_string(static_cast<Side>(i)) && input["name"].is_string()) paths[i] = input["name"];
        }
    }
    if (paths[index_of(Side::baseline)].empty() || paths[index_of(Side::candidate)].empty()) {
        return make_error(Errc::malformed, fmt::format("{} names no baseline and candidate", path));
    }
    for (std::string& capture : paths) capture = found_from(path, capture);
    return paths;
}

const compare::Finding* find(const compare::Report& report, const std::string& id) {
    for (const auto* places : {&report.findings, &report.expected_places, &report.unconfirmed_places,
                               &report.downstream_places, &report.noise_places}) {
        for (const compare::Finding& finding : *places) {
            if (finding.id == id) return &finding;
        }
    }
    return nullptr;
}

Result<int> run(ShowOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto paths, captures_of(options.report));
    compare::PerSide<std::unique_ptr<ComparedCapture>> captures;
    compare::Inputs inputs{};
    for (std::size_t i = 0; i < compare::kSides; ++i) {
        if (paths[i].empty()) continue;
        UNDERSTUDY_TRY(captures[i], ComparedCapture::open(paths[i], options.keys));
        inputs[i] = captures[i].get();
    }
    UNDERSTUDY_TRY(auto report, compare::compare_captures(inputs, {}));
    if (!options.values) {
        const auto& key = captures[index_of(Side::baseline)]->digest_key();
        report = compare::outward(std::move(report), Digester(key ? *key : DigestKey::generate()));
    }
    const compare::Finding* finding = find(report, options.finding);
    if (finding == nullptr) {
        return make_error(Errc::usage, fmt::format("the captures of {} have no finding {} (ids look like f1a2b3c4)",
                                                   options.report, options.finding));
    }
    fmt::print("{}", compare::finding_text(*finding));
    return kPassed;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand("show", "Show one finding of a comparison, with its values if asked for");
    auto options = std::make_shared<ShowOptions>();
    command->add_option("finding", options->finding, "Its id, as the reports have it")->required();
    command->add_option("--report", options->report, "The report that compare --json wrote; its captures are read again")
        ->required();
    command->add_flag("--values", options->values, "Values of requests and rows in place of placeholders");
    add_key_option(*command, options->keys);
    command->footer(
        "Example:\n"
        "  understudy show f1a2b3c4 --report report.json --values");
    command->callback([options, &exit_code] {
        const auto result = run(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
