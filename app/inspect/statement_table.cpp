#include "app/inspect/statement_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kUnknownRow = 0;
constexpr std::size_t kOthersRow = 1;
constexpr std::size_t kShownText = 120;

Duration at(const StatementRow& row, double quantile) {
    return Duration::nanoseconds(static_cast<std::int64_t>(row.latency_ns.quantile(quantile)));
}

Duration longest(const StatementRow& row) {
    return Duration::nanoseconds(static_cast<std::int64_t>(row.latency_ns.max()));
}

Duration total(const StatementRow& row) {
    constexpr double kMax = 9e18;  // below what a Duration holds
    return Duration::nanoseconds(static_cast<std::int64_t>(std::min(row.latency_ns.sum(), kMax)));
}

std::string fingerprint_text(const StatementRow& row) {
    return row.fingerprint == sql::Fingerprint{} ? "-" : row.fingerprint.hex();
}

}  // namespace

StatementTable::StatementTable(std::size_t max_statements) : max_statements_(max_statements), rows_(2) {
    rows_[kUnknownRow].text = "(statement unknown: prepared before the capture, or beyond a limit)";
    rows_[kOthersRow].text = fmt::format("(further statements beyond {})", count_text(max_statements));
}

void StatementTable::on_step(const FollowedStep& step) {
    const StepResult& result = step.result;
    const bool runs = result.kind == StepKind::execute || result.kind == StepKind::statement;
    const bool failed = result.outcome == StepOutcome::error;
    const bool answered = failed || result.outcome == StepOutcome::complete ||
                          result.outcome == StepOutcome::suspended || result.outcome == StepOutcome::empty;
    const bool about_statement =
        result.kind == StepKind::parse || result.kind == StepKind::bind || result.kind == StepKind::describe;
    if (!answered || !(runs || (failed && about_statement))) return;
    StatementRow& row = rows_[row_for(step.sql)];
    if (failed) ++row.errors;
    if (!runs) return;
    ++row.count;
    row.rows += result.rows;
    if (step.latency) row.latency_ns.record(step.latency->count_ns());
}

std::size_t StatementTable::row_for(std::optional<BytesView> sql) {
    if (!sql) return kUnknownRow;
    Bytes text(*sql);
    if (const auto found = cache_.find(text); found != cache_.end()) return found->second;
    const sql::Fingerprint fingerprint = sql::fingerprint(text);
    std::size_t place = kOthersRow;
    if (const auto found = by_fingerprint_.find(fingerprint); found != by_fingerprint_.end()) {
        place = found->second;
    } else if (by_fingerprint_.size() < max_statements_) {
        place = rows_.size();
        by_fingerprint_.emplace(fingerprint, place);
        rows_.emplace_back();
        rows_.back().fingerprint = fingerprint;
        rows_.back().text = sql::normalise(text).substr(0, kMaxTextBytes);
        if (rows_.back().text.empty()) rows_.back().text = "(empty)";
    }
    if (cache_.size() >= kMaxCachedTexts || cached_bytes_ + text.size() > kMaxCachedBytes) {
        cache_.clear();
        cached_bytes_ = 0;
    }
    cached_bytes_ += text.size();
    cache_.emplace(std::move(text), place);
    return place;
}

std::vector<const StatementRow*> StatementTable::sorted(StatementOrder order) const {
    std::vector<const StatementRow*> sorted;
    for (const StatementRow& row : rows_) {
        if (row.count > 0 || row.errors > 0) sorted.push_back(&row);
    }
    const auto key = [order](const StatementRow& row) {
        const double sum = row.latency_ns.sum();
        const auto calls = static_cast<double>(row.count);
        const auto errors = static_cast<double>(row.errors);
        if (order == StatementOrder::calls) return std::tuple(calls, sum, errors);
        if (order == StatementOrder::errors) return std::tuple(errors, calls, sum);
        return std::tuple(sum, calls, errors);
    };
    std::sort(sorted.begin(), sorted.end(), [&](const StatementRow* a, const StatementRow* b) {
        const auto of_a = key(*a);
        const auto of_b = key(*b);
        return of_a != of_b ? of_a > of_b : a->fingerprint.value < b->fingerprint.value;
    });
    return sorted;
}

std::string to_text(const StatementTable& table, std::size_t limit, StatementOrder order) {
    const std::vector<const StatementRow*> rows = table.sorted(order);
    const std::size_t shown = limit == 0 ? rows.size() : std::min(limit, rows.size());
    std::string out = fmt::format("{:<16} {:>9} {:>7} {:>10} {:>11} {:>10} {:>10} {:>10} {:>10}  {}\n", "fingerprint",
                                  "count", "errors", "rows", "total", "p50", "p95", "p99", "max", "statement");
    for (std::size_t i = 0; i < shown; ++i) {
        const StatementRow& row = *rows[i];
        fmt::format_to(std::back_inserter(out), "{:<16} {:>9} {:>7} {:>10} {:>11} {:>10} {:>10} {:>10} {:>10}  {}\n",
                       fingerprint_text(row), count_text(row.count), count_text(row.errors), count_text(row.rows),
                       duration_text(total(row)), duration_text(at(row, 0.5)), duration_text(at(row, 0.95)),
                       duration_text(at(row, 0.99)), duration_text(longest(row)), printable(row.text, kShownText));
    }
    if (shown < rows.size()) {
        fmt::format_to(std::back_inserter(out), "{} of {}; --limit 0 shows all\n", count_text(shown),
                       counted(rows.size(), "statement"));
    }
    return out;
}

Json to_json(const StatementTable& table, std::size_t limit, StatementOrder order) {
    Json array = Json::array();
    for (const StatementRow* row : table.sorted(order)) {
        if (limit != 0 && array.size() == limit) break;
        Json json;
        const bool grouped = row->fingerprint == sql::Fingerprint{};
        json["fingerprint"] = grouped ? Json() : Json(row->fingerprint.hex());
        json["lexical"] = row->fingerprint.lexical;
        json["count"] = row->count;
        json["errors"] = row->errors;
        json["rows"] = row->rows;
        json["total_ms"] = milliseconds(total(*row));
        json["p50_ms"] = milliseconds(at(*row, 0.5));
        json["p95_ms"] = milliseconds(at(*row, 0.95));
        json["p99_ms"] = milliseconds(at(*row, 0.99));
        json["max_ms"] = milliseconds(longest(*row));
        json["text"] = row->text;
        array.push_back(std::move(json));
    }
    return array;
}

}  // namespace understudy::app::inspect
