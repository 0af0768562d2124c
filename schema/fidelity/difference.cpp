#include "schema/fidelity/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace understudy::schema::fidelity {
namespace {

constexpr std::size_t kMaxTextBytes = 400;

}  // namespace

BytesView to_string(DifferenceClass of) {
    switch (of) {
        case DifferenceClass::gate: return "gate";
        case DifferenceClass::warning: return "warning";
        case DifferenceClass::latency: return "latency only";
        case DifferenceClass::note: return "note";
    }
    return "note";
}

Bytes shortened(BytesView text) {
    if (text.size() <= kMaxTextBytes) return Bytes(text);
    std::size_t end = kMaxTextBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return Bytes(text.substr(0, end)) + "…";
}

std::size_t Comparison::count(DifferenceClass what) const {
    return static_cast<std::size_t>(
        std::count_if(differences.begin(), differences.end(), [&](const Difference& one) { return one.what == what; }));
}

void DifferenceList::add(DifferenceClass what, Bytes attribute, Bytes object, Bytes production, Bytes staging,
                         Bytes text) {
    result_.differences.push_back(
        {what, std::move(attribute), std::move(object), shortened(production), shortened(staging), shortened(text)});
}

void DifferenceList::add(DifferenceClass what, Bytes attribute, Bytes object, Bytes production, Bytes staging) {
    Bytes text = fmt::format("{}: production has {}, staging {}", object.empty() ? attribute : object,
                             production.empty() ? "none" : production, staging.empty() ? "none" : staging);
    add(what, std::move(attribute), std::move(object), std::move(production), std::move(staging), std::move(text));
}

Comparison DifferenceList::take() {
    auto& found = result_.differences;
    std::stable_sort(found.begin(), found.end(), [](const Difference& a, const Difference& b) {
        return std::tie(a.what, a.attribute, a.object) < std::tie(b.what, b.attribute, b.object);
    });
    if (found.size() > kMaxDifferences) {
        result_.left_out = found.size() - kMaxDifferences;
        found.resize(kMaxDifferences);
    }
    auto& unknown = result_.not_known;
    std::sort(unknown.begin(), unknown.end());
    unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
    return std::move(result_);
}

Comparison compare(const Environment& production, const Environment& staging, const ComparisonSettings& settings) {
    DifferenceList list;
    compare_facts(production, staging, list);
    compare_settings(production, staging, list);
    compare_schemas(production, staging, list);
    compare_roles(production, staging, settings.recorded_roles, list);
    compare_tables(production, staging, list);
    compare_columns(production, staging, list);
    compare_sequences(production, staging, list);
    for (const auto& [side, environment] : {std::pair("production", &production), std::pair("staging", &staging)}) {
        for (const catalog::UnreadPart& part : environment->unread)
            list.not_known(part.what, fmt::format("{}: {}", side, part.why));
        for (const catalog::UnreadPart& part : environment->schema.unread) {
            list.not_known("schema: " + part.what, fmt::format("{}: {}", side, part.why));
        }
    }
    return list.take();
}

}  // namespace understudy::schema::fidelity
