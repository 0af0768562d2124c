#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A column as far as a statement names it. Names are as the server folds them.
struct ColumnUse {
    Bytes schema;              ///< empty: not written
    Bytes table;               ///< empty: any, or of a subquery
    Bytes column;              ///< empty: the one at `position`
    std::size_t position = 0;  ///< from 1, of an INSERT or COPY without column list; 0 and no name: any column
    bool type = false;         ///< `table` is the name of a type, which is a table's if there is one of that name

    friend bool operator==(const ColumnUse&, const ColumnUse&) = default;
};

/// A literal or parameter, and what it is compared with or stored into. Where the statement leaves open which table a
/// column is of, each that it can be is listed.
struct ValuePlace {
    std::size_t offset = 0;  ///< in the text, the sign of a number and the UESCAPE of a U&'' included
    std::size_t length = 0;
    std::uint32_t parameter = 0;  ///< n of $n; 0: a literal
    std::uint32_t argument = 0;   ///< n of the n-th argument of an EXECUTE, which then has no columns; 0: none
    std::vector<ColumnUse> columns;
};

/// A column of the answer, and the columns that its values are made of.
struct OutputUse {
    Bytes name;  ///< empty: not known; for a `*`, what is made of it
    std::vector<ColumnUse> columns;
};

/// COPY … FROM STDIN or TO STDOUT.
struct CopyUse {
    enum class Format : std::uint8_t { text, csv, binary };

    bool from = false;
    Bytes schema;
    Bytes table;  ///< empty: of a query
    /// Field by field; empty when the fields are all columns of the table, or not known.
    std::vector<OutputUse> fields;
    Format format = Format::text;
    char delimiter = '\t';
    char quote = '"';
    char escape = '"';
    Bytes null = "\\N";
    bool header = false;
};

/// What redaction has to know of one statement.
struct StatementPlaces {
    std::size_t begin = 0;  ///< of the statement in the text
    std::size_t end = 0;
    std::vector<ValuePlace> places;  ///< by offset; those without columns are left out
    std::vector<OutputUse> outputs;
    bool all_outputs = false;  ///< a `*` stands for others
    std::optional<CopyUse> copy;
    Bytes prepares;         ///< PREPARE: the name; the parameters are those of the prepared statement
    Bytes executes;         ///< EXECUTE
    Bytes declares;         ///< DECLARE CURSOR
    Bytes fetches;          ///< FETCH
    bool explains = false;  ///< EXPLAIN: the answer quotes the statement
    /// DDL, DO and other statements that hold literals of which is not known what they mean.
    bool opaque = false;
};

/// Which literals and which parameters of the statements in `sql` are compared with or stored into which columns: in
/// INSERT, UPDATE, MERGE, ON CONFLICT, comparisons of all forms (=, <, IN, ANY, BETWEEN, LIKE, rows), through casts,
/// function calls, CASE, COALESCE, subqueries, CTEs and VALUES lists, USING and NATURAL joins. A row as a whole is any
/// column of its table. Rather too many columns are named than too few.
/// What views, rules and functions do with a value is not in the text. Nothing if the parser refused the text.
/// Thread-safe.
std::optional<std::vector<StatementPlaces>> value_places(BytesView sql);

}  // namespace understudy::sql
