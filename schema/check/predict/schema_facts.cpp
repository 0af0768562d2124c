#include "schema/check/predict/schema_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/control_connection.hpp"
#include "core/catalog/row_reader.hpp"

namespace understudy::schema {
namespace {

using catalog::ControlConnection;
using catalog::read_each;
using catalog::RowReader;

constexpr catalog::ControlLimits kLimits{Duration::seconds(30), Duration::seconds(2)};

std::string user_schema(const char* query) { return fmt::format("{} and {}", query, catalog::kUserSchema); }

RelationFacts& relation_of(SchemaFacts& facts, RowReader& row) {
    Bytes schema = row.text();
    Bytes name = row.text();
    return facts.relations[{std::move(schema), std::move(name)}];
}

Result<void> read_relations(ControlConnection& connection, SchemaFacts& facts) {
    UNDERSTUDY_CHECK(read_each(
        connection,
        user_schema("select n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, "
                    "c.relforcerowsecurity, case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end, "
                    "case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end, case when c.relkind = 'v' then "
                    "array_to_string(c.reloptions, ', ') end from pg_class c "
                    "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f')"),
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            relation.kind = row.letter();
            relation.owner = row.text();
            relation.row_security = row.boolean();
            relation.forced = row.boolean();
            relation.query = row.text();
            relation.partition_key = row.text();
            relation.options = row.text();
        }));
    return read_each(
        connection,
        user_schema(
            "select n.nspname, c.relname, a.attname, format_type(a.atttypid, null), "
            "format_type(a.atttypid, a.atttypmod), "
            "case when a.attgenerated = '' then pg_get_expr(d.adbin, 0) end, "
            "coalesce(o.collname, ''), a.attnotnull, a.attidentity <> '' or a.attgenerated <> '' "
            "from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace "
            "left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
            "left join pg_collation o on o.oid = a.attcollation "
            "where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')") +
            " order by a.attrelid, a.attnum",
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            ColumnFacts& column = relation.columns.emplace_back();
            for (Bytes* field :
                 {&column.name, &column.type, &column.full_type, &column.default_text, &column.collation}) {
                *field = row.text();
            }
            column.not_null = row.boolean();
            column.filled = row.boolean();
        });
}

/// Those that are no constraint. Their columns are all that their keys, expressions and predicate read (docs, "pg_depend").
Result<void> read_unique_indexes(ControlConnection& connection, SchemaFacts& facts) {
    return read_each(
        connection,
        user_schema(
            "select n.nspname, c.relname, ic.relname, (select string_agg(a.attname, E'\\n' order by a.attnum) from "
            "pg_attribute a where a.attrelid = i.indrelid and exists (select from pg_depend d where d.classid = "
            "'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass and d.refobjid = "
            "i.indrelid and d.refobjsubid = a.attnum)), (select string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' "
            "order by k) from generate_series(1, i.indnkeyatts) k), case when pg_get_indexdef(i.indexrelid) like "
            "'%) NULLS NOT DISTINCT%' then ' NULLS NOT DISTINCT' else '' end, coalesce(' WHERE ' || pg_get_expr(i.indpred, "
            "i.indrelid), '') from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_class c on c.oid = "
            "i.indrelid join pg_namespace n on n.oid = c.relnamespace where i.indisunique and i.indisvalid and not "
            "exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))"),
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            ConstraintFacts& constraint = relation.constraints[row.text()];
            constraint.type = 'u';
            constraint.columns = row.lines();
            const Bytes keys = row.text();
            const Bytes nulls = row.text();
            constraint.definition = fmt::format("UNIQUE ({}){}{}", keys, nulls, row.text());
        });
}

Result<void> read_constraints(ControlConnection& connection, SchemaFacts& facts) {
    constexpr const char* kNames =
        "(select string_agg(a.attname, E'\\n' order by o.ord) from unnest({}) with ordinality o(num, ord) "
        "join pg_attribute a on a.attrelid = {} and a.attnum = o.num)";
    const auto names = [&](const char* array, const char* relation) {
        return fmt::format(fmt::runtime(kNames), array, relation);
    };
    UNDERSTUDY_CHECK(read_each(
        connection,
        user_schema(
            ("select n.nspname, c.relname, k.conname, k.contype, " + names("k.conkey", "k.conrelid") +
             ", pg_get_constraintdef(k.oid), pg_get_expr(k.conbin, k.conrelid), rn.nspname, rc.relname, " +
             names("k.confkey", "k.confrelid") +
             ", k.confdeltype, k.confupdtype, k.condeferrable from pg_constraint k join pg_class c on c.oid = "
             "k.conrelid join pg_namespace n on n.oid = c.relnamespace left join pg_class rc on rc.oid = k.confrelid "
             "left join pg_namespace rn on rn.oid = rc.relnamespace where k.contype in ('c', 'f', 'p', 'u', 'x')")
                .c_str()),
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            ConstraintFacts& constraint = relation.constraints[row.text()];
            constraint.type = row.letter();
            constraint.columns = row.lines();
            constraint.definition = row.text();
            constraint.expression = row.text();
            constraint.referenced_schema = row.text();
            constraint.referenced = row.text();
            constraint.referenced_columns = row.lines();
            constraint.on_delete = row.letter();
            constraint.on_update = row.letter();
            constraint.deferrable = row.boolean();
        }));
    return read_unique_indexes(connection, facts);
}

Result<void> read_indexes(ControlConnection& connection, SchemaFacts& facts) {
    return read_each(connection,
                    user_schema("select n.nspname, c.relname, ic.relname, a.attname from pg_index i join pg_class ic on "
                                "ic.oid = i.indexrelid join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = "
                                "c.relnamespace join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] "
                                "where i.indisvalid"),
                    [&](RowReader& row) {
                        RelationFacts& relation = relation_of(facts, row);
                        Bytes name = row.text();
                        relation.indexes[std::move(name)] = row.text();
                    });
}

Result<void> read_triggers(ControlConnection& connection, SchemaFacts& facts) {
    UNDERSTUDY_CHECK(read_each(
        connection,
        user_schema(
            "select n.nspname, c.relname, t.tgname, replace(pg_get_triggerdef(t.oid), 'TRIGGER ' || "
            "quote_ident(t.tgname), 'TRIGGER'), p.proname, p.prosrc || p.prosecdef::text, t.tgenabled in ('O', 'A'), "
            "t.tgtype & 66 <> 0, t.tgtype & 4 <> 0, t.tgtype & 16 <> 0, t.tgtype & 8 <> 0 from pg_trigger t "
            "join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace "
            "join pg_proc p on p.oid = t.tgfoid where not t.tgisinternal"),
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            TriggerFacts& trigger = relation.triggers[row.text()];
            trigger.definition = row.text();
            trigger.function = row.text();
            trigger.source = row.text();
            trigger.enabled = row.boolean();
            trigger.before = row.boolean();
            for (const char event : {'i', 'u', 'd'}) {
                if (row.boolean()) trigger.events.insert(event);
            }
        }));
    UNDERSTUDY_CHECK(
        read_each(connection,
                 user_schema("select n.nspname, c.relname, r.rulename, r.ev_enabled::text || "
                             "pg_get_ruledef(r.oid) from pg_rewrite r join pg_class c on c.oid = r.ev_class "
                             "join pg_namespace n on n.oid = c.relnamespace where r.rulename <> '_RETURN'"),
                 [&](RowReader& row) {
                     RelationFacts& relation = relation_of(facts, row);
                     Bytes name = row.text();
                     relation.rules[std::move(name)] = row.text();
                 }));
    return read_each(
        connection,
        user_schema(
            "select n.nspname, c.relname, l.polname, l.polcmd, case when 0 = any(l.polroles) then '' else (select "
            "string_agg(pg_get_userbyid(o), E'\\n') from unnest(l.polroles) o) end, l.polpermissive::text || ' ' || "
            "coalesce(pg_get_expr(l.polqual, l.polrelid), '') || ' / ' || "
            "coalesce(pg_get_expr(l.polwithcheck, l.polrelid), ''), l.polpermissive and "
            "coalesce(pg_get_expr(l.polqual, l.polrelid), 'true') = 'true' and "
            "coalesce(pg_get_expr(l.polwithcheck, l.polrelid), 'true') = 'true' from pg_policy l "
            "join pg_class c on c.oid = l.polrelid join pg_namespace n on n.oid = c.relnamespace where true"),
        [&](RowReader& row) {
            RelationFacts& relation = relation_of(facts, row);
            PolicyFacts& policy = relation.policies[row.text()];
            policy.command = row.letter();
            for (Bytes& role : row.lines()) policy.roles.insert(std::move(role));
            policy.text = row.text();
            policy.everything = row.boolean();
        });
}

Result<void> read_others(ControlConnection& connection, SchemaFacts& facts) {
    const auto keyed = [](std::map<QualifiedName, Bytes>& into) {
        return [&into](RowReader& row) {
            Bytes schema = row.text();
            Bytes name = row.text();
            into[{std::move(schema), std::move(name)}] = row.text();
        };
    };
    UNDERSTUDY_CHECK(read_each(
        connection,
        user_schema("select n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), "
                    "case when p.prokind in ('f', 'p') then md5(pg_get_functiondef(p.oid)) else '' end from pg_proc p "
                    "join pg_namespace n on n.oid = p.pronamespace where true"),
        [&](RowReader& row) {
            Bytes schema = row.text();
            Bytes name = row.text();
            auto& overloads = facts.functions[{std::move(schema), std::move(name)}];
            Bytes arguments = row.text();
            overloads[std::move(arguments)] = row.text();
        }));
    UNDERSTUDY_CHECK(
        read_each(connection,
                 user_schema("select n.nspname, t.typname, string_agg(pg_get_constraintdef(k.oid), ' ' order by "
                             "pg_get_constraintdef(k.oid)) from pg_constraint k join pg_type t on t.oid = "
                             "k.contypid join pg_namespace n on n.oid = t.typnamespace where k.contype = 'c'") +
                     " group by 1, 2",
                 keyed(facts.domains)));
    UNDERSTUDY_CHECK(read_each(connection,
                              "select format_type(e.enumtypid, null), e.enumlabel from pg_enum e order by e.enumtypid, "
                              "e.enumsortorder",
                              [&](RowReader& row) {
                                  std::vector<Bytes>& labels = facts.enums[row.text()];
                                  labels.push_back(row.text());
                              }));
    UNDERSTUDY_CHECK(
        read_each(connection,
                 user_schema("select n.nspname, c.relname, format('minimum %s, maximum %s, increment %s%s', "
                             "s.seqmin, s.seqmax, s.seqincrement, case when s.seqcycle then ', cycle' end) from "
                             "pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = "
                             "c.relnamespace where true"),
                 keyed(facts.sequences)));
    UNDERSTUDY_CHECK(
        read_each(connection,
                 "select case when s.setrole = 0 then '' else pg_get_userbyid(s.setrole) end, "
                 "split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) from pg_db_role_setting s, "
                 "unnest(s.setconfig) c where s.setdatabase = (select oid from pg_database where datname = "
                 "current_database())",
                 keyed(facts.settings)));
    UNDERSTUDY_CHECK(read_each(connection, "select rolname from pg_roles where rolsuper or rolbypassrls",
                              [&](RowReader& row) { facts.unbound_roles.insert(row.text()); }));
    return read_each(
        connection,
        user_schema("select r.rolname, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = "
                    "c.relnamespace cross join pg_roles r where c.relkind = 'S' and r.rolname !~ '^pg_' and "
                    "has_sequence_privilege(r.oid, c.oid, 'usage, update')"),
        [&](RowReader& row) {
            Bytes role = row.text();
            Bytes schema = row.text();
            facts.sequence_users.insert({std::move(role), {std::move(schema), row.text()}});
        });
}

}  // namespace

const ColumnFacts* RelationFacts::column(BytesView name) const {
    for (const ColumnFacts& each : columns) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

Result<SchemaFacts> read_schema_facts(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, kLimits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    // All that is not of pg_catalog is written with its schema, whatever the settings of role and database.
    UNDERSTUDY_CHECK(connection.query("set local search_path = pg_catalog"));
    SchemaFacts facts;
    UNDERSTUDY_CHECK(read_relations(connection, facts));
    UNDERSTUDY_CHECK(read_constraints(connection, facts));
    UNDERSTUDY_CHECK(read_indexes(connection, facts));
    UNDERSTUDY_CHECK(read_triggers(connection, facts));
    UNDERSTUDY_CHECK(read_others(connection, facts));
    UNDERSTUDY_CHECK(connection.commit());
    return facts;
}

}  // namespace understudy::schema
