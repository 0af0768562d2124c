#include <algorithm>
#include <limits>
#include <utility>

#include "core/pgwire/backend_messages.hpp"
#include "core/sql/statement_traits.hpp"
#include "replay/remap/session_remapper.hpp"

namespace understudy::replay {
namespace {

constexpr std::size_t kMaxLearnedRows = 4096;  // of a recorded result whose rows were kept

std::uint64_t weight_of(const StepResult& result) {
    std::uint64_t weight = sizeof(StepResult) + 8 * result.digest.cells.size() + result.row_description.size();
    for (const Bytes& row : result.kept_rows) weight += sizeof(Bytes) + row.size();
    return weight;
}

}  // namespace

RemapReport RemapContext::report() const {
    RemapReport report = counts.report(domains);
    report.refused_values += map.refused();
    return report;
}

void SessionRemapper::recorded(Response&& response) {
    std::uint32_t step = response.first_step.value();
    for (StepResult& result : response.results) {
        const Place place{response.ordinal.value(), step++};
        const bool known = !result.digest.cells.empty() || result.kept_rows.size() == result.rows;
        if (result.rows == 0 || result.rows > kMaxLearnedRows || !known) continue;
        Recorded kept;
        kept.rows = result.rows;
        kept.result.rows = result.rows;
        kept.result.digest.cells = std::move(result.digest.cells);
        if (kept.result.digest.cells.empty()) {
            kept.result.kept_rows = std::move(result.kept_rows);
            kept.result.row_description = std::move(result.row_description);
        }
        kept.weight = weight_of(kept.result);
        queued_bytes_.fetch_add(kept.weight, std::memory_order_relaxed);
        recorded_.insert_or_assign(place, std::move(kept));
    }
    const std::uint64_t until = std::uint64_t{response.ordinal.value()} + (response.ready.known() ? 1 : 0);
    recorded_until_ = std::max(recorded_until_, until);
    release();
}

void SessionRemapper::end_of_recording() {
    recorded_until_ = std::numeric_limits<std::uint64_t>::max();
    release();
}

const StatementPlan* SessionRemapper::statement_at(Place place, TextPlanPtr* text) const {
    auto at = std::upper_bound(sent_.begin(), sent_.end(), place,
                               [](const Place& wanted, const Sent& sent) { return wanted < sent.place; });
    if (at == sent_.begin()) return nullptr;
    --at;
    if (at->place.first != place.first || (!at->query && at->place.second != place.second)) return nullptr;
    const std::size_t index = place.second - at->place.second;
    if (index >= at->plan->statements.size()) return nullptr;
    if (text != nullptr) *text = at->plan;
    return &at->plan->statements[index];
}

const StatementPlan* SessionRemapper::source_of(const StatementPlan* statement) const {
    if (statement == nullptr || !statement->prepares.empty()) return nullptr;
    return statement->executes.empty() ? statement : prepared_as(statement->executes);
}

/// Of each column of a result, by the table and attribute that it comes from.
const std::vector<DomainId>& SessionRemapper::domains_of(BytesView row_description) {
    Bytes key(row_description);
    if (const auto found = descriptions_.find(key); found != descriptions_.end()) return found->second;
    std::vector<DomainId> domains;
    bool any = false;
    if (const auto description = pgwire::decode_row_description(row_description)) {
        for (const pgwire::ColumnDescription& column : description->columns) {
            domains.push_back(context_.domains.of_column(column.table_oid, column.attribute));
            any = any || domains.back() != 0;
        }
    }
    if (!any) domains.clear();
    if (descriptions_.size() >= kMaxDescriptions) descriptions_.clear();
    return descriptions_.emplace(std::move(key), std::move(domains)).first->second;
}

std::span<const std::size_t> SessionRemapper::begin_result(std::uint32_t ordinal, std::uint32_t step,
                                                           BytesView row_description) {
    watching_ = nullptr;
    std::vector<DomainId> domains = domains_of(row_description);
    const StatementPlan* statement = source_of(statement_at({ordinal, step}));
    bool produces = statement != nullptr && statement->inserts != 0;
    if (statement != nullptr) {
        for (const auto& [column, domain] : statement->sequence_outputs) {
            const DomainId of = domain != 0 ? domain : last_generated_;
            if (column >= kMaxRead || of == 0) continue;
            if (domains.size() <= column) domains.resize(column + 1);
            domains[column] = of;
            produces = true;
        }
    }
    ObservedValues observed;
    for (std::size_t column = 0; column < domains.size(); ++column) {
        if (domains[column] == 0) continue;
        observed.columns.push_back(column);
        observed.domains.push_back(domains[column]);
    }
    if (observed.columns.empty()) return {};
    most_values_ = produces ? kMaxProduced : kMaxRead;
    watching_ = &observed_.insert_or_assign(Place{ordinal, step}, std::move(observed)).first->second;
    return watching_->columns;
}

std::uint64_t SessionRemapper::on_cell(std::size_t watched, const pgwire::CanonicalValue& value, std::uint64_t cell) {
    if (watching_->values.size() < most_values_) {
        watching_->values.push_back({false, cell, Bytes(value.bytes)});
    } else {
        watching_->cut = true;
    }
    if (context_.map.size() == 0) return cell;
    return context_.map.recorded_of(watching_->domains[watched], cell).value_or(cell);
}

void SessionRemapper::on_null(std::size_t /*watched*/) {
    if (watching_->values.size() < most_values_) {
        watching_->values.emplace_back();
    } else {
        watching_->cut = true;
    }
}

void SessionRemapper::on_event(Event&& event) {
    held_.push_back(std::move(event));
    release();
}

/// Whether the recorded answer to a result that something can be learned of is still to be read.
bool SessionRemapper::may_come(const Response& response) const {
    if (response.ordinal.value() < recorded_until_) return false;
    for (std::size_t i = 0; i < response.results.size(); ++i) {
        const Place place{response.ordinal.value(), response.first_step.value() + static_cast<std::uint32_t>(i)};
        if (observed_.contains(place) && !recorded_.contains(place)) return true;
    }
    return false;
}

void SessionRemapper::release() {
    while (!held_.empty()) {
        Event& event = held_.front();
        auto* response = std::get_if<Response>(&event);
        if (response != nullptr) {
            if (may_come(*response)) {
                const bool ends = std::holds_alternative<SessionClosed>(held_.back());
                if (held_.size() <= kMaxHeld && !ends) return;
                RemapCounts::add(context_.counts.held_responses);
            }
            process(*response);
        } else if (std::holds_alternative<SessionClosed>(event)) {
            scope_.rollback();
        }
        next_.on_event(std::move(event));
        held_.pop_front();
    }
}

void SessionRemapper::process(Response& response) {
    std::uint32_t step = response.first_step.value();
    for (StepResult& result : response.results) process(result, {response.ordinal.value(), step++});
    const Place after{response.ordinal.value(), step};
    if (response.ready.known()) {
        if (response.transaction_status == 'I') {
            failed_ ? scope_.rollback() : scope_.commit();
            failed_ = false;
        }
        forget_recorded_before({after.first + 1, 0});
        while (!sent_.empty() && sent_.front().place.first <= after.first) sent_.pop_front();
    } else {
        forget_recorded_before(after);
    }
}

void SessionRemapper::process(StepResult& result, Place place) {
    const StatementPlan* statement = statement_at(place);
    follow_transaction(result, statement);
    const StatementPlan* source = source_of(statement);
    if (source != nullptr && result.outcome == StepOutcome::complete) {
        if (source->inserts != 0) last_generated_ = source->inserts;
        for (const auto& [column, domain] : source->sequence_outputs) {
            if (domain != 0) last_generated_ = domain;
        }
    }
    const auto found = observed_.find(place);
    if (found == observed_.end()) return;
    ObservedValues observed = std::move(found->second);
    if (watching_ == &found->second) watching_ = nullptr;
    observed_.erase(found);
    const bool answered = result.outcome == StepOutcome::complete || result.outcome == StepOutcome::suspended;
    if (!answered) return;
    learn(place, observed);
    ResultCells cells = cells_of(result, context_.digester);
    if (cells.width != 0)
        result.normalised = normalised_digest(result.digest, std::move(cells), observed, context_.map);
}

void SessionRemapper::learn(Place place, const ObservedValues& observed) {
    TextPlanPtr text;
    const StatementPlan* statement = statement_at(place, &text);
    const bool choice = statement == nullptr ? observed.rows() > 1 : statement->skip_locked;
    const StatementPlan* source = source_of(statement);
    const bool sequence = source != nullptr && !source->sequence_outputs.empty();
    const bool produced = sequence || (source != nullptr && source->inserts != 0);
    RowPairing pairing = choice ? RowPairing::none : RowPairing::read;
    if (produced) pairing = RowPairing::produced;
    const auto found = recorded_.find(place);
    const ResultCells recorded =
        found == recorded_.end() ? ResultCells{} : cells_of(found->second.result, context_.digester);
    Learned learned = learn_from(recorded.width == 0 ? nullptr : &recorded, observed, pairing,
                                 context_.digester.null_cell(), session_, context_.map);
    if (pairing == RowPairing::read && !learned.pairs.empty() && !in_order(statement, text, observed.rows())) {
        learned.pairs.clear();
        learned.unordered = true;
    }
    // What is read tells little of values; what generates them should have been paired.
    if (learned.unpaired && produced) RemapCounts::add(context_.counts.unpaired_results);
    if (learned.unordered) RemapCounts::add(context_.counts.unordered_results);
    for (const ValueMap::Pair& pair : learned.pairs) {
        // What nextval() gave stays given when the transaction is rolled back.
        const bool kept = sequence ? context_.map.learn(SessionId(), pair).has_value() : scope_.learn(pair);
        if (kept) RemapCounts::add(context_.counts.of(pair.domain).learned);
    }
    for (const auto& [domain, hash] : learned.lost) scope_.learn({domain, hash, 0, {}});
}

/// Whether the n-th row of a result is the n-th of the recorded one.
bool SessionRemapper::in_order(const StatementPlan* statement, const TextPlanPtr& text, std::size_t rows) {
    if (statement == nullptr) return true;
    switch (statement->kind) {
        case sql::StatementKind::insert:
        case sql::StatementKind::update:
        case sql::StatementKind::delete_: return true;
        case sql::StatementKind::select: break;
        default: return rows <= 1;  // EXECUTE, FETCH
    }
    const BytesView sql = BytesView(text->sql).substr(statement->begin, statement->end - statement->begin);
    const sql::StatementTraits traits = sql::traits(sql);
    return traits.ordered || (rows <= 1 && !traits.limited);
}

void SessionRemapper::follow_transaction(const StepResult& result, const StatementPlan* statement) {
    if (result.outcome == StepOutcome::error) {
        failed_ = true;
        return;
    }
    if (result.outcome != StepOutcome::complete) return;
    const BytesView tag = result.command_tag;
    const SavepointAct act = statement == nullptr ? SavepointAct{} : statement->act;
    if (tag == "COMMIT") {
        scope_.commit();
    } else if (tag == "ROLLBACK") {
        act.kind == SavepointAct::Kind::rollback_to ? scope_.rollback_to(act.name) : scope_.rollback();
        failed_ = false;
    } else if (tag == "SAVEPOINT" && act.kind == SavepointAct::Kind::savepoint) {
        scope_.savepoint(act.name);
    } else if (tag == "RELEASE" && act.kind == SavepointAct::Kind::release) {
        scope_.release(act.name);
    }
}

/// The results of steps before this place are dealt with, or will not be.
void SessionRemapper::forget_recorded_before(Place place) {
    while (!recorded_.empty() && recorded_.begin()->first < place) {
        queued_bytes_.fetch_sub(recorded_.begin()->second.weight, std::memory_order_relaxed);
        recorded_.erase(recorded_.begin());
    }
    while (!observed_.empty() && observed_.begin()->first < place) {
        if (watching_ == &observed_.begin()->second) watching_ = nullptr;
        observed_.erase(observed_.begin());
    }
}

}  // namespace understudy::replay
