#include "core/catalog/read_sequences.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/row_reader.hpp"

namespace understudy::catalog {
namespace {

/// A sequence and how to ask for its value; empty where it may not be asked.
struct AskedSequence {
    Sequence sequence;
    Bytes quoted_name;
};

Result<std::vector<AskedSequence>> list_sequences(ControlConnection& connection) {
    std::vector<AskedSequence> sequences;
    UNDERSTUDY_CHECK(read_into(
        connection, sequences,
        fmt::format("select c.oid, n.nspname, c.relname, coalesce(d.refobjid, 0), coalesce(d.refobjsubid, 0), "
                    "s.seqincrement,"
                    " case when has_sequence_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage')"
                    " and (c.relpersistence = 'p' or not pg_is_in_recovery()) then format('%I.%I', n.nspname, "
                    "c.relname) end"
                    " from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = "
                    "c.relnamespace"
                    " left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid"
                    " and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') where {} order by c.oid",
                    kUserSchema),
        [](RowReader& row) {
            AskedSequence asked;
            asked.sequence.oid = row.number<std::uint32_t>();
            asked.sequence.schema = row.text();
            asked.sequence.name = row.text();
            asked.sequence.owner_relation = row.number<std::uint32_t>();
            asked.sequence.owner_attribute = row.number<std::int16_t>();
            asked.sequence.increment = row.number<std::int64_t>();
            asked.quoted_name = row.text();
            return asked;
        }));
    return sequences;
}

struct SequenceValue {
    std::size_t index = 0;
    std::int64_t last_value = 0;
    bool is_called = false;
};

/// Fills in the values of sequences [begin, end). One that was dropped or is locked stays unknown, the others
/// are then asked one by one.
Result<void> read_sequence_values(ControlConnection& connection, std::vector<AskedSequence>& sequences,
                                  std::size_t begin, std::size_t end) {
    std::string sql;
    for (std::size_t i = begin; i < end; ++i) {
        if (sequences[i].quoted_name.empty()) continue;
        sql += fmt::format("{}select {}, last_value, is_called from {}", sql.empty() ? "" : " union all ", i,
                           sequences[i].quoted_name);
    }
    if (sql.empty()) return {};
    UNDERSTUDY_CHECK(connection.begin_read_only());
    std::vector<SequenceValue> values;
    const auto read = read_into(connection, values, sql, [](RowReader& row) {
        SequenceValue value;
        value.index = row.number<std::size_t>();
        value.last_value = row.number<std::int64_t>();
        value.is_called = row.boolean();
        return value;
    });
    if (!read && connection.last_failure() == QueryFailure::connection) return read.error();
    UNDERSTUDY_CHECK(connection.commit());  // ends a failed transaction as well
    if (!read && end - begin > 1) {
        for (std::size_t i = begin; i < end; ++i) {
            UNDERSTUDY_CHECK(read_sequence_values(connection, sequences, i, i + 1));
        }
    }
    for (const SequenceValue& value : values) {
        if (value.index >= sequences.size()) continue;
        sequences[value.index].sequence.last_value = value.last_value;
        sequences[value.index].sequence.is_called = value.is_called;
    }
    return {};
}

}  // namespace

Result<std::vector<Sequence>> read_sequences(ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(auto asked, list_sequences(connection));
    UNDERSTUDY_CHECK(connection.commit());
    for (std::size_t begin = 0; begin < asked.size(); begin += kSequencesAtOnce) {
        const std::size_t end = std::min(asked.size(), begin + kSequencesAtOnce);
        UNDERSTUDY_CHECK(read_sequence_values(connection, asked, begin, end));
    }
    std::vector<Sequence> sequences;
    sequences.reserve(asked.size());
    for (AskedSequence& one : asked) sequences.push_back(std::move(one.sequence));
    return sequences;
}

}  // namespace understudy::catalog
