#include "schema/fidelity/environment_codec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "schema/fidelity/json_values.hpp"

namespace understudy::schema::fidelity {
namespace {

/// What stands between the two objects. Texts hold no raw line ends, so it is nowhere else.
constexpr BytesView kBetween = "\n}\n{";

void put(JsonText& out, const TableFact& table) {
    out.text("schema", table.schema);
    out.text("name", table.name);
    out.number("rows", table.rows);
    out.count("bytes", table.bytes);
    out.count("index_bytes", table.index_bytes);
    out.number("dead_share", table.dead_share);
    out.count("partitions", table.partitions);
}

TableFact table_of(JsonMembers& in) {
    TableFact table;
    table.schema = in.text("schema");
    table.name = in.text("name");
    table.rows = in.number("rows");
    table.bytes = in.count("bytes");
    table.index_bytes = in.count("index_bytes");
    table.dead_share = in.number("dead_share");
    table.partitions = in.count("partitions");
    return table;
}

void put(JsonText& out, const ColumnFact& column) {
    out.text("schema", column.schema);
    out.text("table", column.table);
    out.text("column", column.column);
    out.number("null_share", column.null_share);
    out.number("distinct", column.distinct);
    out.numbers("common", column.common);
    out.texts("common_digests", column.common_digests);
    out.numbers("positions", column.positions);
    if (column.newest_age) {
        out.integer("newest_age", *column.newest_age);
    } else {
        out.nothing("newest_age");
    }
    out.number("correlation", column.correlation);
}

ColumnFact column_of(JsonMembers& in) {
    ColumnFact column;
    column.schema = in.text("schema");
    column.table = in.text("table");
    column.column = in.text("column");
    column.null_share = in.number("null_share");
    column.distinct = in.number("distinct");
    column.common = in.numbers("common", kMaxCommon);
    column.common_digests = in.texts("common_digests", kMaxCommon);
    column.positions = in.numbers("positions", kPositions);
    column.newest_age = in.integer_or_nothing("newest_age");
    column.correlation = in.number("correlation");
    // Beyond these bounds ldexp() and printed ages would mean nothing.
    constexpr int kOldest = 64;
    if (column.newest_age && (*column.newest_age < -1 || *column.newest_age > kOldest)) in.fail();
    return column;
}

template <class Entries, class Put>
void put_list(JsonText& out, const char* name, const Entries& entries, Put put_one) {
    out.begin_list(name);
    for (const auto& entry : entries) {
        out.begin_entry();
        put_one(entry);
        out.end();
    }
    out.end_list();
}

Result<Environment> parse_facts(BytesView text) {
    const auto json = JsonMembers::Json::parse(text.begin(), text.end(), nullptr, false);
    if (!json.is_object()) return make_error(Errc::malformed, "it is no JSON of fidelity snapshot");
    JsonMembers in(json);
    const std::uint64_t format = in.count("understudy_environment");
    if (in.ok() && format > kEnvironmentFormat) {
        return make_error(Errc::unsupported,
                          fmt::format("it is an environment of format {}, and this program knows up to {}: use a newer "
                                      "understudy",
                                      format, kEnvironmentFormat));
    }
    Environment result;
    result.taken = Timestamp::from_ns(static_cast<std::int64_t>(in.count("taken_ns") & INT64_MAX));
    result.keyed = in.truth("keyed");
    result.key_id = in.text("key_id");
    read_list(in, "facts", kMaxEntries, result.facts, [](JsonMembers& one) {
        return Fact{one.text("name"), one.text("value")};
    });
    read_list(in, "settings", kMaxEntries, result.settings, [](JsonMembers& one) {
        return SettingFact{one.text("name"), one.text("value"), one.text("source")};
    });
    read_list(in, "roles", kMaxEntries, result.roles, [](JsonMembers& one) {
        return RoleFact{one.text("name"), one.texts("traits", 16), one.texts("member_of", kMaxEntries)};
    });
    read_list(in, "tables", kMaxTables, result.tables, table_of);
    read_list(in, "columns", kMaxColumns, result.columns, column_of);
    read_list(in, "sequences", kMaxEntries, result.sequences, [](JsonMembers& one) {
        return SequenceFact{one.text("schema"), one.text("name"), one.integer("used_permille"), one.truth("behind")};
    });
    read_list(in, "unread", kMaxEntries, result.unread, [](JsonMembers& one) {
        return catalog::UnreadPart{one.text("what"), one.text("why")};
    });
    if (!in.ok() || format == 0) {
        return make_error(Errc::malformed, "it is no file of fidelity snapshot, or was changed since");
    }
    return result;
}

}  // namespace

std::string to_json(const Environment& environment) {
    JsonText out;
    out.begin();
    out.integer("understudy_environment", kEnvironmentFormat);
    out.integer("taken_ns", std::max<std::int64_t>(0, environment.taken.ns()));
    out.truth("keyed", environment.keyed);
    out.text("key_id", environment.key_id);
    put_list(out, "facts", environment.facts, [&](const Fact& one) {
        out.text("name", one.name);
        out.text("value", one.value);
    });
    put_list(out, "settings", environment.settings, [&](const SettingFact& one) {
        out.text("name", one.name);
        out.text("value", one.value);
        out.text("source", one.source);
    });
    put_list(out, "roles", environment.roles, [&](const RoleFact& one) {
        out.text("name", one.name);
        out.texts("traits", one.traits);
        out.texts("member_of", one.member_of);
    });
    put_list(out, "tables", environment.tables, [&](const TableFact& one) { put(out, one); });
    put_list(out, "columns", environment.columns, [&](const ColumnFact& one) { put(out, one); });
    put_list(out, "sequences", environment.sequences, [&](const SequenceFact& one) {
        out.text("schema", one.schema);
        out.text("name", one.name);
        out.integer("used_permille", one.used_permille);
        out.truth("behind", one.behind);
    });
    put_list(out, "unread", environment.unread, [&](const catalog::UnreadPart& one) {
        out.text("what", one.what);
        out.text("why", one.why);
    });
    // The closing brace stands alone, so that the two objects can be told apart.
    return out.take() + "\n}\n" + catalog::to_json(environment.schema);
}

Result<Environment> parse_environment(BytesView text) {
    const std::size_t between = text.find(kBetween);
    if (between == BytesView::npos) return make_error(Errc::malformed, "it is no file of fidelity snapshot");
    const std::size_t schema = between + kBetween.size() - 1;
    if (schema > kMaxEnvironmentBytes) {
        return make_error(Errc::limit, fmt::format("its facts are longer than {} MiB", kMaxEnvironmentBytes >> 20U));
    }
    UNDERSTUDY_TRY(Environment result, parse_facts(text.substr(0, schema)));
    auto snapshot = catalog::parse_snapshot(text.substr(schema));
    if (!snapshot) {
        return make_error(snapshot.error().code, "of its schema: " + snapshot.error().message);
    }
    result.schema = std::move(*snapshot);
    result.sort();
    return result;
}

}  // namespace understudy::schema::fidelity
