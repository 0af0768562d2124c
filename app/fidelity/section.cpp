#include "app/fidelity/section.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "app/fidelity/environment_source.hpp"
#include "compare/report/rehearsed.hpp"
#include "schema/check/text_format.hpp"

namespace understudy::app {
namespace {

namespace fidelity = schema::fidelity;

constexpr std::size_t kShownDifferences = 30;

}  // namespace

Result<fidelity::Certificate> read_certificate_file(const std::string& path) {
    UNDERSTUDY_TRY(const Bytes text, read_bounded_file(path, fidelity::kMaxCertificateBytes));
    auto certificate = fidelity::parse_certificate(text);
    if (!certificate) {
        return make_error(certificate.error().code,
                          fmt::format("cannot read {}: {}", path, certificate.error().message));
    }
    return certificate;
}

compare::Section fidelity_section(const fidelity::Certificate& certificate) {
    compare::Section section{"fidelity", "Fidelity of staging", compare::SectionState::passed, {}, {}};
    section.summary = fidelity::verdict_of(certificate);
    if (!certificate.holds()) section.state = compare::SectionState::inconclusive;
    section.lines.push_back(fmt::format("certificate of {}: database {} against production's {}",
                                        schema::utc_text(certificate.taken), certificate.staging.database,
                                        certificate.production.database));
    if (certificate.reproduced) {
        section.lines.push_back("recorded calls that staging reproduces: " +
                                fidelity::share_text(certificate.reproduced->calls));
    }
    std::size_t shown = 0;
    std::size_t more = 0;
    for (const fidelity::Difference& one : certificate.comparison.differences) {
        if (one.what > fidelity::DifferenceClass::warning) continue;
        if (shown++ < kShownDifferences) {
            section.lines.push_back(fmt::format("{}, {}: {}", fidelity::to_string(one.what), one.attribute, one.text));
        } else {
            ++more;
        }
    }
    if (more > 0) section.lines.push_back(fmt::format("and {} more differences, in the certificate", more));
    return section;
}

void add_fidelity(compare::Report& report, compare::Section section) {
    std::vector<compare::Section> others = std::exchange(report.sections, {});
    report.sections.push_back(std::move(section));
    compare::judge_sections(report);
    std::move(others.begin(), others.end(), std::back_inserter(report.sections));
}

}  // namespace understudy::app
