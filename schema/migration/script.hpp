#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::schema {

/// Limits on what is read as a migration; beyond them reading fails with Errc::limit.
inline constexpr std::size_t kMaxScriptBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxScriptStatements = 100'000;

/// One statement as it is sent: its text without the final semicolon, and where it begins in its file.
struct ScriptStatement {
    Bytes text;
    std::size_t line = 1;  ///< of its first word, counted from 1
    friend bool operator==(const ScriptStatement&, const ScriptStatement&) = default;
};

/// One direction of a migration: the text that a file, or a part of a file, has for it, and its statements.
struct Script {
    std::string path;                         ///< as the user knows it
    std::size_t line = 1;                     ///< of the file, at which `text` begins
    Bytes text;                               ///< what one batch sends
    std::vector<ScriptStatement> statements;  ///< what a tool that splits sends, in order
    [[nodiscard]] bool empty() const { return statements.empty(); }
    friend bool operator==(const Script&, const Script&) = default;
};

/// The script of a text that begins at `first_line` of its file. Errors: Errc::unsupported for what only psql can do
/// (meta-commands, :variables, data after COPY … FROM stdin), with the line and what to do instead: leaving it out
/// would rehearse another migration; Errc::limit; Errc::malformed for a zero byte.
Result<Script> make_script(std::string path, BytesView text, std::size_t first_line = 1);

/// The same where the tool sends the text as one piece, whatever it holds (Liquibase's splitStatements:false).
Result<Script> make_whole_script(std::string path, BytesView text, std::size_t first_line = 1);

/// `more` appended, as a later part of the same file.
void append(Script& script, Script more);

/// The number of the line, counted from `first_line`, on which byte `offset` of the text stands.
std::size_t line_of(BytesView text, std::size_t offset, std::size_t first_line = 1);

/// The index of the statement that holds character `position` (counted from 1, as in an error's field P) of the
/// script's text, sent as a whole; the count of statements when it is in none.
std::size_t statement_at(const Script& script, std::size_t position);

}  // namespace understudy::schema
