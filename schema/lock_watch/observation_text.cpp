#include <fmt/format.h>

#include "schema/check/text_format.hpp"
#include "schema/lock_watch/observation.hpp"

namespace understudy::schema::lock_watch {
namespace {

constexpr std::size_t kShown = 20;

std::string seconds(Duration duration) { return fmt::format("{:.2f} s", duration.to_seconds()); }

std::string bytes_text(std::int64_t bytes) {
    if (bytes < 0) return "unknown";
    constexpr double kMega = 1024.0 * 1024.0;
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / kMega);
}

std::string growth_text(std::int64_t bytes) { return bytes < 0 ? "-" + bytes_text(-bytes) : bytes_text(bytes); }

std::string who(const Bytes& user, const Bytes& application) {
    return printable(user) + (application.empty() ? "" : ", " + printable(application));
}

std::string more_text(std::size_t shown, std::size_t all) {
    return all > shown ? fmt::format("    … and {} more\n", all - shown) : std::string();
}

std::string waited_text(const MigrationObservation& seen) {
    std::string text;
    for (const WaitedLock& wait : seen.waited) {
        text += fmt::format("  waited {} for {} on {}: {}\n", seconds(wait.last - wait.first), to_string(wait.mode),
                            wait.relation.empty() ? "what is no table" : printable(wait.relation),
                            printable(wait.statement));
        for (const Blocker& blocker : wait.blockers) {
            text += fmt::format("    behind process {} ({}), {}, transaction open for {}: {}\n", blocker.pid,
                                who(blocker.user, blocker.application), printable(blocker.state),
                                seconds(blocker.transaction_age), printable(blocker.query));
        }
    }
    return text;
}

std::string held_text(const MigrationObservation& seen) {
    std::string text;
    for (const HeldLock& lock : seen.held) {
        if (!sql::stops_writes(lock.mode) || lock.relation.empty()) continue;
        text += fmt::format("  held {} on {} for {}: {}\n", to_string(lock.mode), printable(lock.relation),
                            seconds(lock.last - lock.first), printable(lock.statement));
    }
    return text;
}

std::string stalls_text(const MigrationObservation& seen) {
    std::string text;
    for (std::size_t i = 0; i < seen.stalls.size() && i < kShown; ++i) {
        const Stall& stall = seen.stalls[i];
        text += fmt::format(
            "    {} process {} ({}){}{}: {}\n", seconds(stall.longest), stall.pid, who(stall.user, stall.application),
            stall.relation.empty() ? "" : " on " + printable(stall.relation),
            stall.while_waiting ? ", while the migration itself was waiting" : "", printable(stall.query));
    }
    return text + more_text(kShown, seen.stalls.size());
}

}  // namespace

std::string to_text(const MigrationObservation& seen) {
    std::string text = fmt::format("Migration under traffic: {} observed, {} looks, at most {:.0f} ms apart\n",
                                   seconds(seen.end - seen.begin), seen.samples, seen.longest_gap.to_milliseconds());
    if (!seen.failure.empty()) text += fmt::format("  the watch ended early: {}\n", printable(seen.failure));
    if (!seen.migration_seen)
        text += "  no session of the migration was seen at work: it was too short, or is called otherwise\n";
    text += waited_text(seen) + held_text(seen);
    if (seen.stalls.empty()) {
        text += "  nobody was seen waiting for it\n";
    } else {
        text += fmt::format("  {} session{} waited for it, the longest {}:\n", seen.stalls.size(),
                            seen.stalls.size() == 1 ? "" : "s", seconds(seen.longest_stall));
        text += stalls_text(seen);
    }
    for (const DeadlockSeen& deadlock : seen.deadlocks_seen) {
        text += fmt::format("  deadlock at {}{}:\n", utc_text(deadlock.time),
                            deadlock.with_migration ? ", with the migration" : "");
        for (const Blocker& member : deadlock.members) {
            text += fmt::format("    process {} ({}): {}\n", member.pid, who(member.user, member.application),
                                printable(member.query));
        }
    }
    for (const Rewrite& rewrite : seen.rewrites) {
        text += fmt::format("  rewritten: {}, {} before, {} after\n", printable(rewrite.relation),
                            bytes_text(rewrite.bytes_before), bytes_text(rewrite.bytes_after));
    }
    text += fmt::format("  by all meanwhile: WAL {}, temporary files {}, disk {}, deadlocks {}\n",
                        bytes_text(seen.wal_bytes), bytes_text(seen.temp_bytes), growth_text(seen.disk_bytes),
                        seen.deadlocks);
    if (seen.failed_samples > 0) text += fmt::format("  looks that failed: {}\n", seen.failed_samples);
    if (seen.beyond_limit > 0)
        text += fmt::format("  locks, sessions and events beyond what is kept: {}\n", seen.beyond_limit);
    if (seen.tables_cut) text += "  rewrites were looked for in the largest tables only\n";
    return text;
}

}  // namespace understudy::schema::lock_watch
