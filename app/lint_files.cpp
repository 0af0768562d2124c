#include "app/lint_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace understudy::app {

Result<std::string> read_sql_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    if (!file || std::filesystem::is_directory(path, error)) {
        return make_error(Errc::io, fmt::format("cannot read {}: give a file of SQL", path));
    }
    std::string text;
    std::string block(std::size_t{1} << 16U, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
        text.append(block, 0, static_cast<std::size_t>(file.gcount()));
        if (text.size() > kMaxSqlFile) {
            return make_error(Errc::limit,
                              fmt::format("{} is larger than {} MiB: no migration, or one that copies data", path,
                                          kMaxSqlFile >> 20U));
        }
    }
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) text.erase(0, kMark.size());
    return text;
}

}  // namespace understudy::app
