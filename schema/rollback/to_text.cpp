#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "schema/rollback/rollback_report.hpp"

namespace understudy::schema {
namespace {

constexpr RollbackClass kClasses[] = {
    RollbackClass::unrecoverable,         RollbackClass::migration_fails, RollbackClass::undeclared_irreversible,
    RollbackClass::declared_irreversible, RollbackClass::lossy,           RollbackClass::reversible};

bool clean(const MigrationRollback& one) {
    return one.classification.overall == RollbackClass::reversible && one.classification.reasons.empty();
}

std::string step_text(const char* name, const StepOutcome& outcome) {
    if (!outcome.ran) return fmt::format("{} fails: {}", name, outcome.failure);
    if (outcome.restored()) return fmt::format("{} works", name);
    return fmt::format("{} runs, {} differ{}", name, outcome.schema_equal ? "data" : "the schema",
                       outcome.schema_equal ? "" : "s");
}

/// What came of a failure, without where it happened: failures that are alike in this are told as one.
std::string outcome_text(const PartialOutcome& partial) {
    std::string text = fmt::format("{} left", to_string(partial.left));
    if (partial.up_again) text += "; " + step_text("up again", *partial.up_again);
    if (partial.down) text += "; " + step_text("down", *partial.down);
    if (partial.traffic) {
        text += partial.traffic->served
                    ? "; traffic is served"
                    : fmt::format("; {} of {} statements of the traffic fail ({})", partial.traffic->failed,
                                  partial.traffic->executed, partial.traffic->first_failure);
    }
    return text;
}

/// "1–4, 7": of ascending numbers.
std::string ranges(const std::vector<std::size_t>& numbers) {
    std::string text;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
        text += fmt::format("{}{}", text.empty() ? "" : ", ", numbers[i]);
        if (last > i) text += fmt::format("–{}", numbers[last]);
        i = last + 1;
    }
    return text;
}

/// The places of failures that came to the same, in few words.
std::string places_text(const std::vector<const PartialOutcome*>& alike) {
    if (alike.size() == 1) return alike.front()->where();
    std::vector<std::string> parts;
    std::vector<std::size_t> after;
    std::map<std::string, std::vector<std::size_t>> inside;  // statements, by kind
    for (const PartialOutcome* one : alike) {
        if (!one->place.empty() || one->by_itself) {
            parts.push_back(one->where());
        } else if (one->interruption) {
            inside[to_string(*one->interruption)].push_back(one->statement + 1);
        } else {
            after.push_back(one->statement + 1);
        }
    }
    if (!after.empty())
        parts.push_back(fmt::format("after statement{} {}", after.size() == 1 ? "" : "s", ranges(after)));
    std::map<std::vector<std::size_t>, std::string> kinds;  // of the same statements
    for (auto& [kind, statements] : inside) {
        std::sort(statements.begin(), statements.end());
        std::string& names = kinds[statements];
        names += (names.empty() ? "" : ", ") + kind;
    }
    for (const auto& [statements, names] : kinds) {
        parts.push_back(
            fmt::format("inside statement{} {} ({})", statements.size() == 1 ? "" : "s", ranges(statements), names));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

std::string partials_text(const Migration& migration, const std::vector<PartialOutcome>& partials) {
    std::vector<std::pair<std::string, std::vector<const PartialOutcome*>>> groups;  // in order of their first
    for (const PartialOutcome& partial : partials) {
        const std::string outcome = outcome_text(partial);
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& one) {
            return one.first == outcome && one.second.front()->recoverable() == partial.recoverable();
        });
        if (group == groups.end()) {
            groups.emplace_back(outcome, std::vector<const PartialOutcome*>());
            group = groups.end() - 1;
        }
        group->second.push_back(&partial);
    }
    std::string text;
    for (const auto& [outcome, alike] : groups) {
        const PartialOutcome& first = *alike.front();
        text += fmt::format("    {} {}: {}\n", first.recoverable() ? "ok  " : "STOP", places_text(alike), outcome);
        if (first.recoverable()) continue;
        text += fmt::format("         {}{}\n", alike.size() > 1 ? "of the first of them: " : "",
                            what_to_do(migration, first));
    }
    return text;
}

std::string migration_text(const MigrationRollback& one) {
    const MigrationTrials& trials = one.trials;
    std::string text = fmt::format("{}: {}\n", one.migration.title(), to_string(one.classification.overall));
    if (!one.migration.up.empty()) {
        text += fmt::format("    {} runs as {}\n", one.migration.up.path, to_string(one.migration.up_mode));
    }
    for (const std::string& reason : one.classification.reasons) text += fmt::format("    - {}\n", reason);
    for (const std::string& note : one.notes) text += fmt::format("    note: {}\n", note);
    text += partials_text(one.migration, trials.partial);
    for (const SkippedTrial& skipped : trials.skipped)
        text += fmt::format("    skipped: {}: {}\n", skipped.what, skipped.why);
    return text;
}

}  // namespace

std::size_t RollbackReport::count(RollbackClass value) const {
    return static_cast<std::size_t>(
        std::count_if(migrations.begin(), migrations.end(),
                      [&](const MigrationRollback& one) { return one.classification.overall == value; }));
}

std::size_t RollbackReport::trials() const {
    std::size_t count = 0;
    for (const MigrationRollback& one : migrations)
        count += 1 + (one.trials.traffic ? 1 : 0) + one.trials.partial.size();
    return count;
}

std::size_t RollbackReport::skipped() const {
    std::size_t count = 0;
    for (const MigrationRollback& one : migrations) count += one.trials.skipped.size();
    return count;
}

bool RollbackReport::passed() const {
    return count(RollbackClass::reversible) + count(RollbackClass::declared_irreversible) == migrations.size();
}

std::string to_text(const RollbackReport& report, bool all) {
    std::string text = fmt::format("Rollback rehearsal: {} migrations, {} trials on {} copies, {} skipped\n",
                                   report.migrations.size(), report.trials(), report.copies, report.skipped());
    if (!report.detected.empty()) text += report.detected + "\n";
    for (const RollbackClass value : kClasses) {
        if (const std::size_t count = report.count(value); count > 0)
            text += fmt::format("  {:5} {}\n", count, to_string(value));
    }
    for (const RollbackClass value : kClasses) {
        for (const MigrationRollback& one : report.migrations) {
            if (one.classification.overall == value && (all || !clean(one))) text += "\n" + migration_text(one);
        }
    }
    if (!report.stopped.empty()) text += fmt::format("\nIt ended early: {}\n", report.stopped);
    for (const SkippedTrial& one : report.not_rehearsed) text += fmt::format("  not rehearsed: {}\n", one.what);
    if (!report.warnings.empty()) text += "\n";
    for (const std::string& warning : report.warnings) text += fmt::format("warning: {}\n", warning);
    return text;
}

}  // namespace understudy::schema
