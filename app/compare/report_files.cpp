#include "app/compare/report_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "compare/report/writers.hpp"

namespace understudy::app {
namespace {

Error system_error(const std::string& what, const std::string& path) {
    return make_error(Errc::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Result<void> write_private_file(const std::string& path, std::string_view text) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    const bool special = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    const bool direct = special || path.starts_with("/dev/");
    const std::string written = direct ? path : fmt::format("{}.{}.tmp", path, ::getpid());
    const int fd =
        ::open(written.c_str(), direct ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return system_error("create", written);
    auto result = write_all(fd, text, written);
    if (result && !direct && ::fsync(fd) != 0) result = system_error("write", written);
    if (::close(fd) != 0 && result) result = system_error("write", written);
    if (direct) return result;
    if (result && ::rename(written.c_str(), path.c_str()) != 0) result = system_error("create", path);
    if (!result) ::unlink(written.c_str());
    return result;
}

Result<void> replace_file(const std::string& path, std::string_view text) {
    std::error_code ignored;
    const std::filesystem::path real = std::filesystem::canonical(path, ignored);
    const std::string target = ignored ? path : real.string();
    struct stat before = {};
    const bool there = ::stat(target.c_str(), &before) == 0;
    UNDERSTUDY_CHECK(write_private_file(target, text));
    // What belongs to a repository stays readable for whoever could read it; a new one is as any other file.
    const mode_t mode = there ? before.st_mode & 07777U : 0644U;
    if (::chmod(target.c_str(), mode) != 0) return system_error("set the mode of", target);
    return {};
}

void add_report_form_options(CLI::App& command, ReportFiles& files) {
    command.add_option("--html", files.html, "Write the report as one HTML page to this file");
    command.add_option("--junit", files.junit, "… as JUnit XML, for Jenkins and GitLab");
    command.add_option("--sarif", files.sarif, "… as SARIF 2.1.0, for code scanning");
    command.add_option("--markdown", files.markdown, "… as Markdown, for a pull request");
    command.add_option("--github", files.github,
                       "… as GitHub's workflow commands; /dev/stdout shows them as annotations of the run");
}

void add_report_options(CLI::App& command, ReportFiles& files) {
    add_report_form_options(command, files);
    command.add_option("--json", files.json, "… as JSON (docs/report.md)");
}

Result<void> write_reports(const ReportFiles& files, const compare::Report& report) {
    const auto write = [&](const std::string& path, std::string (*form)(const compare::Report&)) -> Result<void> {
        return path.empty() ? Result<void>() : write_private_file(path, form(report));
    };
    UNDERSTUDY_CHECK(write(files.html, compare::to_html));
    UNDERSTUDY_CHECK(write(files.json, compare::to_json));
    UNDERSTUDY_CHECK(write(files.junit, compare::to_junit));
    UNDERSTUDY_CHECK(write(files.sarif, compare::to_sarif));
    UNDERSTUDY_CHECK(write(files.markdown, compare::to_markdown));
    return write(files.github, compare::to_github);
}

}  // namespace understudy::app
