#include "schema/fidelity/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "schema/check/text_format.hpp"

namespace understudy::schema::fidelity {
namespace {

std::vector<Difference> without(const std::vector<Difference>& from, const std::vector<Difference>& those) {
    const auto key = [](const Difference& one) {
        return std::tie(one.what, one.attribute, one.object, one.production, one.staging);
    };
    const auto less = [&](const Difference* a, const Difference* b) { return key(*a) < key(*b); };
    std::set<const Difference*, decltype(less)> known(less);
    for (const Difference& one : those) known.insert(&one);
    std::vector<Difference> rest;
    for (const Difference& one : from) {
        if (known.count(&one) == 0) rest.push_back(one);
    }
    return rest;
}

/// To a tenth, downwards: 100.0 only when it is all.
double percent_down(double share) { return std::floor(share * 1000) / 10; }

}  // namespace

Drift drift_since(const Certificate& earlier, const Certificate& now) {
    Drift drift;
    drift.since = earlier.taken;
    drift.come = without(now.comparison.differences, earlier.comparison.differences);
    drift.gone = without(earlier.comparison.differences, now.comparison.differences);
    if (earlier.reproduced) drift.calls_before = earlier.reproduced->calls;
    return drift;
}

std::string share_text(const Share& share) {
    if (share.of == 0) return "nothing to count";
    return fmt::format("{:.1f} % of {} (95 % interval {:.1f} to {:.1f} %)", percent_down(share.value()),
                       count_text(share.of), percent_down(share.low), 100 * share.high);
}

std::string verdict_of(const Certificate& certificate) {
    const std::size_t gates = certificate.comparison.count(DifferenceClass::gate);
    if (gates > 0) {
        return fmt::format("staging cannot stand for production: {} gate{}", gates,
                           gates == 1 ? " differs" : "s differ");
    }
    const std::size_t warnings = certificate.comparison.count(DifferenceClass::warning);
    std::string text = "no gate differs";
    if (warnings > 0) {
        text += fmt::format("; {} warning{} what may be claimed", warnings, warnings == 1 ? " limits" : "s limit");
    }
    if (certificate.reproduced) {
        text += fmt::format("; staging reproduces {:.1f} % of the recorded calls",
                            percent_down(certificate.reproduced->calls.value()));
    }
    return text;
}

}  // namespace understudy::schema::fidelity
