#pragma once

#include <cstdint>
#include <string>

#include "app/keys.hpp"
#include "schema/check/recorded_statement.hpp"

namespace understudy::app {

/// What a capture says of statements.
struct RecordedCapture {
    schema::RecordedStatements statements;
    std::uint64_t system_identifier = 0;  ///< of the recorded server; 0: not recorded
};

/// Reads a capture, a file or a directory, to its end; only sessions of `database`, if given. Damage is said on standard
/// error, and what is whole counts. Errors: those of the files.
Result<RecordedCapture> recorded_capture(const std::string& capture, const std::string& database, const Keys& keys);

}  // namespace understudy::app
