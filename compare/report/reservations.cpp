#include "compare/report/reservations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::compare {

const InputReport* input_of(const Report& report, Side side) {
    for (const InputReport& input : report.inputs) {
        if (input.side == side) return &input;
    }
    return nullptr;
}

bool speaks_against_the_change(const Finding& finding) {
    return finding.cause != Cause::environment && finding.cause != Cause::replay_artefact;
}

std::vector<std::string> doubts(const Observations& seen, const Report& report) {
    std::vector<std::string> reasons;
    const Coverage& coverage = report.coverage;
    if (coverage.compared == 0) {
        reasons.push_back(coverage.steps == 0 ? "the baseline holds no answered step"
                                              : "no step could be compared: are these replays of one capture?");
    } else if (coverage.percent() < report.min_coverage) {
        reasons.push_back(fmt::format("only {:.1f} % of the steps could be compared (--min-coverage {:g})",
                                      coverage.percent(), report.min_coverage));
    }
    const auto too_many = [&](double share, double limit, const char* what) {
        if (share > limit) reasons.push_back(fmt::format("{:.1f} % of the steps are {}", share, what));
    };
    too_many(coverage.percent_of_compared(coverage.ambiguous), Coverage::kMaxAmbiguous,
             "ambiguous: other sessions changed what they read at the same time, and the recording does not say which "
             "came first (record more closely to the server, or a less busy time)");
    too_many(coverage.percent_of_compared(coverage.tainted), Coverage::kMaxTainted,
             "tainted: what they come after did not happen as it was recorded (see the replay's own report)");
    if (seen.unlike_forms > 0 && coverage.with_data > 0) {
        const double share = 100.0 * static_cast<double>(seen.unlike_forms) / static_cast<double>(coverage.with_data);
        too_many(share, kMaxUnlikeForms,
                 "answers with a column that could not be compared: one capture has its values by their bytes, since it "
                 "knew no catalogue or is of an older version (capture with --identify, and replay again)");
    }
    const InputReport* baseline = input_of(report, Side::baseline);
    const InputReport* candidate = input_of(report, Side::candidate);
    if (baseline != nullptr && candidate != nullptr && baseline->damage.trailer_missing &&
        candidate->damage.trailer_missing) {
        reasons.push_back("both captures end before their writers finished: what came after is not known");
    }
    for (const InputReport& input : report.inputs) {
        if (!input.header.results_unknown) continue;
        reasons.push_back(
            fmt::format("the {} comes from a log, which does not tell results: errors alone were compared; "
                        "compare two replays of it instead",
                        to_string(input.side)));
    }
    if (std::any_of(report.findings.begin(), report.findings.end(),
                    [](const Finding& f) { return !speaks_against_the_change(f); })) {
        reasons.push_back("the candidate's run was disturbed (see the findings): replay it again");
    }
    const auto widespread = std::count_if(report.unconfirmed_places.begin(), report.unconfirmed_places.end(),
                                          [](const Finding& place) { return place.widespread; });
    if (widespread > 0) {
        reasons.push_back(
            fmt::format("{} unconfirmed difference{} in several sessions could not be told from chance: "
                        "replay the candidate once more and give it as --confirm",
                        widespread, widespread == 1 ? "" : "s"));
    }
    return reasons;
}

/// What could not be compared for want of a catalogue.
void add_type_remarks(const Observations& seen, Report& report) {
    if (seen.unnamed_types > 0) {
        report.remarks.push_back(
            fmt::format("{} user types have no name in the captures (no catalogue): they were taken as equal",
                        seen.unnamed_types));
    }
    if (seen.unlike_forms > 0) {
        report.remarks.push_back(fmt::format(
            "values of {} columns of answers were not compared: one capture has them by their bytes, as it had no "
            "catalogue or is of an older version",
            seen.unlike_forms));
    }
}

void add_remarks(const Observations& seen, Report& report) {
    if (input_of(report, Side::control) == nullptr && report.known_noise.nights() > 0) {
        report.remarks.push_back(fmt::format("no --control: noise is judged by the ledger of {} nights",
                                             report.known_noise.nights()));
    } else if (input_of(report, Side::control) == nullptr && input_of(report, Side::confirmation) == nullptr) {
        report.remarks.push_back(
            "no --control: values that change with every run (clocks, random numbers) or with timing count as "
            "findings");
    } else if (input_of(report, Side::control) != nullptr && report.coverage.compared > 0 &&
               report.coverage.control_compared * 100 < report.coverage.compared * 90) {
        report.remarks.push_back(
            fmt::format("the control has only {} of the {} steps compared: noise is judged from these",
                        report.coverage.control_compared, report.coverage.compared));
    }
    add_type_remarks(seen, report);
    if (seen.tally.overflowed() > 0) {
        report.remarks.push_back(
            fmt::format("more than {} different places differ: the rest is listed as \"(other "
                        "statements)\"",
                        Tally::kMaxCells));
    }
    for (const RuleUse& use : report.rules) {
        if (use.expired) {
            report.remarks.push_back(fmt::format("the rule of line {} has expired and excuses nothing: {}", use.rule.line,
                                                 use.rule.reason));
        } else if (use.count == 0) {
            report.remarks.push_back(
                fmt::format("the rule of line {} matched nothing: {}", use.rule.line, use.rule.reason));
        }
    }
    for (const InputReport& input : report.inputs) {
        const store::Damage& damage = input.damage;
        if (damage.bad_chunks > 0 || damage.bytes_cut_off > 0 || damage.bytes_skipped > 0) {
            report.remarks.push_back(
                fmt::format("the {} is damaged: {} chunks left out, {} bytes skipped, {} bytes cut off at its end",
                            to_string(input.side), damage.bad_chunks, damage.bytes_skipped, damage.bytes_cut_off));
        } else if (damage.trailer_missing) {
            report.remarks.push_back(fmt::format("the {} is not complete: its writer did not finish, or still writes",
                                                 to_string(input.side)));
        }
        if (input.notes.impersonated > 0) {
            report.remarks.push_back(
                fmt::format("privileges are approximate: {} sessions of the {} were impersonated by a superuser",
                            input.notes.impersonated, to_string(input.side)));
        }
        if (damage.unknown_records > 0) {
            report.remarks.push_back(fmt::format("the {} holds {} records of a newer version, which were passed over",
                                                 to_string(input.side), damage.unknown_records));
        }
        if (input.header.redacted && input.header.source != "replay") {
            report.remarks.push_back(
                fmt::format("the {} was redacted when it was captured: values of its ruled columns "
                            "agree only with a target that holds the same tokens",
                            to_string(input.side)));
        }
        if (input.notes.gaps > 0 || input.notes.dropped_steps > 0) {
            report.remarks.push_back(fmt::format("the {} has {} gaps ({} bytes) and {} results out of place",
                                                 to_string(input.side), input.notes.gaps, input.notes.gap_bytes,
                                                 input.notes.dropped_steps));
        }
    }
}

}  // namespace understudy::compare
