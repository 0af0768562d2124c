#include "app/rehearse/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/options.hpp"
#include "core/base/time.hpp"

namespace understudy::app {
namespace {

using compare::Section;
using compare::SectionState;
using schema::lock_watch::MigrationObservation;

constexpr std::size_t kShownStalls = 5;
constexpr std::size_t kShownLocks = 10;
constexpr std::size_t kShownLines = 200;
constexpr double kEnoughLikeProduction = 90;  // per cent of the recorded steps

std::string times(std::uint64_t count, const char* what) {
    return fmt::format("{} {}{}", human_count(count), what, count == 1 ? "" : "s");
}

std::string name_of(const Bytes& application, const Bytes& user) {
    return application.empty() ? user : fmt::format("{} ({})", application, user);
}

void add_locks(const MigrationObservation& seen, Section& section) {
    for (std::size_t i = 0; i < seen.held.size() && i < kShownLocks; ++i) {
        const auto& lock = seen.held[i];
        section.lines.push_back(fmt::format("held {} on {} for {} (from: {})", sql::to_string(lock.mode),
                                            lock.relation.empty() ? Bytes("what it made") : lock.relation,
                                            human_duration(lock.last - lock.first), lock.statement));
    }
    if (seen.held.size() > kShownLocks) {
        section.lines.push_back(fmt::format("and {} more locks", seen.held.size() - kShownLocks));
    }
    for (const auto& lock : seen.waited) {
        std::string line =
            fmt::format("waited {} for {} on {}", human_duration(lock.last - lock.first), sql::to_string(lock.mode),
                        lock.relation.empty() ? Bytes("no table") : lock.relation);
        for (const auto& blocker : lock.blockers) {
            line += fmt::format("; before it stood {} ({}, transaction open for {}): {}",
                                name_of(blocker.application, blocker.user), blocker.state,
                                human_duration(blocker.transaction_age), blocker.query);
        }
        section.lines.push_back(std::move(line));
    }
}

void add_stalls(const MigrationObservation& seen, Section& section) {
    for (std::size_t i = 0; i < seen.stalls.size() && i < kShownStalls; ++i) {
        const auto& stall = seen.stalls[i];
        section.lines.push_back(
            fmt::format("{} waited {} for {}{}: {}", name_of(stall.application, stall.user),
                        human_duration(stall.longest), stall.relation.empty() ? Bytes("a lock") : stall.relation,
                        stall.while_waiting ? ", in the queue behind the waiting migration" : "", stall.query));
    }
    if (seen.stalls.size() > kShownStalls) {
        section.lines.push_back(fmt::format("and {} more sessions waited", seen.stalls.size() - kShownStalls));
    }
}

void add_effects(const MigrationObservation& seen, Section& section) {
    for (const auto& rewrite : seen.rewrites) {
        section.lines.push_back(fmt::format(
            "rewrote {} ({})", rewrite.relation,
            rewrite.bytes_after < 0 ? "size not known" : human_bytes(static_cast<std::uint64_t>(rewrite.bytes_after))));
    }
    if (seen.wal_bytes >= 0) {
        section.lines.push_back(
            fmt::format("WAL written meanwhile, by all: {}; the database grew by {}",
                        human_bytes(static_cast<std::uint64_t>(seen.wal_bytes)),
                        human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(0, seen.disk_bytes)))));
    }
    section.lines.push_back(fmt::format("watched by {} samples, at most {} apart: shorter waits may be missing",
                                        seen.samples, human_duration(seen.longest_gap)));
}

void add_gentle(const TrafficTrial& gentle, Section& section) {
    section.lines.push_back(
        fmt::format("once more with lock_timeout {}: {}, the longest wait of a user was {}", gentle.lock_timeout,
                    gentle.migrated.succeeded ? "the migration went through"
                                              : "the migration gave up (" + gentle.migrated.failure + ")",
                    human_duration(gentle.seen.longest_stall)));
}

/// The lines of a text, indentation kept.
void add_text(const std::string& text, Section& section) {
    std::size_t begin = 0;
    while (begin < text.size() && section.lines.size() < kShownLines) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end > begin) section.lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (begin < text.size()) section.lines.emplace_back("… and more");
}

}  // namespace

Section migration_section(const MigrationOutcome& outcome) {
    Section section{"migration", "The migration alone", SectionState::passed, {}, outcome.steps};
    section.summary =
        fmt::format("{} in {}", times(outcome.steps.size(), "statement"), human_duration(outcome.duration));
    if (!outcome.succeeded) {
        section.state = SectionState::failed;
        section.summary = "it does not run: " + outcome.failure;
    }
    return section;
}

Section hazard_section(const std::vector<schema::hazard::HazardReport>& reports) {
    Section section{"hazards", "The text of the migration", SectionState::passed, {}, {}};
    std::size_t breaks = 0;
    std::size_t others = 0;
    std::size_t unknown = 0;
    for (const auto& report : reports) {
        unknown += report.unknown + report.not_looked_into;
        for (const schema::hazard::Hazard& found : report.hazards) {
            (found.severity == schema::hazard::HazardSeverity::breaks ? breaks : others) += 1;
            if (section.lines.size() >= kShownLines) continue;
            section.lines.push_back(
                fmt::format("{}:{} {}: {}", found.file, found.line, to_string(found.severity), found.message));
            if (!found.advice.empty()) section.lines.push_back("instead: " + found.advice);
        }
    }
    section.summary = fmt::format("{} by which something breaks, {} that make others wait or are worth knowing",
                                  times(breaks, "hazard"), human_count(others));
    if (unknown > 0) section.summary += fmt::format("; {} cannot be judged by their text", times(unknown, "statement"));
    if (breaks > 0) section.state = SectionState::failed;
    return section;
}

Section staging_section(const compare::Report& report) {
    const compare::Coverage& coverage = report.coverage;
    const std::uint64_t same = coverage.compared - std::min(coverage.compared, coverage.differing);
    const double share = coverage.percent_of_compared(same);
    Section section{"staging", "Staging against production", SectionState::passed, {}, {}};
    section.summary = fmt::format("the unchanged schema answered {} of {} recorded steps as production did ({:.1f} %)",
                                  human_count(same), human_count(coverage.compared), share);
    if (share < kEnoughLikeProduction) {
        section.lines.push_back(
            "what staging does not reproduce is not covered by this rehearsal: restore it from production at the time "
            "the "
            "capture began");
    }
    return section;
}

Section held_section(const std::map<std::string, std::uint64_t>& counters) {
    std::uint64_t shapes = 0;
    for (const auto& [name, count] : counters) shapes += name.starts_with("replay.held_fingerprint.") ? 1U : 0U;
    const auto count = [&](const char* name) {
        const auto found = counters.find(name);
        return found == counters.end() ? 0 : found->second;
    };
    const std::uint64_t sessions = count("replay.held_sessions");
    const std::uint64_t statements = count("replay.held_statements") + count("replay.statements_warmed");
    Section section{"held", "Held sessions", SectionState::passed, {}, {}};
    section.summary =
        fmt::format("{} stayed open over the migration, with {} of {} different statements", times(sessions, "session"),
                    times(statements, "prepared statement"), human_count(shapes));
    if (const std::uint64_t inside = count("replay.pause_transactions"); inside > 0) {
        section.lines.push_back(
            fmt::format("{} inside a transaction when the migration began, and went on to its end while it ran",
                        inside == 1 ? "1 session was" : human_count(inside) + " sessions were"));
    }
    if (sessions == 0) {
        section.state = SectionState::inconclusive;
        section.summary = "nobody was connected at that moment of the capture: choose another with --held-at";
    } else if (statements == 0) {
        section.lines.emplace_back("none had a prepared statement: what happens to those is not covered");
    }
    return section;
}

Section traffic_section(const TrafficTrial& trial, const TrafficTrial* gentle, Duration max_stall) {
    const MigrationObservation& seen = trial.seen;
    Section section{"traffic", "The migration under traffic", SectionState::passed, {}, {}};
    const bool stalled = seen.longest_stall > max_stall;
    const bool deadlock = seen.deadlocks > 0;
    section.summary = fmt::format("took {}; the longest wait of a user behind it was {} (allowed: {}), {} waited",
                                  human_duration(trial.migrated.duration), human_duration(seen.longest_stall),
                                  human_duration(max_stall), times(seen.stalls.size(), "session"));
    if (deadlock)
        section.summary += fmt::format("; {} ended by deadlocks (40P01)",
                                       times(static_cast<std::uint64_t>(seen.deadlocks), "transaction"));
    if (stalled || deadlock || !trial.migrated.succeeded) section.state = SectionState::failed;
    if (!trial.migrated.succeeded) section.summary += "; it failed: " + trial.migrated.failure;
    if (!seen.migration_seen && trial.migrated.duration > Duration::milliseconds(200)) {
        section.state = SectionState::inconclusive;
        section.summary += "; its session was not seen (does the tool set another application_name?)";
    }
    add_locks(seen, section);
    add_stalls(seen, section);
    if (gentle != nullptr) add_gentle(*gentle, section);
    add_effects(seen, section);
    if (!trial.blind.empty()) section.lines.push_back(trial.blind);
    if (!trial.replay_problem.empty())
        section.lines.push_back("the traffic did not play to its end: " + trial.replay_problem);
    return section;
}

void add_moments(const std::vector<TrafficTrial>& trials, const std::vector<std::string>& problems, Section& section) {
    if (trials.size() + problems.size() < 2) return;
    section.summary = fmt::format("the worst of {} moments: {}", trials.size(), section.summary);
    for (const TrafficTrial& trial : trials) {
        std::string line =
            fmt::format("begun after {} of traffic: took {}, the longest wait of a user was {}, {} waited",
                        human_duration(trial.begun_after), human_duration(trial.migrated.duration),
                        human_duration(trial.seen.longest_stall), times(trial.seen.stalls.size(), "session"));
        if (trial.seen.deadlocks > 0) {
            line += fmt::format(", {} ended by deadlocks",
                                times(static_cast<std::uint64_t>(trial.seen.deadlocks), "transaction"));
        }
        if (!trial.migrated.succeeded) line += ", it failed: " + trial.migrated.failure;
        section.lines.push_back(std::move(line));
    }
    for (const std::string& problem : problems) {
        section.lines.push_back("at another moment it could not be rehearsed: " + problem);
    }
}

Section rollback_section(const schema::RollbackReport& report) {
    Section section{"rollback", "The way back", SectionState::passed, {}, {}};
    using schema::RollbackClass;
    for (const RollbackClass value :
         {RollbackClass::reversible, RollbackClass::lossy, RollbackClass::declared_irreversible,
          RollbackClass::undeclared_irreversible, RollbackClass::migration_fails, RollbackClass::unrecoverable}) {
        const std::size_t count = report.count(value);
        if (count == 0) continue;
        section.summary += fmt::format("{}{} {}", section.summary.empty() ? "" : ", ", count, schema::to_string(value));
    }
    section.summary += fmt::format("; {} on {} of the database", times(report.trials(), "trial"),
                                   report.copies == 1 ? "1 copy" : human_count(report.copies) + " copies");
    if (!report.passed()) section.state = SectionState::failed;
    if (report.passed() && !report.complete()) section.state = SectionState::inconclusive;
    if (!report.stopped.empty()) section.summary += "; ended early: " + report.stopped;
    add_text(schema::to_text(report), section);
    return section;
}

Section skipped_section(const std::string& id, const std::string& title, const std::string& why) {
    return {id, title, SectionState::skipped, why, {}};
}

Section broken_section(const std::string& id, const std::string& title, const Error& error) {
    return {id, title, SectionState::inconclusive, "could not be rehearsed: " + error.message, {}};
}

}  // namespace understudy::app
