#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/sql/access.hpp"
#include "schema/check/predict/written_values.hpp"

namespace {

using namespace understudy;
using namespace understudy::schema;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

/// The first half of the bytes is a statement, the second a Bind's body. Whatever they are: each row of an INSERT has all
/// columns of the table, one of an UPDATE those that are set, and only values have a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    RecordedStatement statement;
    const std::size_t zero = std::min(text.find('\0'), text.size());
    statement.sql = Bytes(text.substr(0, zero));
    if (zero < size) statement.samples.push_back({{}, Bytes(text.substr(zero + 1))});
    RelationFacts relation;
    for (const char* name : {"a", "b", "c"}) relation.columns.emplace_back().name = name;
    const auto all = sql::statement_accesses(statement.sql);
    if (!all) return 0;
    for (const sql::StatementAccess& access : *all) {
        for (const sql::RelationAccess& each : access.relations) {
            if (each.kind != sql::AccessKind::insert && each.kind != sql::AccessKind::update) continue;
            const auto rows = written_rows(statement, each, relation);
            require(rows == written_rows(statement, each, relation));
            for (const WrittenRow& row : rows) {
                if (each.kind == sql::AccessKind::insert) require(row.count("a") == 1 && row.count("c") == 1);
                if (each.kind == sql::AccessKind::update) require(row.size() <= each.sets.size());
                for (const auto& [column, value] : row)
                    require(value.text.empty() || value.kind == WrittenValue::Kind::value);
            }
        }
    }
    return 0;
}
