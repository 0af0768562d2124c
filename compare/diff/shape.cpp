#include "compare/diff/shape.hpp"

#include <fmt/format.h>

#include <map>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/type_structure.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::compare {
namespace {

using pgwire::ColumnDescription;
constexpr std::size_t kMaxDescribedColumns = 12;

std::vector<ColumnDescription> columns_of(BytesView body) {
    if (body.empty()) return {};
    auto description = pgwire::decode_row_description(body);
    return description ? std::move(description->columns) : std::vector<ColumnDescription>();
}

std::map<BytesView, std::vector<std::size_t>> by_name(const std::vector<ColumnDescription>& columns) {
    std::map<BytesView, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < columns.size(); ++i) places[columns[i].name].push_back(i);
    return places;
}

/// Matches by name; where a side's column has no partner its entry stays empty.
std::vector<std::optional<std::size_t>> match(const std::vector<ColumnDescription>& a,
                                              const std::vector<ColumnDescription>& b) {
    std::vector<std::optional<std::size_t>> partner(a.size());
    auto places = by_name(b);
    std::map<BytesView, std::size_t> used;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto found = places.find(a[i].name);
        std::size_t& next = used[a[i].name];
        if (found != places.end() && next < found->second.size()) partner[i] = found->second[next++];
    }
    return partner;
}

/// The same type with more room (varchar(30) → varchar(200)): no running query can tell, since its values are compared.
bool only_widened(const ColumnDescription& a, const ColumnDescription& b) {
    if (a.type_oid != b.type_oid) return false;
    const std::int32_t from = a.type_modifier;
    const std::int32_t to = b.type_modifier;
    if (a.type_oid == pgwire::type_oid::varchar) return from >= 0 && (to < 0 || to >= from);
    if (a.type_oid != pgwire::type_oid::numeric || from < 0 || to < 0) return false;
    const bool same_scale = (from & 0xFFFF) == (to & 0xFFFF);
    return same_scale && to >= from;  // the precision is in the upper half
}

Bytes column_place(const ColumnDescription& column) { return "column " + column.name; }

}  // namespace

const Alignment& ShapeComparer::align(BytesView baseline, BytesView candidate) {
    Bytes key = fmt::format("{}:", baseline.size());
    key.append(baseline).append(candidate);
    const auto found = remembered_.find(key);
    if (found != remembered_.end()) return found->second;
    if (remembered_.size() >= kMaxRemembered) remembered_.clear();
    return remembered_.emplace(std::move(key), compute(baseline, candidate)).first->second;
}

Alignment ShapeComparer::compute(BytesView baseline, BytesView candidate) {
    const auto a = columns_of(baseline);
    const auto b = columns_of(candidate);
    Alignment result;
    auto partner = match(a, b);
    std::vector<bool> taken(b.size());
    std::size_t last = 0;
    bool reordered = false;
    for (const auto& index : partner) {
        if (!index) continue;
        taken[*index] = true;
        reordered = reordered || *index < last;
        last = *index;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (partner[i] || i >= b.size() || taken[i]) continue;
        if (a[i].type_oid != b[i].type_oid && baseline_.name(a[i].type_oid) != candidate_.name(b[i].type_oid)) continue;
        partner[i] = i;
        taken[i] = true;
        result.differences.push_back(
            {DivergenceKind::column_renamed, column_place(a[i]), {}, Bytes(a[i].name), Bytes(b[i].name)});
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        const Bytes type_a = baseline_.display(a[i].type_oid, a[i].type_modifier);
        if (!partner[i]) {
            result.differences.push_back({DivergenceKind::column_removed, column_place(a[i]), {}, type_a, "absent"});
            continue;
        }
        const ColumnDescription& other = b[*partner[i]];
        const Bytes type_b = candidate_.display(other.type_oid, other.type_modifier);
        bool comparable = true;
        if (!unnamed(a[i].type_oid, other.type_oid) && type_a != type_b && !only_widened(a[i], other)) {
            result.differences.push_back({DivergenceKind::column_retyped, column_place(a[i]), {}, type_a, type_b});
            comparable = baseline_.name(a[i].type_oid) == candidate_.name(other.type_oid) ||
                         values_comparable(a[i].type_oid, other.type_oid);
        }
        const bool settled = pgwire::has_settled_digest(a[i].type_oid) && pgwire::has_settled_digest(other.type_oid);
        result.columns.push_back({i, *partner[i], a[i].name, comparable, settled, a[i].type_oid, other.type_oid,
                                  a[i].format, other.format});
        result.same_rows = result.same_rows && comparable && *partner[i] == i;
    }
    for (std::size_t j = 0; j < b.size(); ++j) {
        if (taken[j]) continue;
        result.differences.push_back({DivergenceKind::column_added,
                                      column_place(b[j]),
                                      {},
                                      "absent",
                                      candidate_.display(b[j].type_oid, b[j].type_modifier)});
    }
    if (reordered) {
        result.differences.push_back({DivergenceKind::column_order,
                                      "columns",
                                      {},
                                      describe(baseline, baseline_),
                                      describe(candidate, candidate_)});
    }
    result.same_rows = result.same_rows && a.size() == b.size() && result.columns.size() == a.size();
    return result;
}

bool ShapeComparer::unnamed(std::uint32_t baseline, std::uint32_t candidate) {
    const bool known_a = !baseline_.name(baseline).empty();
    const bool known_b = !candidate_.name(candidate).empty();
    if (known_a && known_b) return false;
    // A built-in type is never a user's type, whatever that is called.
    if (known_a && !pgwire::builtin_type_name(baseline).empty()) return false;
    if (known_b && !pgwire::builtin_type_name(candidate).empty()) return false;
    unnamed_types_.insert(known_a ? candidate : baseline);
    return true;
}

Bytes ShapeComparer::describe(BytesView row_description, const TypeNames& types) {
    Bytes text = "(";
    std::size_t shown = 0;
    for (const ColumnDescription& column : columns_of(row_description)) {
        if (shown > 0) text += ", ";
        if (++shown > kMaxDescribedColumns) {
            text += "…";
            break;
        }
        text += column.name + " " + types.display(column.type_oid, column.type_modifier);
    }
    return text + ")";
}

void ShapeComparer::compare_parameters(BytesView baseline, BytesView candidate, std::vector<Divergence>& out) {
    if (baseline == candidate || baseline.empty() || candidate.empty()) return;
    const auto a = pgwire::decode_parameter_description(baseline);
    const auto b = pgwire::decode_parameter_description(candidate);
    if (!a || !b) return;
    if (a->types.size() != b->types.size()) {
        out.push_back({DivergenceKind::parameter_types,
                       "parameters",
                       {},
                       fmt::format("{} parameters", a->types.size()),
                       fmt::format("{} parameters", b->types.size())});
        return;
    }
    for (std::size_t i = 0; i < a->types.size(); ++i) {
        const Bytes type_a = baseline_.display(a->types[i], -1);
        const Bytes type_b = candidate_.display(b->types[i], -1);
        if (unnamed(a->types[i], b->types[i]) || type_a == type_b) continue;
        out.push_back({DivergenceKind::parameter_types, fmt::format("${}", i + 1), {}, type_a, type_b});
    }
}

}  // namespace understudy::compare
