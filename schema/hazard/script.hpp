#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::schema::hazard {

/// A statement of a migration, and where it stands.
struct ScriptStatement {
    Bytes text;
    std::string file;
    std::uint32_t line = 1;  ///< of the statement's first word
};

/// The statements of a plain SQL file. psql's own commands (\set …) are no SQL: the parser will not know them.
std::vector<ScriptStatement> script_of(const std::string& file, BytesView text);

/// Who opens transactions, besides BEGIN in the text. A batch that is sent as one Query is `whole_file`.
enum class TransactionMode : std::uint8_t { each_statement, whole_file };

}  // namespace understudy::schema::hazard
