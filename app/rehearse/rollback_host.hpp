#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/copies/database_copies.hpp"
#include "app/rehearse/rehearse_options.hpp"
#include "core/catalog/snapshot/snapshot.hpp"
#include "schema/rollback/rehearse_rollback.hpp"

namespace understudy::app {

/// That a database is a copy, and of which, is no part of its schema.
void forget_copy_tags(catalog::Snapshot& snapshot);

/// Gives the rehearsal of the way back its copies of the target, their schemas, and recorded traffic.
class RehearsalRollbackHost final : public schema::RollbackHost {
public:
    /// `baseline`: answers of the unchanged schema, to judge by whether traffic is served; `answers`: a file for those
    /// of a trial. Everything is borrowed. Errors: those of DatabaseCopies::open().
    static Result<std::unique_ptr<RehearsalRollbackHost>> open(const RehearseOptions& options, CopyOptions copies,
                                                               std::string baseline, std::string answers,
                                                               std::function<void(const std::string&)> tell);

    Result<schema::ScratchCopy> make_copy(const schema::ScratchCopy* of) override;
    Result<void> drop_copy(const schema::ScratchCopy& copy) override;
    Result<schema::SchemaState> schema_state(const schema::ScratchCopy& copy) override;
    [[nodiscard]] bool has_traffic() const override { return !baseline_.empty(); }
    Result<schema::TrafficOutcome> replay(const schema::ScratchCopy& copy) override;
    [[nodiscard]] bool has_command(schema::Direction direction) const override;
    Result<schema::CommandOutcome> run_command(schema::Direction direction, const schema::ScratchCopy& copy) override;
    Result<schema::CommandPlaces> command_places(const schema::ScratchCopy& copy) override;
    Result<schema::CommandOutcome> cut_command(const schema::ScratchCopy& copy, const schema::CommandPlace& place,
                                               schema::Interruption kind) override;
    [[nodiscard]] bool stop_requested() const override { return copy_options_.stop(); }
    void progress(const std::string& what) override { tell_(what); }

private:
    RehearsalRollbackHost(const RehearseOptions& options, CopyOptions copies, std::string baseline, std::string answers,
                          std::function<void(const std::string&)> tell, DatabaseCopies of_target)
        : options_(options),
          copy_options_(std::move(copies)),
          baseline_(std::move(baseline)),
          answers_(std::move(answers)),
          tell_(std::move(tell)),
          of_target_(std::move(of_target)) {}

    const RehearseOptions& options_;
    CopyOptions copy_options_;
    std::string baseline_;
    std::string answers_;
    std::function<void(const std::string&)> tell_;
    DatabaseCopies of_target_;
    std::map<std::string, std::shared_ptr<DatabaseCopies>> makers_;  // of copies of copies, by the copy's name
};

}  // namespace understudy::app
