#include "compare/analysis/open_cursors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compare/analysis/sql_names.hpp"
#include "compare/diff/order_diff.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

bool declares_hold(BytesView statement) {
    sql::Token before;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        if (sql::is_word(token, "hold")) return sql::is_word(before, "with");
        if (sql::is_word(token, "for")) return false;
        before = token;
    }
    return false;
}

void add_digest(ResultDigest& total, const ResultDigest& page) {
    total.multiset += page.multiset;
    total.opaque_cells += page.opaque_cells;
    if (total.columns.size() < page.columns.size()) total.columns.resize(page.columns.size());
    for (std::size_t i = 0; i < page.columns.size(); ++i) total.columns[i] += page.columns[i];
}

void add_forms(Bytes& total, const Bytes& page) {
    if (total.size() < page.size()) total.resize(page.size());
    for (std::size_t i = 0; i < page.size(); ++i) total[i] = static_cast<char>(total[i] | page[i]);
}

void add_page(StepResult& total, const StepResult& page) {
    const bool cells = total.rows == 0 || !total.digest.cells.empty();
    const bool kept = total.rows == 0 || !total.kept_rows.empty();
    const ResultDigest& digest = page.comparable();
    if (total.row_description.empty()) total.row_description = page.row_description;
    total.kind = page.kind;
    total.end = page.end;
    total.rows += page.rows;
    total.marks |= page.marks;
    add_digest(total.digest, digest);
    add_forms(total.digest.column_forms, page.digest.column_forms);
    auto& hashes = total.digest.cells;
    const bool all_cells = cells && (page.rows == 0 || !digest.cells.empty()) &&
                           hashes.size() + digest.cells.size() <= OpenCursors::kMaxKeptCells;
    if (all_cells) hashes.insert(hashes.end(), digest.cells.begin(), digest.cells.end());
    if (!all_cells) hashes.clear();
    const bool all_rows = kept && page.kept_rows.size() == page.rows &&
                          total.kept_rows.size() + page.kept_rows.size() <= OpenCursors::kMaxKeptRows;
    if (all_rows) total.kept_rows.insert(total.kept_rows.end(), page.kept_rows.begin(), page.kept_rows.end());
    if (!all_rows) total.kept_rows.clear();
}

}  // namespace

bool fetches_forward(BytesView statement) {
    bool first = true;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind == sql::TokenKind::comment) continue;
        if (first) {
            if (!sql::is_word(token, "fetch")) return false;
            first = false;
            continue;
        }
        for (const char* word : {"prior", "first", "last", "absolute", "relative", "backward"}) {
            if (sql::is_word(token, word)) return false;
        }
        if (token.is('-') || token.text == "0") return false;
    }
    return !first;
}

bool ends_whole_transaction(BytesView tag, BytesView statement) {
    if (tag == "COMMIT") return true;
    if (tag != "ROLLBACK") return false;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (sql::is_word(token, "to")) return false;
    }
    return true;
}

void OpenCursors::on_declared(const StepContext& context, std::uint32_t step) {
    const Bytes statement = statement_of(&context, step);
    const auto name = name_made(statement);
    if (!name || cursors_.size() >= kMaxCursors) return;
    Cursor cursor;
    cursor.declared = context;
    cursor.declared_step = step;
    cursor.hold = declares_hold(statement);
    cursors_.insert_or_assign(name->name, std::move(cursor));
}

std::optional<OpenCursors::Page> OpenCursors::page_of(const StepContext* context, std::uint32_t step,
                                                      const StepResult& a, const StepResult& b) const {
    if (context == nullptr) return std::nullopt;
    if (a.command_tag.starts_with("FETCH") || b.command_tag.starts_with("FETCH")) {
        const Bytes statement = statement_of(context, step);
        const auto name = name_needed(statement);
        if (!name || !fetches_forward(statement) || !cursors_.contains(name->name)) return std::nullopt;
        return Page{name->name, true};
    }
    if (context->kind != StepKind::execute || !context->portal) return std::nullopt;
    const auto known = cursors_.find(context->portal->name);
    const bool goes_on = known != cursors_.end() && !known->second.declared;
    if (!goes_on && a.outcome != StepOutcome::suspended && b.outcome != StepOutcome::suspended) return std::nullopt;
    return Page{context->portal->name, false};
}

StatementOrder OpenCursors::order_of(const Page& page, const StepContext* context, std::uint32_t step,
                                     FactsCache& facts) const {
    const auto known = cursors_.find(page.name);
    if (known == cursors_.end() || !known->second.declared) return facts.order_of(context, step);
    return facts.order_of(&*known->second.declared, known->second.declared_step);
}

bool OpenCursors::put_off(const Page& page, const StepContext& context, std::uint32_t step, const StepResult& a,
                          const StepResult& b, const StatementOrder& order) {
    if (order.ordered) {
        const auto ties = only_ties(a, b, order.columns);
        if (!ties || !*ties) return false;
    }
    if (!cursors_.contains(page.name) && cursors_.size() >= kMaxCursors) return false;
    Cursor& cursor = cursors_[page.name];
    if (!cursor.put_off) cursor.put_off = PutOff{context, step, {}, {}, order};
    add_page(cursor.put_off->baseline, a);
    add_page(cursor.put_off->other, b);
    return true;
}

std::optional<OpenCursors::PutOff> OpenCursors::end(const Bytes& name) {
    const auto found = cursors_.find(name);
    if (found == cursors_.end()) return std::nullopt;
    std::optional<PutOff> put_off = std::move(found->second.put_off);
    cursors_.erase(found);
    if (!put_off) return std::nullopt;
    const StepResult& a = put_off->baseline;
    const StepResult& b = put_off->other;
    put_off->baseline.command_tag = fmt::format("FETCH {}", a.rows);
    put_off->other.command_tag = fmt::format("FETCH {}", b.rows);
    const bool same =
        a.rows == b.rows && a.digest.multiset == b.digest.multiset && a.digest.columns == b.digest.columns;
    return same ? std::nullopt : std::move(put_off);
}

std::vector<OpenCursors::PutOff> OpenCursors::end_all(bool holdable_too) {
    std::vector<Bytes> names;
    for (const auto& [name, cursor] : cursors_) {
        if (holdable_too || !cursor.hold) names.push_back(name);
    }
    std::vector<PutOff> ended;
    for (const Bytes& name : names) {
        if (auto put_off = end(name)) ended.push_back(std::move(*put_off));
    }
    return ended;
}

std::size_t OpenCursors::pending() const {
    return static_cast<std::size_t>(std::count_if(cursors_.begin(), cursors_.end(),
                                                  [](const auto& entry) { return entry.second.put_off.has_value(); }));
}

}  // namespace understudy::compare
