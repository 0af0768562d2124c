#include "replay/order/footprint.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::replay {
namespace {

using sql::AccessKind;
using sql::RowLock;

const sql::ColumnValues* column_named(const std::vector<sql::ColumnValues>& columns, BytesView name) {
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [name](const sql::ColumnValues& column) { return column.column == name; });
    return at == columns.end() ? nullptr : &*at;
}

bool is_key_column(const RelationInfo& info, const Bytes& column) {
    return std::any_of(info.keys.begin(), info.keys.end(), [&](const UniqueKey& key) {
        return std::any_of(key.columns.begin(), key.columns.end(),
                           [&](const KeyColumn& part) { return part.name == column; });
    });
}

RowLock lock_of(const sql::RelationAccess& access, const RelationInfo& info) {
    switch (access.kind) {
        case AccessKind::read: return RowLock::none;
        case AccessKind::lock: return access.lock;
        case AccessKind::update:
            return std::any_of(access.sets.begin(), access.sets.end(),
                               [&](const Bytes& column) { return is_key_column(info, column); })
                       ? RowLock::update
                       : RowLock::no_key_update;
        case AccessKind::insert:
        case AccessKind::delete_:
        case AccessKind::whole: break;
    }
    return RowLock::update;
}

/// Calls on(hashes of the columns) for each combination; false when one is not known or there are too many.
template <class On>
bool for_each_key(const UniqueKey& key, const auto& values, On&& on) {
    std::vector<std::vector<std::uint64_t>> choices;
    std::size_t combinations = 1;
    for (const KeyColumn& column : key.columns) {
        auto known = values(column.name, column.type_oid);
        if (!known) return false;
        combinations *= known->size();
        if (combinations > FootprintMaker::kMaxAlternatives) return false;
        choices.push_back(std::move(*known));
    }
    std::vector<std::uint64_t> chosen(choices.size());
    for (std::size_t n = 0; n < combinations; ++n) {
        std::size_t rest = n;
        for (std::size_t i = 0; i < choices.size(); ++i) {
            chosen[i] = choices[i][rest % choices[i].size()];
            rest /= choices[i].size();
        }
        on(key_hash(chosen));
    }
    return true;
}

/// `like` for each row that the values fix, by the keys that they fix; for any row when they fix none.
void add_rows(const RelationInfo& info, const auto& values, const RowAccess& like, Footprint& out) {
    std::vector<std::vector<RowKey>> by_key;
    std::size_t fewest = SIZE_MAX;
    for (std::size_t key = 0; key < info.keys.size(); ++key) {
        std::vector<RowKey> rows;
        const bool known = for_each_key(info.keys[key], values, [&](std::uint64_t hash) {
            rows.push_back({static_cast<std::uint8_t>(key), hash});
        });
        if (!known) continue;
        fewest = std::min(fewest, rows.size());
        by_key.push_back(std::move(rows));
    }
    RowAccess access = like;
    if (by_key.empty()) return out.add(std::move(access));
    if (fewest == 1) {  // one row: by all keys that say so
        for (const auto& rows : by_key) {
            if (rows.size() == 1) access.keys.push_back(rows.front());
        }
        return out.add(std::move(access));
    }
    for (const RowKey& row : by_key.front()) {
        access.keys = {row};
        out.add(RowAccess(access));
    }
}

}  // namespace

FootprintMaker::FootprintMaker(const catalog::Catalog& catalog, RelationMap& relations, const Digester& digester,
                               const std::vector<Bytes>& harmless)
    : relations_(relations), digester_(digester) {
    for (const catalog::Function& function : catalog.functions) {
        if (function.kind != 'f' && function.kind != 'p') continue;
        if (std::find(harmless.begin(), harmless.end(), function.name) != harmless.end()) continue;
        FunctionFacts& facts = functions_[function.name];
        facts.opaque = facts.opaque || (!function.touches_known && function.volatility == 'v');
        const std::vector<RowTouch> touched = relations.touched_by(function);
        facts.touches.insert(facts.touches.end(), touched.begin(), touched.end());
    }
}

Footprint FootprintMaker::make(const sql::StatementAccess& statement, const GivenValues& given) {
    Footprint out;
    out.opaque = statement.opaque;
    for (const sql::RelationAccess& access : statement.relations) {
        for (const RelationIndex relation : relations_.named(access.schema, access.name)) {
            add_access(statement, access, relation, given, out);
        }
    }
    for (const sql::FunctionUse& call : statement.functions) add_function(call, given, out);
    out.effect = out.effect || out.opaque;
    return out;
}

void FootprintMaker::add_access(const sql::StatementAccess& statement, const sql::RelationAccess& access,
                                RelationIndex relation, const GivenValues& given, Footprint& out) {
    const RelationInfo& info = relations_.info(relation);
    add_indirect(access, info, out);
    if (!info.stands_for.empty()) return;
    if (access.kind == AccessKind::insert) return add_inserted(access, relation, given, out);
    RowAccess like;
    like.relation = relation;
    like.lock = lock_of(access, info);
    like.reads = true;
    like.tries = access.skip_locked || access.nowait;
    like.writes = access.kind != AccessKind::read && access.kind != AccessKind::lock;
    const auto fixed_values = [&](const Bytes& column, std::uint32_t type) -> std::optional<std::vector<std::uint64_t>> {
        const sql::ColumnValues* fixed = column_named(access.equal, column);
        if (fixed == nullptr) return std::nullopt;
        std::vector<std::uint64_t> all;
        for (const sql::ValueRef& ref : fixed->values) {
            const auto some = given.hashes(ref, type);
            if (!some || all.size() + some->size() > kMaxAlternatives) return std::nullopt;
            all.insert(all.end(), some->begin(), some->end());
        }
        return all;
    };
    add_rows(info, fixed_values, like, out);
    if (like.writes) {
        add_touches(
            access.kind, info,
            [&](const Bytes& column, std::uint32_t type) {
                const bool set = std::find(access.sets.begin(), access.sets.end(), column) != access.sets.end();
                return set ? std::nullopt : fixed_values(column, type);
            },
            out);
    }
    if (access.kind != AccessKind::update) return;
    const auto stored = [&](const Bytes& column, std::uint32_t type) -> std::optional<std::vector<std::uint64_t>> {
        const bool set = std::find(access.sets.begin(), access.sets.end(), column) != access.sets.end();
        if (!set) return std::vector<std::uint64_t>();
        for (const sql::ValueTie& tie : statement.ties) {
            const bool same = tie.use == sql::ValueTie::Use::stored && tie.table == access.name;
            if (same && tie.column == column) return given.hashes(tie.value, type);
        }
        return std::nullopt;
    };
    add_parents(info, stored, out);
}

/// What lies behind the relation: a view's tables, a table's partitions, what triggers do, what deleting brings about.
void FootprintMaker::add_indirect(const sql::RelationAccess& access, const RelationInfo& info, Footprint& out) const {
    const bool writes = access.kind != AccessKind::read && access.kind != AccessKind::lock;
    for (const RelationIndex base : info.stands_for) {
        RowAccess any;
        any.relation = base;
        any.reads = true;
        any.writes = writes;
        any.lock = lock_of(access, relations_.info(base));
        out.add(std::move(any));
    }
    if (!writes) return;
    out.opaque = out.opaque || info.unknown_on_write;
    if (!info.stands_for.empty()) {  // INSTEAD OF
        for (const RowTouch& touch : info.on_write) out.add(RowAccess(touch.any));
    }
    if (access.kind != AccessKind::delete_ && access.kind != AccessKind::whole) return;
    std::vector<RelationIndex> seen;
    add_children(info, seen, out);
}

void FootprintMaker::add_inserted(const sql::RelationAccess& access, RelationIndex relation, const GivenValues& given,
                                  Footprint& out) const {
    const RelationInfo& info = relations_.info(relation);
    const auto name_in_row = [&](const Bytes& column) {
        if (!access.columns.empty()) return column;
        const auto at = std::find(info.columns.begin(), info.columns.end(), column);
        return Bytes(std::to_string(at - info.columns.begin() + 1));
    };
    if (!access.rows_known || access.rows.size() > kMaxRows) {
        return add_inserted_row(
            access, relation,
            [&](const Bytes& column, std::uint32_t) -> std::optional<std::vector<std::uint64_t>> {
                const bool left_out = !access.columns.empty() && std::find(access.columns.begin(), access.columns.end(),
                                                                           column) == access.columns.end();
                return left_out ? std::optional(std::vector<std::uint64_t>()) : std::nullopt;
            },
            out);
    }
    for (const std::vector<sql::ColumnValues>& row : access.rows) {
        add_inserted_row(
            access, relation,
            [&](const Bytes& column, std::uint32_t type) -> std::optional<std::vector<std::uint64_t>> {
                const sql::ColumnValues* stored = column_named(row, name_in_row(column));
                if (stored != nullptr && stored->values.size() == 1) return given.hashes(stored->values[0], type);
                const bool named = access.columns.empty() || std::find(access.columns.begin(), access.columns.end(),
                                                                       column) != access.columns.end();
                return named ? std::nullopt : std::optional(std::vector<std::uint64_t>());
            },
            out);
    }
}

/// `values`: empty for a column that is left to its default.
void FootprintMaker::add_inserted_row(const sql::RelationAccess& access, RelationIndex relation, const ValuesOf& values,
                                      Footprint& out) const {
    const RelationInfo& info = relations_.info(relation);
    RowAccess row;
    row.relation = relation;
    row.writes = true;
    row.reads = access.conflict_skips || access.conflict_updates;
    row.lock = RowLock::update;
    row.fresh = !row.reads;
    for (std::size_t number = 0; number < info.keys.size(); ++number) {
        const UniqueKey& key = info.keys[number];
        std::vector<std::uint64_t> hashes;
        bool known = true;
        bool left_out = true;
        for (const KeyColumn& column : key.columns) {
            const auto value = values(column.name, column.type_oid);
            left_out = left_out && value && value->empty();
            known = known && value && value->size() == 1;
            if (known) hashes.push_back(value->front());
        }
        if (known) row.keys.push_back({static_cast<std::uint8_t>(number), key_hash(hashes)});
        if (!known && !(left_out && key.generated)) row.fresh = false;
    }
    if (info.keys.empty()) row.fresh = true;  // nothing that another row could collide with
    out.add(std::move(row));
    add_parents(info, values, out);
    add_touches(sql::AccessKind::insert, info, values, out);
}

void FootprintMaker::add_returned_keys(Footprint& footprint, const StepResult& result) const {
    RowAccess* inserted = nullptr;
    std::size_t rows = 0;
    for (RowAccess& access : footprint.rows) {
        if (!access.writes || access.lock != RowLock::update) continue;
        if (rows > 0 && access.relation != inserted[0].relation) return;
        if (rows == 0) inserted = &access;
        ++rows;
    }
    if (rows != 1 || result.rows != 1 || result.digest.cells.empty()) return;
    const RelationInfo& info = relations_.info(inserted->relation);
    ByteReader reader(result.row_description);
    const std::uint16_t columns = reader.u16();
    std::vector<Bytes> names;
    for (std::size_t i = 0; i < columns && reader.ok(); ++i) {
        names.emplace_back(reader.c_string());
        reader.bytes(18);
    }
    if (!reader.ok() || names.size() != result.digest.cells.size()) return;
    for (std::size_t number = 0; number < info.keys.size(); ++number) {
        const UniqueKey& key = info.keys[number];
        const auto has = [number](const RowKey& known) { return known.key == number; };
        if (std::any_of(inserted->keys.begin(), inserted->keys.end(), has)) continue;
        std::vector<std::uint64_t> hashes;
        for (const KeyColumn& column : key.columns) {
            const auto at = std::find(names.begin(), names.end(), column.name);
            if (at != names.end()) hashes.push_back(result.digest.cells[static_cast<std::size_t>(at - names.begin())]);
        }
        if (hashes.size() == key.columns.size())
            inserted->keys.push_back({static_cast<std::uint8_t>(number), key_hash(hashes)});
    }
}

}  // namespace understudy::replay
