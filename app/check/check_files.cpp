#include "app/check/check_files.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "app/compare/rules_file.hpp"
#include "compare/report/migration_place.hpp"
#include "compare/report/outward.hpp"

namespace understudy::app {

bool CheckFiles::any() const {
    return !files.html.empty() || !files.junit.empty() || !files.sarif.empty() || !files.markdown.empty() ||
           !files.github.empty();
}

void add_check_file_options(CLI::App& command, CheckFiles& files) {
    command.add_option("--html", files.files.html, "Write the findings as one HTML page to this file");
    command.add_option("--junit", files.files.junit, "… as JUnit XML, for Jenkins and GitLab");
    command.add_option("--sarif", files.files.sarif, "… as SARIF 2.1.0, for code scanning");
    command.add_option("--markdown", files.files.markdown, "… as Markdown, for a pull request");
    command.add_option("--github", files.files.github,
                       "… as GitHub's workflow commands; /dev/stdout shows them as annotations of the run");
    command.add_flag("--include-values", files.include_values,
                     "Literals of statements in these files, too; without, placeholders stand for them");
}

Result<void> write_check_files(const CheckFiles& files, compare::Report report, const std::string& migration) {
    if (!files.any()) return {};
    std::error_code error;
    if (std::filesystem::is_regular_file(migration, error)) {
        UNDERSTUDY_TRY(const std::string text, read_text_file(migration));
        compare::locate(report, migration, text);
    }
    if (files.include_values) return write_reports(files.files, report);
    return write_reports(files.files, compare::outward(std::move(report), Digester(DigestKey::generate())));
}

}  // namespace understudy::app
