#include "schema/hazard/read_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/sql/access.hpp"

namespace understudy::schema::hazard {
namespace {

using catalog::ControlConnection;
using catalog::Row;
using sql::RelationName;

constexpr const char* kUserSchemas = "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'";

template <class Number>
Number number_of(const std::optional<Bytes>& text, Number otherwise) {
    if (!text) return otherwise;
    Number value{};
    const auto result = std::from_chars(text->data(), text->data() + text->size(), value);
    return result.ec == std::errc() ? value : otherwise;
}

Bytes text_of(const std::optional<Bytes>& text) { return text.value_or(Bytes()); }
bool truth_of(const std::optional<Bytes>& text) { return text == Bytes("t"); }

/// Lists come one element a line: names may hold anything else but rarely a line break, which array syntax would take
/// more care of than a hint about locks is worth.
std::vector<Bytes> list_of(const std::optional<Bytes>& text) {
    std::vector<Bytes> list;
    if (!text || text->empty()) return list;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text->find('\n', begin);
        list.push_back(text->substr(begin, end - begin));
        if (end == Bytes::npos) return list;
        begin = end + 1;
    }
}

/// Fills a SchemaFacts query by query; relations are known by OID meanwhile.
class Reader {
public:
    Reader(ControlConnection& connection, const WantedFacts& wanted) : connection_(connection), wanted_(wanted) {}

    Result<SchemaFacts> read() {
        UNDERSTUDY_CHECK(connection_.begin_read_only());
        UNDERSTUDY_CHECK(settings());
        UNDERSTUDY_CHECK(relations());
        UNDERSTUDY_CHECK(columns());
        UNDERSTUDY_CHECK(constraints());
        UNDERSTUDY_CHECK(inheritance());
        UNDERSTUDY_CHECK(indexes());
        UNDERSTUDY_CHECK(dependents());
        UNDERSTUDY_CHECK(types());
        UNDERSTUDY_CHECK(functions());
        UNDERSTUDY_CHECK(connection_.commit());
        sum_partitions();
        return std::move(facts_);
    }

private:
    Result<void> settings() {
        UNDERSTUDY_TRY(const auto rows,
                       connection_.query("select current_setting('server_version_num'), array_to_string("
                                         "current_schemas(false), e'\\n'), current_setting('TimeZone')"));
        facts_.server_major = number_of<int>(rows.at(0).at(0), 0) / 10'000;
        facts_.search_path = list_of(rows.at(0).at(1));
        const Bytes zone = text_of(rows.at(0).at(2));
        facts_.time_zone_is_utc = zone == "UTC" || zone == "Etc/UTC" || zone == "GMT" || zone == "Etc/GMT";
        return {};
    }

    [[nodiscard]] std::string array_of(const std::set<Bytes>& names) const {
        std::string list;
        for (const Bytes& name : names) list += (list.empty() ? "" : ",") + connection_.quoted_literal(name);
        return fmt::format("array[{}]::text[]", list);
    }

    Result<void> relations() {
        UNDERSTUDY_TRY(
            const auto rows,
            connection_.query(fmt::format(
                "with recursive measured as (select c.oid from pg_class c where c.relname = any ({}) and c.relkind in "
                "('r','m','p') union select i.inhrelid from measured m join pg_inherits i on i.inhparent = m.oid) "
                "select c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint, case when c.oid in (select oid "
                "from "
                "measured) and c.relkind <> 'p' then pg_total_relation_size(c.oid) end from pg_class c join "
                "pg_namespace n "
                "on n.oid = c.relnamespace where c.relkind in ('r','p','m','v','f') and {} order by n.nspname, "
                "c.relname "
                "limit {}",
                array_of(wanted_.tables), kUserSchemas, kMaxRelations + 1)));
        if (rows.size() > kMaxRelations) {
            return make_error(Errc::limit, fmt::format("the database has more than {} relations", kMaxRelations));
        }
        for (const Row& row : rows) {
            by_oid_[text_of(row[0])] = facts_.tables.size();
            TableFacts& table = facts_.tables.emplace_back();
            table.name = {text_of(row[1]), text_of(row[2])};
            table.kind = text_of(row[3]).front();
            table.rows = static_cast<double>(number_of<std::int64_t>(row[4], -1));
            // Before 14 an unknown number was 0.
            if (facts_.server_major < 14 && table.rows == 0) table.rows = -1;
            table.bytes = number_of<std::uint64_t>(row[5], 0);
        }
        return {};
    }

    TableFacts* table(const std::optional<Bytes>& oid) {
        const auto found = by_oid_.find(text_of(oid));
        return found == by_oid_.end() ? nullptr : &facts_.tables[found->second];
    }

    Result<void> columns() {
        UNDERSTUDY_TRY(
            const auto rows,
            connection_.query(
                "select a.attrelid, a.attname, tn.nspname, t.typname, a.atttypmod, a.attnotnull from pg_attribute a "
                "join pg_type t on t.oid = a.atttypid join pg_namespace tn on tn.oid = t.typnamespace join "
                "pg_class c on c.oid = a.attrelid where a.attnum > 0 and not a.attisdropped and c.relkind in "
                "('r','p','m','v','f') and c.oid >= 16384 order by a.attrelid, a.attnum"));
        for (const Row& row : rows) {
            TableFacts* owner = table(row[0]);
            if (owner == nullptr) continue;
            owner->columns.push_back({text_of(row[1]), text_of(row[2]), text_of(row[3]),
                                      number_of<std::int32_t>(row[4], -1), truth_of(row[5])});
        }
        return {};
    }

    static sql::ConstraintKind kind_of(BytesView type) {
        switch (type.empty() ? ' ' : type.front()) {
            case 'c': return sql::ConstraintKind::check;
            case 'f': return sql::ConstraintKind::foreign_key;
            case 'n': return sql::ConstraintKind::not_null;
            case 'p': return sql::ConstraintKind::primary_key;
            case 'u': return sql::ConstraintKind::unique;
            case 'x': return sql::ConstraintKind::exclusion;
            default: return sql::ConstraintKind::none;
        }
    }

    Result<void> constraints() {
        const auto names = [](const char* relation, const char* numbers, const char* condition) {
            return fmt::format(
                "(select string_agg(a.attname, e'\\n') from pg_attribute a where a.attrelid = {} and a.attnum = any "
                "({}){})",
                relation, numbers, condition);
        };
        // A disjunction, a negation or a list of arguments around the test would prove nothing.
        const char* const proves =
            " and c.contype = 'c' and pg_get_expr(c.conbin, c.conrelid) !~ ' OR |NOT \\(|CASE |,' and "
            "position('(' || quote_ident(a.attname) || ' IS NOT NULL)' in pg_get_expr(c.conbin, c.conrelid)) > 0";
        UNDERSTUDY_TRY(const auto rows, connection_.query(fmt::format(
                                            "select c.conrelid, c.conname, c.contype, c.convalidated, {}, c.confrelid, "
                                            "{}, {}, c.conparentid <> 0 from "
                                            "pg_constraint c where c.conrelid >= 16384 order by c.conrelid, c.conname",
                                            names("c.conrelid", "c.conkey", ""), names("c.confrelid", "c.confkey", ""),
                                            names("c.conrelid", "c.conkey", proves))));
        for (const Row& row : rows) {
            TableFacts* owner = table(row[0]);
            if (owner == nullptr) continue;
            ConstraintFacts& constraint = owner->constraints.emplace_back();
            constraint.name = text_of(row[1]);
            constraint.kind = kind_of(text_of(row[2]));
            constraint.validated = truth_of(row[3]);
            constraint.columns = list_of(row[4]);
            constraint.referenced_columns = list_of(row[6]);
            constraint.proves_not_null = list_of(row[7]);
            constraint.inherited = truth_of(row[8]);
            if (TableFacts* referenced = table(row[5])) {
                constraint.references = referenced->name;
                auto& back = referenced->referenced_by;
                if (std::find(back.begin(), back.end(), owner->name) == back.end()) back.push_back(owner->name);
            }
        }
        return {};
    }

    Result<void> inheritance() {
        UNDERSTUDY_TRY(const auto rows,
                       connection_.query("select i.inhparent, i.inhrelid, p.partdefid = i.inhrelid from "
                                         "pg_inherits i left join pg_partitioned_table p on p.partrelid = "
                                         "i.inhparent order by 1, i.inhseqno, 2"));
        for (const Row& row : rows) {
            TableFacts* parent = table(row[0]);
            TableFacts* child = table(row[1]);
            if (parent == nullptr || child == nullptr) continue;
            parent->children.push_back(child->name);
            child->parents.push_back(parent->name);
            if (truth_of(row[2])) parent->default_partition = child->name;
        }
        return {};
    }

    Result<void> indexes() {
        UNDERSTUDY_TRY(
            const auto rows,
            connection_.query(
                "select i.indrelid, n.nspname, c.relname, i.indisvalid, (select string_agg(a.attname, e'\\n') from "
                "pg_attribute a where a.attrelid = i.indrelid and (a.attnum = any (i.indkey) or exists (select from "
                "pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = "
                "'pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))), i.indexprs is null "
                "and i.indpred is null from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on "
                "n.oid = c.relnamespace where i.indrelid >= 16384 order by i.indrelid, c.relname"));
        for (const Row& row : rows) {
            TableFacts* owner = table(row[0]);
            if (owner == nullptr) continue;
            owner->indexes.push_back({text_of(row[2]), truth_of(row[3]), list_of(row[4]), truth_of(row[5])});
            facts_.index_tables[{text_of(row[1]), text_of(row[2])}] = owner->name;
        }
        return {};
    }

    Result<void> dependents() {
        UNDERSTUDY_TRY(const auto rows,
                       connection_.query(
                           "select distinct r.ev_class, d.refobjid from pg_rewrite r join pg_depend d on d.classid = "
                           "'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass where "
                           "d.refobjid <> r.ev_class and r.ev_class >= 16384 order by 1, 2"));
        for (const Row& row : rows) {
            TableFacts* view = table(row[0]);
            TableFacts* source = table(row[1]);
            if (view == nullptr || source == nullptr) continue;
            view->reads.push_back(source->name);
            source->dependents.push_back(view->name);
        }
        return {};
    }

    Result<void> types() {
        UNDERSTUDY_TRY(
            const auto casts,
            connection_.query("select s.typname, t.typname from pg_cast c join pg_type s on s.oid = c.castsource join "
                              "pg_type t on t.oid = c.casttarget where c.castmethod = 'b'"));
        for (const Row& row : casts) facts_.binary_coercible.emplace(text_of(row[0]), text_of(row[1]));
        UNDERSTUDY_TRY(
            const auto domains,
            connection_.query("select t.typname, b.typname, t.typnotnull or exists (select from pg_constraint c where "
                              "c.contypid = t.oid) from pg_type t join pg_type b on b.oid = t.typbasetype where "
                              "t.typtype = 'd'"));
        for (const Row& row : domains) {
            facts_.domain_bases[text_of(row[0])] = text_of(row[1]);
            if (truth_of(row[2])) facts_.constrained_domains.insert(text_of(row[0]));
        }
        return {};
    }

    Result<void> functions() {
        UNDERSTUDY_TRY(const auto rows, connection_.query(fmt::format(
                                            "select p.proname, bool_or(p.provolatile = 'v') from pg_proc p join "
                                            "pg_language l on l.oid = p.prolang where p.proname = any ({}) "
                                            "group by 1 having not bool_or(p.provolatile = 'v' and "
                                            "l.lanname = 'sql')",
                                            array_of(wanted_.functions))));
        for (const Row& row : rows) {
            facts_.known_functions.insert(text_of(row[0]));
            if (truth_of(row[1])) facts_.volatile_functions.insert(text_of(row[0]));
        }
        return {};
    }

    void sum_partitions() {
        for (TableFacts& table : facts_.tables) {
            if (table.kind != 'p') continue;
            double rows = 0;
            for (const TableFacts* part : descendants(facts_, table)) {
                if (part->kind == 'p') continue;
                table.bytes += part->bytes;
                rows += std::max(part->rows, 0.0);
            }
            table.rows = std::max(table.rows, rows);
        }
    }

    ControlConnection& connection_;
    const WantedFacts& wanted_;
    SchemaFacts facts_;
    std::unordered_map<Bytes, std::size_t> by_oid_;
};

}  // namespace

Result<SchemaFacts> read_facts(ControlConnection& connection, const WantedFacts& wanted) {
    return Reader(connection, wanted).read();
}

void add_wanted(const std::vector<sql::DdlAction>& actions, BytesView statement, WantedFacts& wanted) {
    for (const sql::DdlAction& action : actions) {
        if (!action.relation.name.empty()) wanted.tables.insert(action.relation.name);
        if (!action.other.name.empty()) wanted.tables.insert(action.other.name);
        for (const sql::DdlConstraint& constraint : action.constraints) {
            if (!constraint.references.name.empty()) wanted.tables.insert(constraint.references.name);
        }
        if (action.expression) {
            wanted.functions.insert(action.expression->functions.begin(), action.expression->functions.end());
        }
        if (action.kind != sql::DdlKind::query) continue;
        const auto all = sql::statement_accesses(statement);
        for (const sql::StatementAccess& access : all ? *all : std::vector<sql::StatementAccess>()) {
            for (const sql::RelationAccess& relation : access.relations) wanted.tables.insert(relation.name);
        }
    }
}

}  // namespace understudy::schema::hazard
