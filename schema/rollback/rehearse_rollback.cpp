#include "schema/rollback/rehearse_rollback.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schema/migration/applied.hpp"
#include "schema/rollback/migration_rehearsal.hpp"

namespace understudy::schema {
namespace {

/// What the migration does outside its copy and nobody allowed; empty: nothing. Roles are only warned of.
std::string forbidden_effect(const Migration& migration, const std::set<std::string>& allowed, RollbackReport& report) {
    std::vector<std::string> effects = outside_copy(migration.up);
    if (migration.down) {
        const auto more = outside_copy(*migration.down);
        effects.insert(effects.end(), more.begin(), more.end());
    }
    for (const std::string& effect : effects) {
        if (effect.ends_with(" ROLE")) {
            const std::string warning =
                migration.title() +
                " changes roles, which belong to the whole server and stay when its copies are dropped";
            if (std::find(report.warnings.begin(), report.warnings.end(), warning) == report.warnings.end()) {
                report.warnings.push_back(warning);
            }
        } else if (!allowed.contains(effect)) {
            return effect;
        }
    }
    return {};
}

class Rehearsal {
public:
    Rehearsal(const MigrationSet& set, const std::vector<std::size_t>& pending, const RollbackSettings& settings,
              RollbackHost& host)
        : set_(set), pending_(pending), settings_(settings), host_(host), bench_(settings_, host, report_) {
        settings_.data.ignored_tables.insert(version_tables().begin(), version_tables().end());
        report_.detected = set.detected;
        report_.warnings = set.warnings;
    }

    RollbackReport run() {
        {
            std::optional<OwnedCopy> base;
            if (auto copied = bench_.copy_of(nullptr)) {
                base.emplace(std::move(*copied));
                run_all(*base);
            } else {
                stop(0, copied.error().message);
            }
        }
        return std::move(report_);
    }

private:
    void run_all(OwnedCopy& base) {
        for (std::size_t i = 0; i < pending_.size(); ++i) {
            const Migration& migration = set_.migrations[pending_[i]];
            if (host_.stop_requested()) return stop(i, "stopped as asked");
            if (const std::string effect = forbidden_effect(migration, settings_.allowed_outside, report_);
                !effect.empty()) {
                return stop(
                    i, fmt::format("{} would act outside the database ({}): allow that by name if it is harmless here",
                                   migration.title(), effect));
            }
            MigrationRollback& one = report_.migrations.emplace_back();
            one.migration = migration;
            one.migration.up_mode = bench_.mode_of(migration, Direction::up);
            one.migration.down_mode = bench_.mode_of(migration, Direction::down);
            std::optional<OwnedCopy> next;
            {
                MigrationRehearsal rehearsal(bench_, migration, base.get());
                const auto done = rehearsal.run(one);
                next = rehearsal.take_next();
                one.classification = classify(migration, one.trials);
                if (!done) return stop(i + 1, done.error().message);
            }
            if (!next && i + 1 == pending_.size()) return;
            if (!next)
                return stop(i + 1, fmt::format("{} fails, so what comes after it has nothing to begin with",
                                               migration.title()));
            base = std::move(*next);
        }
    }

    void stop(std::size_t from, const std::string& why) {
        report_.stopped = why;
        for (std::size_t i = from; i < pending_.size(); ++i) {
            report_.not_rehearsed.push_back({set_.migrations[pending_[i]].title(), why});
        }
    }

    const MigrationSet& set_;
    const std::vector<std::size_t>& pending_;
    RollbackSettings settings_;
    RollbackHost& host_;
    RollbackReport report_;
    TrialBench bench_;
};

}  // namespace

RollbackReport rehearse_rollback(const MigrationSet& set, const std::vector<std::size_t>& pending,
                                 const RollbackSettings& settings, RollbackHost& host) {
    return Rehearsal(set, pending, settings, host).run();
}

RollbackReport rehearse_command_rollback(const std::string& name, const RollbackSettings& settings,
                                         RollbackHost& host) {
    MigrationSet set;
    Migration& migration = set.migrations.emplace_back();
    migration.version = name;
    migration.up.path = name;
    const std::vector<std::size_t> pending = {0};
    return Rehearsal(set, pending, settings, host).run();
}

std::size_t planned_trials(const MigrationSet& set, const std::vector<std::size_t>& pending,
                           const RollbackSettings& settings, bool can_crash) {
    std::size_t count = 0;
    for (const std::size_t index : pending) {
        Migration migration = set.migrations[index];
        if (settings.mode) migration.up_mode = *settings.mode;
        constexpr std::size_t kTrips = 3;  // up; up → down → up; up → traffic → down
        count += kTrips + plan_trials(migration, settings.trials, can_crash).partial.size();
    }
    return count;
}

}  // namespace understudy::schema
