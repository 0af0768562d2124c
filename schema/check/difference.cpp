#include "schema/check/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace understudy::schema {
namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

Bytes in_words(const std::optional<Refusal>& refusal) {
    return refusal ? fmt::format("ERROR {}: {}", refusal->sqlstate, refusal->message) : Bytes("no error");
}

Bytes name_of(const pgwire::ColumnDescription& column) {
    return column.name.empty() ? Bytes("(unnamed)") : column.name;
}

Bytes type_of(const Side& side, std::size_t column) {
    return type_name(side.types, side.description.columns[column].type_oid);
}

Bytes full_type_of(const Side& side, std::size_t column) {
    const auto& c = side.description.columns[column];
    return type_name_with_modifier(side.types, c.type_oid, c.type_modifier);
}

void diff_parameters(const Side& a, const Side& b, std::vector<Difference>& out) {
    const auto& from = a.description.parameters;
    const auto& to = b.description.parameters;
    for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
        const Bytes before = i < from.size() ? type_name(a.types, from[i]) : Bytes("none");
        const Bytes after = i < to.size() ? type_name(b.types, to[i]) : Bytes("none");
        if (before != after) out.push_back({DifferenceKind::parameter_types, fmt::format("${}", i + 1), before, after});
    }
}

/// For each column of `a` its index in `b`, or kNowhere; and which of `b` are taken.
std::vector<std::size_t> pair_by_name(const Description& a, const Description& b, std::vector<bool>& taken) {
    std::unordered_map<BytesView, std::vector<std::size_t>> places;  // last first
    for (std::size_t i = b.columns.size(); i-- > 0;) places[b.columns[i].name].push_back(i);
    std::vector<std::size_t> pairs(a.columns.size(), kNowhere);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto found = places.find(a.columns[i].name);
        if (found == places.end() || found->second.empty()) continue;
        pairs[i] = found->second.back();
        found->second.pop_back();
        taken[pairs[i]] = true;
    }
    return pairs;
}

void diff_columns(const Side& a, const Side& b, std::vector<Difference>& out) {
    const auto& from = a.description.columns;
    const auto& to = b.description.columns;
    std::vector<bool> taken(to.size());
    std::vector<std::size_t> pairs = pair_by_name(a.description, b.description, taken);
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (pairs[i] == kNowhere && i < to.size() && !taken[i] && type_of(a, i) == type_of(b, i)) {
            out.push_back({DifferenceKind::column_renamed, name_of(from[i]), name_of(from[i]), name_of(to[i])});
            pairs[i] = i;
            taken[i] = true;
        }
    }
    std::size_t last = 0;
    bool reordered = false;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (pairs[i] == kNowhere) {
            out.push_back({DifferenceKind::column_removed, name_of(from[i]), full_type_of(a, i), "none"});
            continue;
        }
        reordered = reordered || pairs[i] < last;
        last = pairs[i];
        if (type_of(a, i) != type_of(b, pairs[i])) {
            out.push_back(
                {DifferenceKind::column_retyped, name_of(from[i]), full_type_of(a, i), full_type_of(b, pairs[i])});
        } else if (from[i].type_modifier != to[pairs[i]].type_modifier) {
            out.push_back(
                {DifferenceKind::type_modifier, name_of(from[i]), full_type_of(a, i), full_type_of(b, pairs[i])});
        }
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (!taken[i]) out.push_back({DifferenceKind::column_added, name_of(to[i]), "none", full_type_of(b, i)});
    }
    if (!reordered) return;
    const auto list = [](const Description& description) {
        std::vector<Bytes> names;
        for (const auto& column : description.columns) names.push_back(name_of(column));
        return fmt::format("{}", fmt::join(names, ", "));
    };
    out.push_back({DifferenceKind::column_order, {}, list(a.description), list(b.description)});
}

}  // namespace

std::string_view to_string(DifferenceKind kind) {
    switch (kind) {
        case DifferenceKind::error_appeared: return "error_appeared";
        case DifferenceKind::error_disappeared: return "error_disappeared";
        case DifferenceKind::error_changed: return "error_changed";
        case DifferenceKind::parameter_types: return "parameter_types";
        case DifferenceKind::column_added: return "column_added";
        case DifferenceKind::column_removed: return "column_removed";
        case DifferenceKind::column_renamed: return "column_renamed";
        case DifferenceKind::column_retyped: return "column_retyped";
        case DifferenceKind::column_order: return "column_order";
        case DifferenceKind::type_modifier: return "type_modifier";
    }
    return "unknown";
}

Severity severity_of(DifferenceKind kind) {
    switch (kind) {
        case DifferenceKind::error_appeared:
        case DifferenceKind::column_removed:
        case DifferenceKind::column_renamed: return Severity::breaks;
        case DifferenceKind::error_disappeared:
        case DifferenceKind::error_changed:
        case DifferenceKind::parameter_types:
        case DifferenceKind::column_added:
        case DifferenceKind::column_retyped:
        case DifferenceKind::column_order: return Severity::risky;
        case DifferenceKind::type_modifier: return Severity::information;
    }
    return Severity::breaks;
}

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::breaks: return "breaks";
        case Severity::risky: return "risky";
        case Severity::information: return "information";
    }
    return "unknown";
}

std::vector<Difference> differences(const Side& baseline, const Side& candidate) {
    const auto& before = baseline.description.refusal;
    const auto& after = candidate.description.refusal;
    if (before || after) {
        if (before && after && before->sqlstate == after->sqlstate) return {};
        const DifferenceKind kind = !before  ? DifferenceKind::error_appeared
                                    : !after ? DifferenceKind::error_disappeared
                                             : DifferenceKind::error_changed;
        return {{kind, {}, in_words(before), in_words(after)}};
    }
    std::vector<Difference> out;
    diff_parameters(baseline, candidate, out);
    diff_columns(baseline, candidate, out);
    return out;
}

}  // namespace understudy::schema
