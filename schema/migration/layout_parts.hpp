#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/migration/layout.hpp"

// What the layouts share; for this folder's own use.
namespace understudy::schema::layouts {

using Files = std::vector<SourceFile>;

std::string_view base_name(std::string_view path);
/// Without its final '/'; empty for the top.
std::string_view folder_of(std::string_view path);
std::string_view trimmed(std::string_view text);
bool all_digits(std::string_view text);

/// A line of a text, without its line break.
struct Line {
    BytesView text;
    std::size_t number = 1;
    std::size_t offset = 0;
    std::size_t next = 0;  ///< offset of the following line
};
void for_each_line(BytesView text, const std::function<void(const Line&)>& take);

/// Numbers of any length: leading zeros do not count.
int compare_numbers(std::string_view a, std::string_view b);

/// "0042_add_email" → {"0042", "add_email"}; nothing when it does not begin with digits and an underscore.
struct NumberedName {
    std::string number;
    std::string name;
};
std::optional<NumberedName> numbered(std::string_view stem);

/// The first comment of the text that says "irreversible" or "cannot be reverted" (or the message of the only
/// statement, when that is a DO that raises one), as "file:line: comment"; empty when there is none.
std::string declared_in(const Script& script);
/// Sets declared_irreversible from the texts, and takes a down script without statements away.
void judge_down(Migration& migration);

Error malformed(const std::string& path, std::size_t line, const std::string& what);

// Each layout's reader. The files are sorted by path and have no byte order mark.
Result<MigrationSet> read_plain(const Files& files);
Result<MigrationSet> read_golang_migrate(const Files& files);
Result<MigrationSet> read_diesel(const Files& files);
Result<MigrationSet> read_flyway(const Files& files);
Result<MigrationSet> read_sqitch(const Files& files);
/// dbmate, goose and sql-migrate: both directions in one file, between marker lines.
Result<MigrationSet> read_marked(const Files& files, Layout layout);
Result<MigrationSet> read_liquibase(const Files& files);

/// Whether a line is the marker that begins such a file's up part.
bool is_up_marker(BytesView line, Layout layout);
bool is_liquibase_header(BytesView line);
bool is_flyway_name(std::string_view file_name);
bool is_golang_migrate_name(std::string_view file_name);

}  // namespace understudy::schema::layouts
