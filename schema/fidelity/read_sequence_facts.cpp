#include <fmt/format.h>

#include <charconv>
#include <map>

#include "core/catalog/read_sequences.hpp"
#include "schema/fidelity/read_environment.hpp"

namespace understudy::schema::fidelity {
namespace {

using catalog::Row;
using catalog::Sequence;

constexpr std::size_t kAtOnce = 200;

std::optional<std::int64_t> bound(const catalog::SchemaObject* object, BytesView name) {
    if (object == nullptr) return std::nullopt;
    const Bytes text = object->text(name);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

/// How far it has come from where it begins to where it ends; nothing without bounds.
std::optional<int> used_permille(const Sequence& sequence, const catalog::Snapshot& schema) {
    const auto* object = schema.find({"sequence", sequence.schema, {}, sequence.name});
    const auto least = bound(object, "minimum");
    const auto most = bound(object, "maximum");
    if (!least || !most || *most <= *least || !sequence.last_value) return std::nullopt;
    const auto range = static_cast<double>(*most) - static_cast<double>(*least);
    const double way = sequence.increment > 0 ? static_cast<double>(*sequence.last_value) - static_cast<double>(*least)
                                              : static_cast<double>(*most) - static_cast<double>(*sequence.last_value);
    return static_cast<int>(1000 * way / range);
}

/// Which of the sequences their columns are ahead of, by the statistics. The comparison is made on the server.
Result<void> find_behind(Asking& asking, const std::vector<Sequence>& all, std::size_t begin, std::size_t end,
                         std::map<std::size_t, bool>& behind) {
    std::string values;
    for (std::size_t i = begin; i < end; ++i) {
        const Sequence& one = all[i];
        if (!one.last_value || one.owner_relation == 0 || one.increment <= 0) continue;
        values += fmt::format("{}({}, {}::oid, {}::smallint, {}::numeric)", values.empty() ? "" : ",", i,
                              one.owner_relation, one.owner_attribute, *one.last_value);
    }
    if (values.empty()) return {};
    UNDERSTUDY_CHECK(asking.connection().begin_read_only());
    UNDERSTUDY_TRY(
        const auto rows,
        asking.ask("positions of sequences",
                   fmt::format("select v.i from (values {}) v(i, relation, number, last) join pg_class c on"
                               " c.oid = v.relation join pg_namespace n on n.oid = c.relnamespace join"
                               " pg_attribute a on a.attrelid = c.oid and a.attnum = v.number join pg_stats s"
                               " on s.schemaname = n.nspname and s.tablename = c.relname and s.attname ="
                               " a.attname and s.inherited = (c.relkind = 'p') where (select"
                               " max(x::numeric) from unnest(array_cat(s.most_common_vals::text::text[],"
                               " s.histogram_bounds::text::text[])) x where x ~ '^-?[0-9]+$') > v.last",
                               values),
                   Asking::Message::withheld));
    if (rows) {
        for (const Row& row : *rows) {
            std::size_t index = 0;
            const Bytes text = row.at(0).value_or("");
            std::from_chars(text.data(), text.data() + text.size(), index);
            behind[index] = true;
        }
    }
    UNDERSTUDY_CHECK(asking.connection().commit());
    return {};
}

}  // namespace

Result<void> read_sequences_of(Asking& asking) {
    UNDERSTUDY_TRY(auto all, catalog::read_sequences(asking.connection()));
    if (all.size() > kMaxEntries) {
        asking.unread("sequences", fmt::format("of those beyond {}", kMaxEntries));
        all.resize(kMaxEntries);
    }
    std::map<std::size_t, bool> behind;
    for (std::size_t begin = 0; begin < all.size(); begin += kAtOnce) {
        UNDERSTUDY_CHECK(find_behind(asking, all, begin, std::min(all.size(), begin + kAtOnce), behind));
    }
    std::size_t unknown = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto used = used_permille(all[i], asking.out().schema);
        if (!used) {
            unknown += all[i].last_value ? 0U : 1U;
            continue;
        }
        asking.out().sequences.push_back({all[i].schema, all[i].name, *used, behind.count(i) > 0});
    }
    if (unknown > 0) asking.unread("sequences", fmt::format("the values of {}, which this role may not read", unknown));
    return {};
}

}  // namespace understudy::schema::fidelity
