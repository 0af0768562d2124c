#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schema/hazard/judge.hpp"
#include "schema/hazard/sentences.hpp"

namespace understudy::schema::hazard {
namespace {

using sql::DdlKind;

bool is_descendant(const LockEffect& effect, const std::vector<LockEffect>& all, const SchemaFacts& facts) {
    if (effect.facts == nullptr || effect.facts->parents.empty()) return false;
    return std::any_of(all.begin(), all.end(), [&](const LockEffect& other) {
        if (other.facts == nullptr || other.facts == effect.facts || other.lock < effect.lock) return false;
        const auto below = descendants(facts, *other.facts);
        return std::find(below.begin(), below.end(), effect.facts) != below.end();
    });
}

std::size_t descendants_among(const LockEffect& effect, const std::vector<LockEffect>& all, const SchemaFacts& facts) {
    if (effect.facts == nullptr || effect.facts->children.empty()) return 0;
    const auto below = descendants(facts, *effect.facts);
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const LockEffect& other) {
        return std::find(below.begin(), below.end(), other.facts) != below.end();
    }));
}

/// The action that a lock is from, for its advice: the one that works hardest.
const sql::DdlAction& culprit(const std::vector<sql::DdlAction>& actions, BytesView text, const SchemaFacts& facts,
                              const LockEffect& effect) {
    for (const sql::DdlAction& action : actions) {
        for (const LockEffect& own : lock_effects({action}, text, facts)) {
            if (own.table == effect.table && own.work == effect.work && own.lock >= effect.lock) return action;
        }
    }
    return actions.front();
}

std::string work_text(const LockEffect& effect) {
    const char* const doubt = effect.certain ? "" : "may ";
    const char* const s = effect.certain ? "s" : "";
    switch (effect.work) {
        case TableWork::rewrite: return fmt::format("{}rewrite{} the table: {}", doubt, s, effect.why);
        case TableWork::scan: return fmt::format("{}read{} every row: {}", doubt, s, effect.why);
        case TableWork::index: return fmt::format("{}read{} every row: {}", doubt, s, effect.why);
        case TableWork::empty: return "empties it";
        case TableWork::none: return "short by itself";
    }
    return {};
}

HazardKind kind_of(TableWork work) {
    switch (work) {
        case TableWork::rewrite: return HazardKind::rewrite;
        case TableWork::scan: return HazardKind::scan;
        case TableWork::index: return HazardKind::index_build;
        default: return HazardKind::brief_lock;
    }
}

}  // namespace

void Judge::locks(const Actions& actions, BytesView text) {
    if (actions.front().kind == DdlKind::query) return;  // as strong as the application's own
    const std::vector<LockEffect> effects = lock_effects(actions, text, facts_);
    for (const LockEffect& effect : effects) {
        const bool ours = created_.count(effect.table) != 0 ||
                          (effect.facts == nullptr && created_.count({{}, effect.table.name}) != 0);
        if (ours || !sql::stops_writes(effect.lock)) continue;
        const bool kept = in_transaction();
        if (kept) held_.push_back({effect, index_, statement_->line});
        if (is_descendant(effect, effects, facts_)) continue;
        lock_timeout(effect);
        lock_hazard(culprit(actions, text, facts_, effect), effect, descendants_among(effect, effects, facts_));
    }
}

void Judge::lock_timeout(const LockEffect& effect) {
    if (timeout_ || local_timeout_ || timeout_said_) return;
    timeout_said_ = true;
    Hazard& hazard = add(HazardKind::no_lock_timeout, HazardSeverity::waits, effect.table);
    hazard.lock = effect.lock;
    const TableTraffic traffic = traffic_of(traffic_, effect.table);
    hazard.longest_transaction = traffic.longest_transaction;
    hazard.message = fmt::format(
        "no lock_timeout is set: while {} on {} waits for open transactions, all that asks for the table later waits "
        "behind it",
        to_string(effect.lock), name_text(effect.table));
    if (traffic.longest_transaction > Duration()) {
        hazard.message +=
            fmt::format("; the longest one recorded there took {}{}", time_text(traffic.longest_transaction),
                        traffic.longest_application.empty() ? "" : " (" + traffic.longest_application + ")");
    }
    hazard.advice = "SET lock_timeout = '2s' before it, and try again after 55P03";
}

void Judge::lock_hazard(const sql::DdlAction& action, const LockEffect& effect, std::size_t descendants) {
    const bool heavy = effect.work >= TableWork::scan;
    const bool small = effect.facts != nullptr && effect.facts->bytes < kSmallTable && effect.facts->kind != 'v';
    const bool bounded = timeout_ || local_timeout_;
    HazardSeverity severity = bounded ? HazardSeverity::notice : HazardSeverity::waits;
    if (heavy && !small) severity = HazardSeverity::stalls;
    Hazard& hazard = add(kind_of(effect.work), severity, effect.table);
    hazard.lock = effect.lock;
    hazard.work = effect.work;
    hazard.certain = effect.certain;
    TableTraffic traffic = traffic_of(traffic_, effect.table);
    if (effect.facts != nullptr) {
        for (const TableFacts* child : hazard::descendants(facts_, *effect.facts)) {
            const TableTraffic more = traffic_of(traffic_, child->name);
            traffic.reads += more.reads;
            traffic.writes += more.writes;
            traffic.busiest += more.busiest;
        }
    }
    hazard.calls_waiting = traffic.writes + (sql::stops_reads(effect.lock) ? traffic.reads : 0);
    hazard.longest_transaction = traffic.longest_transaction;
    hazard.message =
        fmt::format("{} on {}{}{}: {}; {}", to_string(effect.lock), name_text(effect.table), size_text(hazard, facts_),
                    descendants == 0 ? "" : fmt::format(" and {} tables below it", descendants), work_text(effect),
                    waiting_text(traffic, effect.lock, traffic_.known()));
    if (heavy && small) hazard.message += "; small, so that it is soon over";
    hazard.advice = advice_for(action, effect.work);
}

void Judge::held_together() {
    std::map<sql::RelationName, const Held*> tables;  // strongest, then earliest
    std::vector<const Held*> order;
    for (const Held& held : held_) {
        if (tables.emplace(held.effect.table, &held).second) order.push_back(&held);
    }
    if (order.size() < 2) return;
    if (std::all_of(order.begin(), order.end(),
                    [&](const Held* h) { return h->statement == order.front()->statement; }))
        return;
    const std::size_t index = index_;
    index_ = order.front()->statement;
    Hazard& hazard = add(HazardKind::locks_held, HazardSeverity::waits, order.front()->effect.table);
    index_ = index;
    hazard.line = order.front()->line;
    hazard.lock = order.front()->effect.lock;
    constexpr std::size_t kNamed = 8;
    std::string list;
    for (std::size_t i = 0; i < order.size() && i < kNamed; ++i) {
        const TableTraffic traffic = traffic_of(traffic_, order[i]->effect.table);
        const bool reads = sql::stops_reads(order[i]->effect.lock);
        hazard.calls_waiting += traffic.writes + (reads ? traffic.reads : 0);
        list +=
            fmt::format("{}{} (line {})", i == 0 ? "" : ", then ", name_text(order[i]->effect.table), order[i]->line);
    }
    if (order.size() > kNamed) list += fmt::format(" and {} more", order.size() - kNamed);
    hazard.message =
        fmt::format("one transaction locks {} and holds all until it commits (after line {})", list, statement_->line);
    if (traffic_.known())
        hazard.message += fmt::format("; {} calls/s in all wait behind them", rate_text(hazard.calls_waiting));
    std::uint64_t opposite = 0;
    for (std::size_t i = 0; i < order.size() && i < kNamed; ++i) {
        for (std::size_t j = i + 1; j < order.size() && j < kNamed; ++j) {
            opposite += transactions_in_order(traffic_, order[j]->effect.table, order[i]->effect.table);
        }
    }
    if (opposite > 0) {
        hazard.message +=
            fmt::format("; {} recorded transactions take them in another order: deadlocks (40P01)", opposite);
        hazard.sqlstate = "40P01";
    } else {
        hazard.message += "; a transaction that takes them in another order deadlocks (40P01)";
    }
    hazard.advice = "a transaction for each table, or LOCK TABLE all of them first, in the application's order";
}

}  // namespace understudy::schema::hazard
