#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/canonical_text.hpp"
#include "schema/fidelity/read_environment.hpp"

namespace understudy::schema::fidelity {
namespace {

using catalog::Row;

constexpr std::size_t kTablesAtOnce = 50;

double number_of(const std::optional<Bytes>& text) {
    double value = 0;
    if (!text) return 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
    return parsed.ec == std::errc() && std::isfinite(value) ? value : 0;
}

std::uint64_t count_of(const std::optional<Bytes>& text) {
    const double value = number_of(text);
    return value <= 0      ? 0
           : value >= 9e18 ? std::uint64_t{9'000'000'000'000'000'000}
                           : static_cast<std::uint64_t>(value);
}

Result<std::vector<double>> numbers_of(const std::optional<Bytes>& array) {
    UNDERSTUDY_TRY(const auto items, catalog::parse_text_array(array.value_or("{}")));
    std::vector<double> numbers;
    for (const Bytes& item : items) numbers.push_back(number_of(item));
    return numbers;
}

/// A place in the histogram as a number; $x is its text.
constexpr const char* kAsNumber =
    "case when t.typname in ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8') then ({0})::float8"
    " when t.typname in ('date', 'timestamp') then extract(epoch from ({0})::timestamp)::float8"
    " when t.typname = 'timestamptz' then extract(epoch from ({0})::timestamptz)::float8 end";

/// All is computed on the server: bounds and values stay there.
std::string columns_query(const std::string& where, const Bytes& key, const std::string& quoted_key) {
    const std::string digests =
        key.empty() ? "'{}'"
                    : fmt::format(
                          "coalesce((select array_agg(encode(substr(sha256(convert_to({} || v.x,"
                          " getdatabaseencoding())), 1, 6), 'hex') order by v.n)::text from"
                          " unnest((s.most_common_vals::text::text[])[1:{}]) with ordinality v(x, n)), '{{}}')",
                          quoted_key, kMaxCommon);
    const std::string number =
        fmt::format(fmt::runtime(kAsNumber), "h.b[1 + ((array_length(h.b, 1) - 1) * k / 10.0)::int]");
    return fmt::format(
        "select s.tablename, s.attname, s.null_frac, s.n_distinct, coalesce(s.correlation, 0),"
        " coalesce(s.most_common_freqs[1:{most}]::text, '{{}}'), {digests}, coalesce(p.positions, '{{}}'), p.age"
        " from pg_stats s join pg_namespace n on n.nspname = s.schemaname"
        " join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename and s.inherited = (c.relkind = 'p')"
        " join pg_attribute a on a.attrelid = c.oid and a.attname = s.attname join pg_type t on t.oid = a.atttypid"
        " cross join lateral (select case when t.typname in ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8',"
        " 'date', 'timestamp', 'timestamptz') and t.typnamespace = 'pg_catalog'::regnamespace then"
        " s.histogram_bounds::text::text[] end as b) h"
        " cross join lateral (select case when bool_and(q.v not in ('NaN', 'Infinity', '-Infinity')) and max(q.v) >"
        " min(q.v) then (array_agg(round(((q.v - q.low) / (q.high - q.low))::numeric, 2) order by q.k))[2:10]::text end"
        " as positions, case when t.typname in ('date', 'timestamp', 'timestamptz') then {age} end as age"
        " from (select k, v, min(v) over () as low, max(v) over () as high from (select k, {number} as v"
        " from generate_series(0, 10) k where h.b is not null) w) q) p where {where}",
        fmt::arg("most", kMaxCommon), fmt::arg("digests", digests), fmt::arg("number", number),
        fmt::arg("where", where),
        fmt::arg("age",
                 "(select case when max(e.age) is null then null when min(e.age) < 0 then -1 when min(e.age) < 2 then 0"
                 " else floor(log(2, min(e.age)::numeric)) end from (select extract(epoch from now() -"
                 " x::timestamptz)::float8 / 3600 as age from unnest(array_cat(s.most_common_vals::text::text[],"
                 " s.histogram_bounds::text::text[])) x where x not in ('infinity', '-infinity')) e)"));
}

class Columns {
public:
    Columns(Asking& asking, const Bytes& key)
        : asking_(asking), key_(key), quoted_key_(asking.connection().quoted_literal(key)) {}

    Result<void> read() {
        std::vector<const TableFact*> chosen;
        for (const TableFact& table : asking_.out().tables) chosen.push_back(&table);
        std::stable_sort(chosen.begin(), chosen.end(),
                         [](const TableFact* a, const TableFact* b) { return a->bytes > b->bytes; });
        if (chosen.size() > kMaxStatisticsTables) {
            asking_.unread("statistics", fmt::format("of the {} tables that are not among the {} largest",
                                                     chosen.size() - kMaxStatisticsTables, kMaxStatisticsTables));
            chosen.resize(kMaxStatisticsTables);
        }
        std::stable_sort(chosen.begin(), chosen.end(),
                         [](const TableFact* a, const TableFact* b) { return a->schema < b->schema; });
        for (std::size_t begin = 0; begin < chosen.size();) {
            std::size_t end = begin + 1;
            while (end < chosen.size() && end - begin < kTablesAtOnce && chosen[end]->schema == chosen[begin]->schema) {
                ++end;
            }
            UNDERSTUDY_CHECK(piece(chosen, begin, end));
            begin = end;
        }
        if (failed_ > 0) {
            asking_.unread("statistics",
                           fmt::format("of {} tables: the server refused the question, or it took too long", failed_));
        }
        if (beyond_ > 0) asking_.unread("statistics", fmt::format("of {} columns beyond {}", beyond_, kMaxColumns));
        return {};
    }

private:
    Result<void> piece(const std::vector<const TableFact*>& tables, std::size_t begin, std::size_t end) {
        std::string names;
        for (std::size_t i = begin; i < end; ++i) {
            names += fmt::format("{}{}", i == begin ? "" : ",", asking_.connection().quoted_literal(tables[i]->name));
        }
        const std::string where = fmt::format("s.schemaname = {} and s.tablename in ({})",
                                              asking_.connection().quoted_literal(tables[begin]->schema), names);
        const std::size_t unread_before = asking_.out().unread.size();
        UNDERSTUDY_TRY(const auto rows,
                       asking_.ask("statistics", columns_query(where, key_, quoted_key_), Asking::Message::withheld));
        if (rows) {
            for (const Row& row : *rows) UNDERSTUDY_CHECK(take(*tables[begin], tables, begin, end, row));
            return {};
        }
        // One by one, so that only the table that is to blame stays unread; counted, in place of each message.
        asking_.out().unread.resize(unread_before);
        if (end - begin == 1) {
            ++failed_;
            return {};
        }
        for (std::size_t i = begin; i < end && failed_ < kMaxFailures; ++i) UNDERSTUDY_CHECK(piece(tables, i, i + 1));
        return {};
    }

    Result<void> take(const TableFact& any, const std::vector<const TableFact*>& tables, std::size_t begin,
                      std::size_t end, const Row& row) {
        if (asking_.out().columns.size() >= kMaxColumns) {
            ++beyond_;
            return {};
        }
        ColumnFact column;
        column.schema = any.schema;
        column.table = row.at(0).value_or("");
        column.column = row.at(1).value_or("");
        column.null_share = number_of(row.at(2));
        column.distinct = number_of(row.at(3));
        if (column.distinct < 0) {
            const auto* const* found = std::find_if(&tables[begin], &tables[begin] + (end - begin),
                                                    [&](const TableFact* one) { return one->name == column.table; });
            const double rows = found == &tables[begin] + (end - begin) ? -1 : (*found)->rows;
            column.distinct = rows < 0 ? -1 : std::round(-column.distinct * rows);
        }
        column.correlation = number_of(row.at(4));
        UNDERSTUDY_TRY(column.common, numbers_of(row.at(5)));
        UNDERSTUDY_TRY(column.common_digests, catalog::parse_text_array(row.at(6).value_or("{}")));
        UNDERSTUDY_TRY(column.positions, numbers_of(row.at(7)));
        if (row.at(8)) column.newest_age = static_cast<int>(std::clamp(number_of(row.at(8)), -1.0, 64.0));
        asking_.out().columns.push_back(std::move(column));
        return {};
    }

    /// After so many refusals the server has something against the question itself.
    static constexpr std::size_t kMaxFailures = 200;
    Asking& asking_;
    Bytes key_;
    std::string quoted_key_;
    std::size_t failed_ = 0;
    std::uint64_t beyond_ = 0;
};

}  // namespace

Result<void> read_tables(Asking& asking, int version) {
    // Before 14 an unknown number of rows was 0.
    const std::string known = version >= 140000 ? "c.reltuples >= 0" : "(c.reltuples > 0 or c.relpages > 0)";
    UNDERSTUDY_TRY(
        const auto rows,
        asking.ask(
            "sizes of tables",
            fmt::format(
                "select n.nspname, t.relname, sum(p.rows), bool_and(p.unknown), sum(p.pages), sum(p.index_pages),"
                " sum(p.live), sum(p.dead), count(*) filter (where p.relispartition and p.relkind <> 'p')"
                " from (select case when c.relispartition then pg_partition_root(c.oid) else c.oid end as root,"
                " c.relkind, c.relispartition, case when c.relkind = 'p' then 0 when {known} then c.reltuples::float8"
                " else pg_stat_get_live_tuples(c.oid) end as rows, c.relkind <> 'p' and not {known} and"
                " pg_stat_get_live_tuples(c.oid) = 0 as unknown, case when c.relkind = 'p' then 0 else c.relpages end "
                "as"
                " pages, (select coalesce(sum(x.relpages), 0) from pg_index i join pg_class x on x.oid = i.indexrelid"
                " where i.indrelid = c.oid and x.relkind = 'i') as index_pages, pg_stat_get_live_tuples(c.oid) as live,"
                " pg_stat_get_dead_tuples(c.oid) as dead from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where c.relkind in ('r', 'm', 'p') and c.relpersistence <> 't' and {user}) p"
                " join pg_class t on t.oid = p.root join pg_namespace n on n.oid = t.relnamespace"
                " group by n.nspname, t.relname order by sum(p.pages) desc limit {most}",
                fmt::arg("known", known), fmt::arg("user", catalog::kUserSchema), fmt::arg("most", kMaxTables + 1))));
    if (!rows) return {};
    const Bytes* block = nullptr;
    for (const Fact& fact : asking.out().facts) {
        if (fact.name == "block size") block = &fact.value;
    }
    const std::uint64_t block_size = block == nullptr ? 8192 : count_of(*block);
    for (const Row& row : *rows) {
        if (asking.out().tables.size() == kMaxTables) {
            asking.unread("sizes of tables", fmt::format("of those beyond the {} largest", kMaxTables));
            break;
        }
        TableFact table;
        table.schema = row.at(0).value_or("");
        table.name = row.at(1).value_or("");
        table.rows = row.at(3) == "t" ? -1 : std::round(number_of(row.at(2)));
        table.bytes = count_of(row.at(4)) * block_size;
        table.index_bytes = count_of(row.at(5)) * block_size;
        const double live = number_of(row.at(6));
        const double dead = number_of(row.at(7));
        table.dead_share = live + dead > 0 ? std::round(1000 * dead / (live + dead)) / 1000 : 0;
        table.partitions = count_of(row.at(8));
        asking.out().tables.push_back(std::move(table));
    }
    return {};
}

Result<void> read_columns(Asking& asking, const Bytes& statistics_key) {
    return Columns(asking, statistics_key).read();
}

}  // namespace understudy::schema::fidelity
