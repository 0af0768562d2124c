#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/sql/lexer.hpp"
#include "schema/check/predict/predict_parts.hpp"
#include "schema/check/predict/text_input.hpp"

namespace understudy::schema {
namespace {

using Kind = WrittenValue::Kind;

Prediction of(Certainty certainty, Severity severity, const char* kind, const char* sqlstate, Bytes object,
              Bytes reason) {
    return {kNoItem, certainty, severity, kind, sqlstate, std::move(object), std::move(reason)};
}

/// The kinds of values that the kept executions write there.
std::vector<Kind> kinds_of(const AccessedRelation& touch, const Bytes& column) {
    std::vector<Kind> kinds;
    for (const WrittenRow& row : touch.rows) {
        const auto found = row.find(column);
        if (found != row.end()) {
            kinds.push_back(found->second.kind);
        } else if (touch.inserts()) {
            kinds.push_back(Kind::fallback);  // the column came with the migration
        }
    }
    if (touch.rows.empty() && touch.inserts()) {  // INSERT … SELECT
        const auto& given = touch.access.columns;
        const bool named = given.empty() || std::find(given.begin(), given.end(), column) != given.end();
        kinds.push_back(named ? Kind::unknown : Kind::fallback);
    }
    return kinds;
}

bool has(const std::vector<Kind>& kinds, Kind kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// "(12,2)" of "numeric(12,2)"; 0 where there is none.
std::pair<int, int> modifier_of(BytesView full_type) {
    std::pair<int, int> result{0, 0};
    const std::size_t open = full_type.find('(');
    if (open == BytesView::npos) return result;
    const char* at = full_type.data() + open + 1;
    const char* end = full_type.data() + full_type.size();
    const auto first = std::from_chars(at, end, result.first);
    if (first.ptr != end && *first.ptr == ',') std::from_chars(first.ptr + 1, end, result.second);
    return result;
}

int integer_width(BytesView type) { return type == "smallint" ? 2 : type == "integer" ? 4 : type == "bigint" ? 8 : 0; }

/// The error that a value may meet in the narrower type, or nothing.
const char* narrowing(const ColumnFacts& before, const ColumnFacts& after) {
    const auto [length, scale] = modifier_of(before.full_type);
    const auto [new_length, new_scale] = modifier_of(after.full_type);
    const bool text = after.type == "character varying" || after.type == "character";
    if (text && new_length > 0 && (before.type == "text" || length == 0 || length > new_length)) return "22001";
    if (after.type == "numeric" && new_length > 0 &&
        (before.type != "numeric" || length == 0 || length - scale > new_length - new_scale)) {
        return "22003";
    }
    const int width = integer_width(before.type);
    if (width > 0 && integer_width(after.type) > 0 && integer_width(after.type) < width) return "22003";
    if (before.type == "numeric" && integer_width(after.type) > 0) return "22003";
    return nullptr;
}

/// Whether values are stored less exactly than before, without an error.
bool rounds(const ColumnFacts& before, const ColumnFacts& after) {
    const int scale = modifier_of(before.full_type).second;
    const auto [length, new_scale] = modifier_of(after.full_type);
    const bool from_numeric = before.type == "numeric";
    if (from_numeric && after.type == "numeric") {
        return length > 0 && (modifier_of(before.full_type).first == 0 || new_scale < scale);
    }
    if (from_numeric && (after.type == "real" || after.type == "double precision")) return true;
    if (before.type == "double precision" && after.type == "real") return true;
    return before.type.starts_with("timestamp") && after.type.starts_with("timestamp") &&
           after.full_type.find('(') != Bytes::npos && before.full_type.find('(') == Bytes::npos;
}

void missing_value(const AccessedRelation& touch, const ColumnFacts& column, const ColumnFacts* old, const Tell& tell) {
    if (!column.not_null || column.filled) return;
    const bool newly = old == nullptr || !old->not_null;
    const bool lost_default = column.default_text.empty() && (old == nullptr || !old->default_text.empty());
    const std::vector<Kind> kinds = kinds_of(touch, column.name);
    const Bytes object = touch.object(column.name);
    if ((newly || lost_default) && column.default_text.empty() && touch.inserts() && has(kinds, Kind::fallback)) {
        tell(of(Certainty::likely, Severity::breaks, "not_null", "23502", object,
                fmt::format("column \"{}\" must have a value, has no default{}, and the INSERT gives it none",
                            column.name, newly ? "" : " any more")));
    } else if (newly && has(kinds, Kind::null)) {
        tell(of(Certainty::likely, Severity::breaks, "not_null", "23502", object,
                fmt::format("column \"{}\" takes NULL no longer, and NULL was written to it", column.name)));
    } else if (newly && (has(kinds, Kind::unknown) || (!touch.statement.samples_complete && !kinds.empty()))) {
        tell(of(Certainty::possible, Severity::breaks, "not_null", "23502", object,
                fmt::format("column \"{}\" takes NULL no longer; whether NULL is written to it is not known",
                            column.name)));
    }
}

void dropped_not_null(const AccessedRelation& touch, const ColumnFacts& column, const ColumnFacts& old, const Tell& tell) {
    if (!old.not_null || column.not_null || !touch.failed_with("23502")) return;
    const std::vector<Kind> kinds = kinds_of(touch, column.name);
    if (!has(kinds, Kind::null) && !has(kinds, Kind::unknown) && !has(kinds, Kind::fallback)) return;
    tell(of(Certainty::likely, Severity::risky, "not_null_removed", "", touch.object(column.name),
            fmt::format("column \"{}\" takes NULL now, and this statement was recorded failing by NULL", column.name)));
}

void changed_default(const AccessedRelation& touch, const ColumnFacts& column, const ColumnFacts& old, const Tell& tell) {
    if (!touch.inserts() || old.default_text == column.default_text || column.filled || old.filled) return;
    if (column.default_text.empty() && column.not_null) return;  // missing_value() tells
    if (!has(kinds_of(touch, column.name), Kind::fallback)) return;
    const auto shown = [](const Bytes& text) { return text.empty() ? Bytes("NULL") : text; };
    tell(of(Certainty::likely, Severity::risky, "default_changed", "", touch.object(column.name),
            fmt::format("column \"{}\" is left to its default, which is {} instead of {}", column.name,
                        shown(column.default_text), shown(old.default_text))));
}

bool copies_in(const AccessedRelation& touch) {
    return touch.inserts() && sql::first_word(touch.statement.sql) == "copy";
}

void changed_type(const AccessedRelation& touch, const ColumnFacts& column, const ColumnFacts& old, const Tell& tell) {
    if (old.full_type == column.full_type) return;
    const std::vector<Kind> kinds = kinds_of(touch, column.name);
    const bool written = has(kinds, Kind::value) || has(kinds, Kind::unknown);
    const Bytes object = touch.object(column.name);
    const char* error = narrowing(old, column);
    if (written && error != nullptr && (has(kinds, Kind::unknown) || !touch.statement.samples_complete)) {
        tell(of(Certainty::possible, Severity::breaks, "narrower_type", error, object,
                fmt::format("column \"{}\" is {} instead of {}: a longer or greater value no longer fits", column.name,
                            column.full_type, old.full_type)));
    }
    if (rounds(old, column) && (written || mentions(touch.statement.sql, column.name))) {
        tell(of(Certainty::likely, Severity::risky, "rounded", "", object,
                fmt::format("column \"{}\" is {} instead of {}: values are rounded", column.name,
                            column.full_type, old.full_type)));
    } else if (old.type != column.type && error == nullptr && !copies_in(touch) && mentions(touch.statement.sql, column.name)) {
        tell(of(Certainty::likely, Severity::risky, "type_changed", "", object,
                fmt::format("column \"{}\" is {} instead of {}: comparisons, arithmetic and what is stored may differ",
                            column.name, column.full_type, old.full_type)));
    }
}

/// COPY FROM a column that has another type: its data, which are not kept, are read by the new type's input.
void copied_type(const AccessedRelation& touch, const ColumnFacts& column, const ColumnFacts& old, const Tell& tell) {
    const auto& given = touch.access.columns;
    const bool copied = given.empty() ? !column.filled : std::find(given.begin(), given.end(), column.name) != given.end();
    if (!copied || old.type == column.type) return;
    using enum TextInput::Outcome;
    const bool binary = mentions(touch.statement.sql, "binary");
    const TextInput input = binary ? binary_input(old.type, column.type) : text_input(old.type, column.type);
    const Bytes object = touch.object(column.name);
    const Bytes types = fmt::format("column \"{}\" is {} instead of {}", column.name, column.full_type, old.full_type);
    if (input.outcome == refused) {
        tell(of(Certainty::likely, Severity::breaks, "copy_input", input.sqlstate, object,
                fmt::format("{}, which does not take what COPY was given for it", types)));
    } else if (input.outcome == unsure) {
        tell(of(Certainty::possible, Severity::breaks, "copy_input", input.sqlstate, object,
                fmt::format("{}: whether it takes what COPY is given for it depends on the data", types)));
    } else if (input.outcome == differs) {
        tell(of(Certainty::likely, Severity::risky, "type_changed", "", object,
                fmt::format("{}: what COPY stores may differ", types)));
    }
}

void lost_columns(const AccessedRelation& touch, const Tell& tell) {
    for (const ColumnFacts& old : touch.before.columns) {
        if (touch.after.column(old.name) != nullptr || !mentions(touch.statement.sql, old.name)) continue;
        tell(of(
            Certainty::likely, Severity::risky, "name_captured", "", touch.object(old.name),
            fmt::format("column \"{}\" is gone, yet the statement that names it is still taken: the name may now mean "
                        "the column of another table",
                        old.name)));
    }
}

void columns_in_order(const AccessedRelation& touch, const Tell& tell) {
    if (!touch.inserts() || !touch.access.columns.empty()) return;
    for (std::size_t i = 0; i < std::min(touch.before.columns.size(), touch.after.columns.size()); ++i) {
        if (touch.before.columns[i].name == touch.after.columns[i].name) continue;
        tell(of(Certainty::likely, Severity::risky, "column_order", "", touch.object(),
                fmt::format("INSERT without a column list: value {} now goes to \"{}\" instead of \"{}\"", i + 1,
                            touch.after.columns[i].name, touch.before.columns[i].name)));
        return;
    }
}

}  // namespace

void predict_columns(const AccessedRelation& touch, const Tell& tell) {
    for (const ColumnFacts& column : touch.after.columns) {
        const ColumnFacts* old = touch.before.column(column.name);
        if (touch.inserts() || touch.updates()) missing_value(touch, column, old, tell);
        if (old == nullptr) {
            if (mentions(touch.statement.sql, "natural")) {
                tell(of(
                    Certainty::likely, Severity::risky, "natural_join", "", touch.object(column.name),
                    fmt::format("NATURAL JOIN: the new column \"{}\" joins too if the other table has one of that name",
                                column.name)));
            }
            continue;
        }
        if (touch.inserts() || touch.updates()) dropped_not_null(touch, column, *old, tell);
        changed_default(touch, column, *old, tell);
        changed_type(touch, column, *old, tell);
        if (copies_in(touch)) copied_type(touch, column, *old, tell);
        if (old->collation != column.collation && mentions(touch.statement.sql, column.name)) {
            tell(of(Certainty::likely, Severity::risky, "collation", "", touch.object(column.name),
                    fmt::format("column \"{}\" has collation {} instead of {}: order, ranges and equality may differ",
                                column.name, column.collation, old->collation)));
        }
    }
    lost_columns(touch, tell);
    columns_in_order(touch, tell);
}

}  // namespace understudy::schema
