#include <algorithm>

#include "core/pgwire/type_oid.hpp"
#include "replay/order/footprint.hpp"

// What a statement does that it does not say: to rows that refer to its own or are referred to, and by triggers and
// functions.

namespace understudy::replay {

using sql::AccessKind;
using sql::RowLock;

/// Of the rows that refer to a deleted one, what becomes of them, and what their triggers do.
void FootprintMaker::add_children(const RelationInfo& info, std::vector<RelationIndex>& seen, Footprint& out) const {
    for (const ChildLink& link : info.children) {
        RowAccess any;
        any.relation = link.child;
        any.reads = true;
        any.writes = link.writes;
        any.lock = link.writes ? RowLock::update : RowLock::none;
        out.add(std::move(any));
        if (!link.writes || std::find(seen.begin(), seen.end(), link.child) != seen.end()) continue;
        seen.push_back(link.child);
        const RelationInfo& child = relations_.info(link.child);
        out.opaque = out.opaque || child.unknown_on_write;
        for (const RowTouch& touch : child.on_write) out.add(RowAccess(touch.any));
        add_children(child, seen, out);
    }
}

/// What triggers do for one row that is written. `values`: what is known of its columns.
void FootprintMaker::add_touches(AccessKind kind, const RelationInfo& info, const ValuesOf& values,
                                 Footprint& out) const {
    const bool inserts = kind == AccessKind::insert;
    const bool deletes = kind == AccessKind::delete_;
    for (const RowTouch& touch : info.on_write) {
        if (inserts && !touch.on_insert) continue;
        if (deletes && !touch.on_delete) continue;
        if (kind == AccessKind::update && !touch.on_update) continue;
        // There is no OLD row on INSERT, and no NEW one on DELETE: what uses it is for another event.
        const auto missing = [&](const catalog::RowMatch& match) { return match.old ? inserts : deletes; };
        if (std::any_of(touch.matches.begin(), touch.matches.end(), missing)) continue;
        RowAccess access = touch.any;
        const std::vector<UniqueKey>& keys = relations_.info(access.relation).keys;
        access.fresh = touch.inserted;
        for (std::size_t number = 0; number < keys.size(); ++number) {
            std::vector<std::uint64_t> hashes;
            for (const KeyColumn& column : keys[number].columns) {
                const auto match = std::find_if(touch.matches.begin(), touch.matches.end(),
                                                [&](const auto& one) { return one.column == column.name; });
                if (match == touch.matches.end()) break;
                const auto value = values(match->row_column, column.type_oid);
                if (value && value->size() == 1) hashes.push_back(value->front());
            }
            const bool known = hashes.size() == keys[number].columns.size();
            if (known) access.keys.push_back({static_cast<std::uint8_t>(number), key_hash(hashes)});
            if (!known && !keys[number].generated) access.fresh = false;
        }
        out.add(std::move(access));
    }
}

/// The parents' rows are locked, so that they stay (PostgreSQL docs, "Row-Level Locks", FOR KEY SHARE). `values`: empty
/// for a column that is not set.
void FootprintMaker::add_parents(const RelationInfo& info, const ValuesOf& values, Footprint& out) const {
    for (const ParentLink& link : info.parents) {
        RowAccess parent;
        parent.relation = link.parent;
        parent.reads = true;
        parent.refers = true;
        parent.lock = RowLock::key_share;
        bool refers = true;
        bool known = link.key.has_value();
        std::vector<std::uint64_t> hashes;
        for (std::size_t i = 0; i < link.columns.size(); ++i) {
            const std::size_t at = known ? link.order[i] : i;
            const std::uint32_t type = known ? relations_.info(link.parent).keys[*link.key].columns[i].type_oid : 0;
            const auto value = values(link.columns[at], type);
            if (value && value->empty()) refers = false;
            if (!value || value->size() != 1) known = false;
            if (known) hashes.push_back(value->front());
        }
        if (!refers) continue;
        if (known) parent.keys.push_back({*link.key, key_hash(hashes)});
        out.add(std::move(parent));
    }
}

void FootprintMaker::add_function(const sql::FunctionUse& call, const GivenValues& given, Footprint& out) {
    if (add_advisory(call, given, out)) return;
    const auto found = functions_.find(call.name);
    if (found == functions_.end() || call.schema == "pg_catalog") return;
    for (const RowTouch& touch : found->second.touches) out.add(RowAccess(touch.any));
    if (!found->second.opaque) return;
    out.opaque = true;
    ++unknown_functions_[call.name];
}

/// Whether it was a function of an advisory lock (PostgreSQL docs, "Advisory Lock Functions").
bool FootprintMaker::add_advisory(const sql::FunctionUse& call, const GivenValues& given, Footprint& out) const {
    BytesView name = call.name;
    if (!name.starts_with("pg_advisory_") && !name.starts_with("pg_try_advisory_")) return false;
    RowAccess lock;
    lock.relation = relations_.advisory();
    lock.lock = name.find("_shared") != BytesView::npos && name.find("unlock") == BytesView::npos ? RowLock::share
                                                                                                  : RowLock::update;
    std::vector<std::uint64_t> hashes;
    for (const auto& argument : call.arguments) {
        const auto value = argument ? given.hashes(*argument, pgwire::type_oid::int8) : std::nullopt;
        if (value && value->size() == 1) hashes.push_back(value->front());
    }
    lock.tries = name.starts_with("pg_try_");
    lock.releases = name.find("unlock") != BytesView::npos;
    const bool known = !hashes.empty() && hashes.size() == call.arguments.size();
    if (known) lock.keys.push_back({0, key_hash(hashes)});
    out.add(std::move(lock));
    return true;
}

}  // namespace understudy::replay
