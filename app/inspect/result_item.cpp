#include <fmt/format.h>

#include "app/inspect/message_item.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/data_row.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kMaxColumns = 200;
constexpr std::size_t kMaxRows = 20;
constexpr std::size_t kMaxValue = 120;
constexpr std::size_t kMaxText = 4'000;
constexpr std::size_t kMaxCells = 16;

using Columns = std::vector<pgwire::ColumnDescription>;

/// The columns of a RowDescription's body; none when it does not parse.
Columns columns_of(BytesView body) {
    Bytes whole(1, static_cast<char>(pgwire::BackendTag::row_description));
    auto message = pgwire::decode_backend({whole[0], body, {}});
    if (!message) return {};
    auto* description = std::get_if<pgwire::RowDescription>(&*message);
    return description == nullptr ? Columns() : std::move(description->columns);
}

std::string column_text(const pgwire::ColumnDescription& column) {
    const BytesView type = pgwire::builtin_type_name(column.type_oid);
    std::string text = printable(column.name, kMaxValue) + ' ' +
                       (type.empty() ? fmt::format("oid {}", column.type_oid) : std::string(type));
    if (column.type_modifier >= 0) text += fmt::format(", modifier {}", column.type_modifier);
    if (column.format != 0) text += ", binary";
    if (column.table_oid != 0) text += fmt::format(", of table {} column {}", column.table_oid, column.attribute);
    return text;
}

std::string row_text(BytesView row, const Columns& columns) {
    std::vector<std::string> cells;
    const bool whole = pgwire::for_each_cell(row, [&](std::size_t i, const std::optional<BytesView>& value) {
        if (i >= kMaxColumns) return;
        const bool known = i < columns.size();
        cells.push_back(!value ? "NULL"
                               : printable(pgwire::display_value(known ? columns[i].type_oid : 25,
                                                                 known ? columns[i].format : std::int16_t{0}, *value),
                                           kMaxValue));
    });
    return fmt::format("{}{}", fmt::join(cells, " | "), whole ? "" : " (damaged)");
}

std::string_view field_name(char letter) {
    switch (letter) {
        case 'S': return "severity";
        case 'C': return "SQLSTATE";
        case 'M': return "message";
        case 'D': return "detail";
        case 'H': return "hint";
        case 'P': return "position";
        case 'p': return "internal position";
        case 'q': return "internal query";
        case 'W': return "where";
        case 's': return "schema";
        case 't': return "table";
        case 'c': return "column";
        case 'd': return "type";
        case 'n': return "constraint";
        default: return "";  // V repeats S; F, L and R are of the server's source
    }
}

void add_message(MessageItem& item, std::string_view prefix, const ServerMessage& message) {
    for (const auto& [letter, value] : message.fields) {
        const std::string_view name = field_name(letter);
        if (!name.empty()) item.fields.emplace_back(fmt::format("{} {}", prefix, name), printable(value, kMaxText));
    }
}

void add_rows(MessageItem& item, const StepResult& result) {
    const Columns columns = columns_of(result.row_description);
    for (std::size_t i = 0; i < columns.size() && i < kMaxColumns; ++i) {
        item.fields.emplace_back(fmt::format("column {}", i + 1), column_text(columns[i]));
    }
    if (result.rows > 0) item.fields.emplace_back("rows", count_text(result.rows));
    for (std::size_t i = 0; i < result.kept_rows.size() && i < kMaxRows; ++i) {
        item.fields.emplace_back(fmt::format("row {}", i + 1), row_text(result.kept_rows[i], columns));
    }
    if (result.kept_rows.size() < result.rows) {
        item.fields.emplace_back("rows kept", count_text(result.kept_rows.size()));
    }
    if (result.rows == 0) return;
    item.fields.emplace_back(
        "digest", fmt::format("{:016x} in order, {:016x} in any", result.digest.ordered, result.digest.multiset));
    if (result.normalised) {
        item.fields.emplace_back(
            "digest with recorded values",
            fmt::format("{:016x} in order, {:016x} in any", result.normalised->ordered, result.normalised->multiset));
    }
    std::string cells;
    for (std::size_t i = 0; i < result.digest.cells.size() && i < kMaxCells; ++i) {
        cells += fmt::format("{}{:016x}", i == 0 ? "" : " ", result.digest.cells[i]);
    }
    if (result.digest.cells.size() > kMaxCells) cells += " …";
    if (!cells.empty()) item.fields.emplace_back("cells", cells);
    if (result.digest.opaque_cells > 0) {
        item.fields.emplace_back("cells without canonical form", count_text(result.digest.opaque_cells));
    }
}

}  // namespace

MessageItem item_of(const StepResult& result) {
    MessageItem item;
    item.name = to_string(result.kind);
    item.fields.emplace_back("outcome", to_string(result.outcome));
    if (!result.command_tag.empty()) item.fields.emplace_back("tag", printable(result.command_tag, kMaxValue));
    if (!result.parameter_description.empty()) {
        item.fields.emplace_back("parameters described", counted(result.parameter_description.size() / 4, "type"));
    }
    add_rows(item, result);
    if (result.copy.direction != CopyDirection::none) {
        item.fields.emplace_back("copy", fmt::format("{} in {}, digest {:016x}", counted(result.copy.bytes, "byte"),
                                                     counted(result.copy.messages, "message"), result.copy.digest));
    }
    if (result.error) add_message(item, "error", *result.error);
    for (const ServerMessage& notice : result.notices) add_message(item, "notice", notice);
    for (const auto& [name, value] : result.parameters) {
        item.fields.emplace_back("setting " + printable(name, kMaxValue), printable(value, kMaxValue));
    }
    for (const Bytes& channel : result.notified_channels) {
        item.fields.emplace_back("notification on", printable(channel, kMaxValue));
    }
    if (!result.note.empty()) item.fields.emplace_back("note", printable(result.note, kMaxText));
    return item;
}

}  // namespace understudy::app::inspect
