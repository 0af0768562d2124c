#include "schema/rollback/data_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "core/catalog/control_connection.hpp"

namespace understudy::schema {
namespace {

using catalog::ControlConnection;
using catalog::Row;

/// Target lists hold 1,664 entries.
constexpr std::size_t kColumnsAtOnce = 400;

constexpr const char* kFixedSettings =
    "select set_config('DateStyle', 'ISO, YMD', true), set_config('TimeZone', 'UTC', true), "
    "set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true), "
    "set_config('extra_float_digits', '3', true), set_config('row_security', 'off', true), "
    "set_config('search_path', 'pg_catalog', true)";

// Leaves of partitioned tables stand for them; materialised views hold data, too.
constexpr const char* kColumns = R"(
select format('%I.%I', n.nspname, c.relname), c.relname, a.attname, format('%I', a.attname),
  format_type(a.atttypid, a.atttypmod), coalesce(array_position(i.indkey::int2[], a.attnum), -1)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_index i on i.indrelid = c.oid and i.indisprimary
where c.relkind in ('r', 'm') and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'sqitch')
  and n.nspname not like 'pg\_toast%' and n.nspname not like 'pg\_temp%'
order by 1, a.attnum)";

constexpr const char* kSequences = R"(
select format('%I.%I', schemaname, sequencename), coalesce(last_value::text, 'unused')
from pg_sequences where schemaname not in ('pg_catalog', 'information_schema') order by 1)";

struct Column {
    std::string name;
    std::string quoted;
    std::string type;
};
struct Table {
    std::vector<Column> columns;
    std::vector<std::pair<int, std::string>> key;  // position in the index, quoted name
};

std::string text(const Row& row, std::size_t i) { return i < row.size() && row[i] ? *row[i] : std::string(); }

template <class Number>
Number number(const std::string& digits) {
    Number value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

Result<ControlConnection> open(const std::string& conninfo, const DataReadLimits& limits) {
    catalog::ControlLimits control;
    control.statement_timeout = limits.statement_timeout;
    control.lock_timeout = limits.lock_timeout;
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, control));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_CHECK(connection.query(kFixedSettings));
    return connection;
}

Result<std::map<std::string, Table>> list_tables(ControlConnection& connection, const DataReadLimits& limits) {
    UNDERSTUDY_TRY(const auto rows, connection.query(kColumns));
    std::map<std::string, Table> tables;
    for (const Row& row : rows) {
        if (limits.ignored_tables.contains(text(row, 1))) continue;
        Table& table = tables[text(row, 0)];
        table.columns.push_back({text(row, 2), text(row, 3), text(row, 4)});
        const int place = number<int>(text(row, 5));
        if (place >= 0) table.key.emplace_back(place, text(row, 3));
    }
    for (auto& [name, table] : tables) std::sort(table.key.begin(), table.key.end());
    return tables;
}

/// The key's columns as they are quoted: those of the other state, where all of them are still there.
std::vector<std::string> key_of(const Table& table, const TableData* like) {
    std::vector<std::string> key;
    for (const auto& [place, name] : table.key) key.push_back(name);
    if (like == nullptr) return key;
    const bool all = std::all_of(like->key.begin(), like->key.end(), [&](const std::string& quoted) {
        return std::any_of(table.columns.begin(), table.columns.end(),
                           [&](const Column& c) { return c.quoted == quoted; });
    });
    return all ? like->key : std::vector<std::string>();
}

std::string cell_text(const std::string& quoted) { return fmt::format("coalesce('v' || t.{}::text, 'n')", quoted); }

std::string key_text(const std::vector<std::string>& key) {
    std::string all;
    for (const std::string& column : key) all += (all.empty() ? "" : " || '|' || ") + cell_text(column);
    return all;
}

/// Whole rows without regard to the columns' positions.
std::string row_text(const Table& table) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back("t." + column.quoted);
    std::sort(names.begin(), names.end());
    return fmt::format("row({})::text", fmt::join(names, ", "));
}

std::string digest_query(const std::string& name, const Table& table, const std::vector<std::string>& key,
                         std::size_t begin, std::size_t end) {
    const std::string seed = key.empty() ? "0" : "hashtextextended(" + key_text(key) + ", 0)";
    std::string sql = "select count(*)";
    sql += begin == 0 && key.empty() && !table.columns.empty()
               ? fmt::format(", coalesce(sum(hashtextextended({}, 0)::numeric), 0)", row_text(table))
               : ", ''";
    for (std::size_t i = begin; i < end; ++i) {
        sql += fmt::format(", count(t.{0}), coalesce(sum(hashtextextended({1}, s.seed)::numeric), 0)",
                           table.columns[i].quoted, cell_text(table.columns[i].quoted));
    }
    return sql + fmt::format(" from only {} t cross join lateral (select {} as seed) s", name, seed);
}

Result<void> read_table(ControlConnection& connection, const std::string& name, const Table& table, TableData& data) {
    std::size_t begin = 0;
    do {
        const std::size_t end = std::min(table.columns.size(), begin + kColumnsAtOnce);
        UNDERSTUDY_TRY(const auto rows, connection.query(digest_query(name, table, data.key, begin, end)));
        if (rows.size() != 1) return make_error(Errc::protocol, "a table's digest is not one row");
        data.rows = number<std::uint64_t>(text(rows[0], 0));
        if (begin == 0) data.rows_digest = text(rows[0], 1);
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = 2 + 2 * (i - begin);
            data.columns.push_back({table.columns[i].name, table.columns[i].type,
                                    number<std::uint64_t>(text(rows[0], at)), text(rows[0], at + 1)});
        }
        begin = end;
    } while (begin < table.columns.size());
    return {};
}

using RowHashes = std::map<std::string, std::vector<std::string>>;  // by key

/// The hash of each column of each row, by key.
Result<RowHashes> read_rows(ControlConnection& connection, const std::string& name, const std::vector<std::string>& key,
                            const std::vector<std::string>& columns) {
    std::string sql = "select md5(" + key_text(key) + ")";
    for (const std::string& column : columns) {
        sql += fmt::format(", hashtextextended({}, 0)", cell_text(connection.quoted_name(column)));
    }
    UNDERSTUDY_TRY(const auto rows, connection.query(sql + " from only " + name + " t"));
    RowHashes hashes;
    for (const Row& row : rows) {
        std::vector<std::string>& cells = hashes[text(row, 0)];
        for (std::size_t i = 1; i < row.size(); ++i) cells.push_back(text(row, i));
    }
    return hashes;
}

/// The columns that both have and whose digests differ.
std::vector<std::string> differing_columns(const TableData& was, const TableData& is) {
    std::vector<std::string> names;
    for (const ColumnDigest& column : was.columns) {
        const auto same_name = [&](const ColumnDigest& other) { return other.name == column.name; };
        const auto now = std::find_if(is.columns.begin(), is.columns.end(), same_name);
        if (now != is.columns.end() && (now->digest != column.digest || now->non_null != column.non_null)) {
            names.push_back(column.name);
        }
    }
    return names;
}

/// Replaces the table's guesses by what its rows say.
void count_exactly(const std::string& name, const RowHashes& before, const RowHashes& after,
                   const std::vector<std::string>& columns, std::vector<DataChange>& changes) {
    std::uint64_t missing = 0;
    std::vector<std::uint64_t> changed(columns.size());
    for (const auto& [key, cells] : before) {
        const auto found = after.find(key);
        if (found == after.end()) {
            ++missing;
            continue;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (cells[i] != found->second[i]) ++changed[i];
        }
    }
    const auto added = after.size() - (before.size() - missing);
    std::erase_if(changes, [&](const DataChange& change) {
        return change.table == name &&
               (change.kind == DataChangeKind::rows_missing || change.kind == DataChangeKind::rows_added ||
                change.kind == DataChangeKind::values_changed);
    });
    if (missing > 0) changes.push_back({DataChangeKind::rows_missing, name, {}, missing, true, {}});
    if (added > 0) changes.push_back({DataChangeKind::rows_added, name, {}, added, true, {}});
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (changed[i] > 0) changes.push_back({DataChangeKind::values_changed, name, columns[i], changed[i], true, {}});
    }
}

}  // namespace

Result<DataState> read_data_state(const std::string& conninfo, const DataReadLimits& limits, const DataState* like) {
    UNDERSTUDY_TRY(auto connection, open(conninfo, limits));
    UNDERSTUDY_TRY(const auto tables, list_tables(connection, limits));
    DataState state;
    for (const auto& [name, table] : tables) {
        TableData& data = state.tables[name];
        const auto other = like == nullptr ? decltype(like->tables.end())() : like->tables.find(name);
        data.key = key_of(table, like == nullptr || other == like->tables.end() ? nullptr : &other->second);
        UNDERSTUDY_CHECK(connection.query("savepoint one_table"));
        if (const auto read = read_table(connection, name, table, data); !read) {
            if (connection.last_failure() == catalog::QueryFailure::connection) return read.error();
            data = TableData();
            data.unreadable = read.error().message;
            UNDERSTUDY_CHECK(connection.query("rollback to one_table"));
        }
        UNDERSTUDY_CHECK(connection.query("release one_table"));
    }
    UNDERSTUDY_TRY(const auto sequences, connection.query(kSequences));
    for (const Row& row : sequences) state.sequences[text(row, 0)] = text(row, 1);
    return state;
}

Result<std::vector<DataChange>> count_rows(const std::string& before, const std::string& after, const DataState& was,
                                           const DataState& is, std::vector<DataChange> changes,
                                           const DataReadLimits& limits) {
    std::map<std::string, std::vector<std::string>> columns;  // by table
    for (const DataChange& change : changes) {
        const bool rows = change.kind == DataChangeKind::rows_missing || change.kind == DataChangeKind::rows_added;
        if (!rows && change.kind != DataChangeKind::values_changed) continue;
        const auto table = was.tables.find(change.table);
        const auto now = is.tables.find(change.table);
        if (table == was.tables.end() || now == is.tables.end() || table->second.key.empty()) continue;
        if (std::max(table->second.rows, now->second.rows) > limits.rows_compared) continue;
        columns[change.table] = differing_columns(table->second, now->second);
    }
    if (columns.empty()) return changes;
    UNDERSTUDY_TRY(auto first, open(before, limits));
    UNDERSTUDY_TRY(auto second, open(after, limits));
    for (const auto& [name, names] : columns) {
        const auto& key = was.tables.at(name).key;
        UNDERSTUDY_TRY(const auto old_rows, read_rows(first, name, key, names));
        UNDERSTUDY_TRY(const auto new_rows, read_rows(second, name, key, names));
        count_exactly(name, old_rows, new_rows, names, changes);
    }
    return changes;
}

}  // namespace understudy::schema
