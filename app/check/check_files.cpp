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
    add_report_form_options(command, files.files);
    command.add_flag("--include-values", files.include_values,
                     "Literals of statements in these files, too; without, placeholders stand for them");
}

Result<void> write_check_files(const CheckFiles& files, compare::Report report, const std::string& migration) {
    std::error_code error;
    if (std::filesystem::is_regular_file(migration, error)) {
        UNDERSTUDY_TRY(const std::string text, read_text_file(migration));
        compare::locate(report, migration, text);
    }
    if (files.include_values) return write_reports(files.files, report);
    return write_reports(files.files, compare::outward(std::move(report), Digester(DigestKey::generate())));
}

}  // namespace understudy::app
