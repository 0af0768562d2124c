#include <fmt/format.h>

#include <algorithm>

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

std::string partial_text(const Migration& migration, const PartialOutcome& partial) {
    std::string text = fmt::format("    {} {}: {} left", partial.recoverable() ? "ok  " : "STOP", partial.where(),
                                   to_string(partial.left));
    if (partial.up_again) text += "; " + step_text("up again", *partial.up_again);
    if (partial.down) text += "; " + step_text("down", *partial.down);
    if (partial.traffic) {
        text += partial.traffic->served
                    ? "; traffic is served"
                    : fmt::format("; {} of {} statements of the traffic fail ({})", partial.traffic->failed,
                                  partial.traffic->executed, partial.traffic->first_failure);
    }
    text += '\n';
    if (!partial.recoverable()) text += fmt::format("         {}\n", what_to_do(migration, partial));
    return text;
}

std::string migration_text(const MigrationRollback& one) {
    const MigrationTrials& trials = one.trials;
    std::string text = fmt::format("{}: {}\n", one.migration.title(), to_string(one.classification.overall));
    text += fmt::format("    {} runs as {}\n", one.migration.up.path, to_string(one.migration.up_mode));
    for (const std::string& reason : one.classification.reasons) text += fmt::format("    - {}\n", reason);
    for (const std::string& note : one.notes) text += fmt::format("    note: {}\n", note);
    for (const PartialOutcome& partial : trials.partial) text += partial_text(one.migration, partial);
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
