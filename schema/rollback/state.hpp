#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace understudy::schema {

/// A schema as somebody described it: what must be equal to be the same, and a text for people, one fact a line.
struct SchemaState {
    std::string fingerprint;
    std::string text;
};

/// What one column of a table holds, as a digest of (key, value) of all its rows in any order.
struct ColumnDigest {
    std::string name;
    std::string type;  ///< format_type()
    std::uint64_t non_null = 0;
    std::string digest;
    friend bool operator==(const ColumnDigest&, const ColumnDigest&) = default;
};

struct TableData {
    std::uint64_t rows = 0;
    std::vector<std::string> key;       ///< the primary key's columns; empty: rows are a multiset
    std::vector<ColumnDigest> columns;  ///< in their order
    std::string rows_digest;            ///< of whole rows, where there is no key
    std::string unreadable;             ///< why it could not be read; then nothing else is known
    friend bool operator==(const TableData&, const TableData&) = default;
};

/// All user tables' data and sequences' positions.
struct DataState {
    std::map<std::string, TableData> tables;       ///< by quoted, qualified name
    std::map<std::string, std::string> sequences;  ///< "last_value, is_called"; sequences never roll back
    friend bool operator==(const DataState&, const DataState&) = default;
    /// One value that changes when anything in the tables does; sequences left out.
    [[nodiscard]] std::string digest() const;
};

enum class DataChangeKind : std::uint8_t {
    table_missing,  ///< with all its rows
    rows_missing,   ///< fewer rows, or other ones where there is no key
    rows_added,
    column_missing,  ///< with all its values
    values_changed,  ///< the column holds others
    type_changed,    ///< and so perhaps its values
    column_moved,    ///< the same values at another position: INSERT without a column list, SELECT * change
    not_read,        ///< it could not be compared
};
const char* to_string(DataChangeKind kind);

struct DataChange {
    DataChangeKind kind = DataChangeKind::values_changed;
    std::string table;
    std::string column;      ///< empty where the whole table is meant
    std::uint64_t rows = 0;  ///< how many rows it touches
    bool exact = true;       ///< false: at least that many
    std::string detail;
    friend bool operator==(const DataChange&, const DataChange&) = default;
    /// In one line: "orders.note: values of 120 rows lost or changed".
    [[nodiscard]] std::string to_string() const;
};

/// What of `before` is not the same in `after`; tables and columns that only `after` has are no loss. Rows are counted
/// as far as the digests tell. Pure.
std::vector<DataChange> compare_data(const DataState& before, const DataState& after);
/// Whether the change means that data is gone; a column that only moved, and new rows, are not.
bool loses_data(const DataChange& change);

/// The lines of `b` that `a` does not have (with "+ ") and the other way round ("- "), `limit` at most and then a count
/// of the rest; the order of lines does not count.
std::vector<std::string> line_difference(const std::string& a, const std::string& b, std::size_t limit);
/// Whether both have the same lines in some order, punctuation at their ends apart: the same things, otherwise
/// arranged.
bool only_rearranged(const std::string& a, const std::string& b);

}  // namespace understudy::schema
