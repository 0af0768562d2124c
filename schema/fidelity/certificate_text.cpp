#include <fmt/format.h>

#include <iterator>

#include "schema/check/text_format.hpp"
#include "schema/fidelity/certificate.hpp"

namespace understudy::schema::fidelity {
namespace {

constexpr std::size_t kShownOfClass = 50;
constexpr std::size_t kShownOfOthers = 20;

class Text {
public:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
        out_ += '\n';
    }
    void heading(const std::string& text) { out_ += "\n" + text + "\n"; }
    void and_more(std::size_t all, std::size_t shown) {
        if (all > shown) line("  and {} more (--json has all)", count_text(all - shown));
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

void put_class(Text& out, const Comparison& comparison, DifferenceClass what, const std::string& heading,
               std::size_t most) {
    const std::size_t count = comparison.count(what);
    if (count == 0) return;
    out.heading(fmt::format("{} ({})", heading, count_text(count)));
    std::size_t shown = 0;
    for (const Difference& one : comparison.differences) {
        if (one.what != what) continue;
        if (shown++ < most) out.line("  {}: {}", printable(one.attribute), printable(one.text));
    }
    out.and_more(count, most);
}

void put_reproduced(Text& out, const Reproduced& found) {
    out.heading("What staging reproduces with nothing changed");
    out.line("  calls             {}", share_text(found.calls));
    out.line("  … naming a table  {}", share_text(found.table_calls));
    out.line("  fingerprints      {}, every call of which is reproduced", share_text(found.fingerprints));
    out.line("  not covered       {} calls answered otherwise, {} left open by the recording, {} that nobody judged",
             count_text(found.differing), count_text(found.open), count_text(found.unjudged));
    if (found.prepared_otherwise > 0) {
        out.line("  and {} statements were prepared or described otherwise", count_text(found.prepared_otherwise));
    }
    out.line("  ambiguous {:.2f} %, tainted {:.2f} %, generated values mapped {}, not mapped {}",
             found.ambiguous_percent, found.tainted_percent, count_text(found.mapped_values),
             count_text(found.unmapped_values));
    for (const Counted& one : found.unjudged_reasons) {
        out.line("  steps not compared: {} ({})", count_text(one.count), printable(one.name));
    }
    for (std::size_t i = 0; i < found.not_covered.size() && i < kShownOfOthers; ++i) {
        const NotCovered& one = found.not_covered[i];
        out.line("  not covered: {} of {} calls{}{}: {}", count_text(one.calls - one.same), count_text(one.calls),
                 one.why.empty() ? "" : ", ", printable(one.why), printable(shortened(one.statement)));
    }
    out.and_more(found.not_covered.size() + found.not_covered_left_out, kShownOfOthers);
}

void put_migration(Text& out, const Certificate& certificate) {
    if (!certificate.migration_given) return;
    out.heading("What the migration touches");
    if (certificate.migration.empty()) out.line("  no table that is known");
    for (const MigrationPlace& one : certificate.migration) {
        const std::string place = one.column.empty() ? Bytes(one.table) : fmt::format("{}.{}", one.table, one.column);
        if (one.fingerprints == 0) {
            out.line("  {}: no recorded statement names it: not covered", printable(place));
        } else if (certificate.reproduced) {
            out.line("  {}: {} recorded statements, {} calls, {} of them reproduced", printable(place),
                     count_text(one.fingerprints), count_text(one.calls), count_text(one.same));
        } else {
            out.line("  {}: {} recorded statements, {} calls", printable(place), count_text(one.fingerprints),
                     count_text(one.calls));
        }
    }
    if (certificate.migration_unknown > 0) {
        out.line("  {} of its statements are not understood: what they touch is not known",
                 count_text(certificate.migration_unknown));
    }
}

void put_drift(Text& out, const Certificate& certificate) {
    if (!certificate.drift) return;
    const Drift& drift = *certificate.drift;
    out.heading(fmt::format("Since the certificate of {}", utc_text(drift.since)));
    if (drift.come.empty() && drift.gone.empty()) out.line("  no difference came or went");
    for (const auto& [word, list] : {std::pair("new", &drift.come), std::pair("gone", &drift.gone)}) {
        for (std::size_t i = 0; i < list->size() && i < kShownOfOthers; ++i) {
            const Difference& one = (*list)[i];
            out.line("  {}: {}, {}: {}", word, to_string(one.what), printable(one.attribute), printable(one.text));
        }
        out.and_more(list->size(), kShownOfOthers);
    }
    if (drift.calls_before && certificate.reproduced)
        out.line("  reproduced then: {}", share_text(*drift.calls_before));
}

}  // namespace

std::string to_text(const Certificate& certificate) {
    Text out;
    out.line("{}: {}", certificate.holds() ? "FIDELITY" : "NO FIDELITY", verdict_of(certificate));
    for (const auto& [name, side] :
         {std::pair("production", &certificate.production), std::pair("staging   ", &certificate.staging)}) {
        out.line("  {}  database {}, PostgreSQL {}, schema {}, read {}", name, printable(side->database),
                 printable(side->version), printable(side->fingerprint.substr(0, 16)), utc_text(side->taken));
    }
    const Comparison& comparison = certificate.comparison;
    put_class(out, comparison, DifferenceClass::gate, "Gates: each voids a verdict", kShownOfClass);
    put_class(out, comparison, DifferenceClass::warning, "Warnings: they limit what may be claimed", kShownOfClass);
    put_class(out, comparison, DifferenceClass::latency, "Latency only: times say nothing of production's",
              kShownOfOthers);
    put_class(out, comparison, DifferenceClass::note, "Notes: nothing that traffic notices", kShownOfOthers);
    if (certificate.capture) {
        out.heading("The capture");
        out.line("  {:.3f} % of the exchanges known of are whole; {} exchanges, {} sessions",
                 certificate.capture->percent, count_text(certificate.capture->exchanges),
                 count_text(certificate.capture->sessions));
        for (const Bytes& doubt : certificate.capture->doubts) out.line("  at most, because of {}", printable(doubt));
    }
    if (certificate.reproduced) put_reproduced(out, *certificate.reproduced);
    if (!certificate.not_measured.empty()) out.line("\nReproduction was not measured: {}", printable(certificate.not_measured));
    put_migration(out, certificate);
    if (!certificate.probe.empty()) out.heading("Storage of staging, probed");
    for (const Counted& one : certificate.probe) out.line("  {}: {}", printable(one.name), count_text(one.count));
    if (!comparison.not_known.empty()) {
        out.heading(fmt::format("Not known ({}): nothing is claimed of it", comparison.not_known.size()));
        for (std::size_t i = 0; i < comparison.not_known.size() && i < kShownOfOthers; ++i) {
            out.line("  {}: {}", printable(comparison.not_known[i].what), printable(comparison.not_known[i].why));
        }
        out.and_more(comparison.not_known.size(), kShownOfOthers);
    }
    put_drift(out, certificate);
    if (comparison.left_out > 0) out.line("\n{} more differences are not listed", count_text(comparison.left_out));
    out.line("\n{} attributes compared", count_text(comparison.compared));
    return out.take();
}

}  // namespace understudy::schema::fidelity
