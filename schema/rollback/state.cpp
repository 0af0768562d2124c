#include "schema/rollback/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace understudy::schema {
namespace {

const ColumnDigest* find_column(const TableData& table, const std::string& name) {
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const ColumnDigest& column) { return column.name == name; });
    return found == table.columns.end() ? nullptr : &*found;
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

/// The columns both have, in the order of the first.
std::vector<std::string> common_columns(const TableData& of, const TableData& with) {
    std::vector<std::string> names;
    for (const ColumnDigest& column : of.columns) {
        if (find_column(with, column.name) != nullptr) names.push_back(column.name);
    }
    return names;
}

void compare_columns(const std::string& name, const TableData& before, const TableData& after,
                     std::vector<DataChange>& changes) {
    bool values_changed = false;
    for (const ColumnDigest& column : before.columns) {
        const ColumnDigest* other = find_column(after, column.name);
        if (other == nullptr) {
            changes.push_back({DataChangeKind::column_missing, name, column.name, column.non_null, true, {}});
            values_changed = true;
            continue;
        }
        if (other->type != column.type) {
            changes.push_back(
                {DataChangeKind::type_changed, name, column.name, 0, true, column.type + " is now " + other->type});
        }
        if (other->digest == column.digest && other->non_null == column.non_null) continue;
        values_changed = true;
        if (before.rows != after.rows) continue;  // the rows explain it
        const std::uint64_t rows = std::max<std::uint64_t>(1, difference(column.non_null, other->non_null));
        changes.push_back({DataChangeKind::values_changed, name, column.name, rows, false, {}});
    }
    if (!values_changed && before.rows == after.rows && before.rows_digest != after.rows_digest) {
        changes.push_back(
            {DataChangeKind::rows_missing, name, {}, 1, false, "the values are there, but in other rows"});
    }
    const auto order = common_columns(before, after);
    const auto other_order = common_columns(after, before);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] == other_order[i]) continue;
        const auto now = std::find(other_order.begin(), other_order.end(), order[i]) - other_order.begin();
        changes.push_back({DataChangeKind::column_moved, name, order[i], 0, true,
                           fmt::format("from position {} to {}", i + 1, now + 1)});
        break;  // the first tells it: the others move with it
    }
}

std::vector<std::string> sorted_lines(const std::string& text, bool trimmed_ends) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.size(), text.find('\n', at));
        std::string line = text.substr(at, end - at);
        while (trimmed_ends && !line.empty() && (line.back() == ',' || line.back() == ';' || line.back() == ' '))
            line.pop_back();
        if (!line.empty()) lines.push_back(std::move(line));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace

std::string DataState::digest() const {
    std::string all;
    for (const auto& [name, table] : tables) {
        all += fmt::format("{}:{}:{}:{}\n", name, table.rows, table.rows_digest, table.unreadable);
        for (const ColumnDigest& column : table.columns) {
            all += fmt::format("{}:{}:{}:{}\n", column.name, column.type, column.non_null, column.digest);
        }
    }
    return fmt::format("{:016x}", std::hash<std::string>()(all));
}

const char* to_string(DataChangeKind kind) {
    switch (kind) {
        case DataChangeKind::table_missing: return "table missing";
        case DataChangeKind::rows_missing: return "rows missing";
        case DataChangeKind::rows_added: return "rows added";
        case DataChangeKind::column_missing: return "column missing";
        case DataChangeKind::values_changed: return "values changed";
        case DataChangeKind::type_changed: return "type changed";
        case DataChangeKind::column_moved: return "column moved";
        case DataChangeKind::not_read: return "not compared";
    }
    return "";
}

std::string DataChange::to_string() const {
    const std::string place = column.empty() ? table : table + "." + column;
    const std::string count = fmt::format("{}{} row{}", exact ? "" : "at least ", rows, rows == 1 ? "" : "s");
    const std::string more = detail.empty() ? "" : " (" + detail + ")";
    switch (kind) {
        case DataChangeKind::table_missing: return fmt::format("{}: the table with its {} is gone", place, count);
        case DataChangeKind::rows_missing: return fmt::format("{}: {} lost{}", place, count, more);
        case DataChangeKind::rows_added: return fmt::format("{}: {} more than before{}", place, count, more);
        case DataChangeKind::column_missing:
            return fmt::format("{}: the column with the values of {} is gone", place, count);
        case DataChangeKind::values_changed:
            return fmt::format("{}: the values of {} lost or changed{}", place, count, more);
        case DataChangeKind::type_changed: return fmt::format("{}: another type{}", place, more);
        case DataChangeKind::column_moved: return fmt::format("{}: the column has another position{}", place, more);
        case DataChangeKind::not_read: return fmt::format("{}: not compared{}", place, more);
    }
    return place;
}

std::vector<DataChange> compare_data(const DataState& before, const DataState& after) {
    std::vector<DataChange> changes;
    for (const auto& [name, table] : before.tables) {
        const auto found = after.tables.find(name);
        if (found == after.tables.end()) {
            changes.push_back({DataChangeKind::table_missing, name, {}, table.rows, true, {}});
            continue;
        }
        const TableData& now = found->second;
        if (!table.unreadable.empty() || !now.unreadable.empty()) {
            changes.push_back({DataChangeKind::not_read,
                               name,
                               {},
                               0,
                               true,
                               now.unreadable.empty() ? table.unreadable : now.unreadable});
            continue;
        }
        if (now.rows != table.rows) {
            const auto kind = now.rows < table.rows ? DataChangeKind::rows_missing : DataChangeKind::rows_added;
            changes.push_back({kind, name, {}, difference(now.rows, table.rows), false, {}});
        }
        compare_columns(name, table, now, changes);
    }
    return changes;
}

bool loses_data(const DataChange& change) {
    switch (change.kind) {
        case DataChangeKind::table_missing:
        case DataChangeKind::rows_missing:
        case DataChangeKind::values_changed: return true;
        case DataChangeKind::column_missing: return change.rows > 0;
        case DataChangeKind::rows_added:
        case DataChangeKind::type_changed:
        case DataChangeKind::column_moved:
        case DataChangeKind::not_read: return false;
    }
    return false;
}

std::vector<std::string> line_difference(const std::string& a, const std::string& b, std::size_t limit) {
    const auto left = sorted_lines(a, false);
    const auto right = sorted_lines(b, false);
    std::vector<std::string> lines;
    std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(lines));
    for (std::string& line : lines) line.insert(0, "- ");
    const std::size_t gone = lines.size();
    std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(lines));
    for (std::size_t i = gone; i < lines.size(); ++i) lines[i].insert(0, "+ ");
    if (lines.size() > limit) {
        const std::size_t rest = lines.size() - limit;
        lines.resize(limit);
        lines.push_back(fmt::format("… and {} more lines", rest));
    }
    return lines;
}

bool only_rearranged(const std::string& a, const std::string& b) {
    return a != b && sorted_lines(a, true) == sorted_lines(b, true);
}

}  // namespace understudy::schema
