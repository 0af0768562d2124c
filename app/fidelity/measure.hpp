#pragma once

#include <string>

#include "app/keys.hpp"
#include "compare/analysis/coverage.hpp"
#include "compare/analysis/reproduction.hpp"
#include "schema/fidelity/certificate.hpp"

namespace understudy::app {

/// What a capture says of itself: its quality, and whose sessions it has.
struct CaptureSummary {
    schema::fidelity::CaptureQuality quality;
    std::vector<Bytes> users;
};
/// Errors: those of the files.
Result<CaptureSummary> summarise_capture(const std::string& capture, const Keys& keys);

/// How a control replay answered what was recorded.
struct Measured {
    compare::Reproduction reproduction;
    compare::Coverage coverage;
    std::uint64_t mapped_values = 0;
    std::uint64_t unmapped_values = 0;
    bool results_known = true;  ///< false: the capture comes from a log, and only errors could be compared
};
/// Errors: those of the captures; Errc::usage when `answers` is no replay; Errc::inconclusive when the two have
/// different digest keys.
Result<Measured> measure_answers(const std::string& capture, const std::string& answers, const Keys& keys);

/// As a certificate has it. Pure.
schema::fidelity::Reproduced reproduced_of(const Measured& measured);

}  // namespace understudy::app
