#pragma once

#include <map>
#include <vector>

#include "core/sql/access.hpp"
#include "schema/check/predict/schema_facts.hpp"
#include "schema/check/recorded_statement.hpp"

namespace understudy::schema {

/// What one execution writes into one column, as far as its text and parameters tell.
struct WrittenValue {
    enum class Kind : std::uint8_t {
        value,     ///< a constant, or a parameter that was not NULL
        null,      ///< NULL, said or bound
        fallback,  ///< DEFAULT, or the column is not named: the column's default
        unknown,   ///< an expression, a query, a parameter whose value was not kept
    };
    Kind kind = Kind::unknown;
    Bytes text;  ///< of a value that is known as text; empty else
    friend bool operator==(const WrittenValue&, const WrittenValue&) = default;
};
using WrittenRow = std::map<Bytes, WrittenValue>;  ///< by column

/// The rows that the kept executions of an INSERT write into a relation with these columns (all of them are in each
/// row), or what those of an UPDATE set. Nothing stands for rows that are not in the text: INSERT … SELECT.
std::vector<WrittenRow> written_rows(const RecordedStatement& statement, const sql::RelationAccess& access,
                                     const RelationFacts& relation);

}  // namespace understudy::schema
