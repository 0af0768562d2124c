#include "app/rehearse/stage.hpp"

#include <fmt/format.h>

#include "app/process/command_run.hpp"
#include "app/process/target_for_child.hpp"

namespace understudy::app {
namespace {

class TemplateStage final : public Stage {
public:
    explicit TemplateStage(DatabaseCopies copies) : copies_(std::move(copies)) {}

    Result<std::string> begin(const std::string& run) override {
        UNDERSTUDY_TRY(const DatabaseCopy copy, copies_.create(run, CopyKind::template_copy));
        name_ = copy.name;
        return copy.conninfo;
    }
    Result<void> end() override { return copies_.drop(name_); }
    [[nodiscard]] bool own_scratch() const override { return true; }
    [[nodiscard]] std::string describe() const override {
        return fmt::format("each run has its own copy of {} (CREATE DATABASE … TEMPLATE), dropped afterwards",
                           copies_.source());
    }

private:
    DatabaseCopies copies_;
    std::string name_;
};

class TargetStage final : public Stage {
public:
    TargetStage(std::string target, std::string command, std::function<bool()> stop)
        : target_(std::move(target)), command_(std::move(command)), stop_(std::move(stop)) {}

    Result<std::string> begin(const std::string& run) override {
        if (command_.empty()) return target_;
        UNDERSTUDY_TRY(TargetForChild child, target_for_child(target_));
        child.environment.emplace_back("UNDERSTUDY_RUN", run);
        UNDERSTUDY_TRY(const CommandEnd end, run_command(command_, child.environment, stop_));
        if (end.exit_code == 0 && !end.stopped) return target_;
        return make_error(Errc::io,
                          fmt::format("before the {} run, --reset-command: {}", run, failure_text(command_, end)));
    }
    Result<void> end() override { return {}; }
    [[nodiscard]] bool own_scratch() const override { return false; }
    [[nodiscard]] std::string describe() const override {
        return command_.empty() ? "all runs play in the target itself, each on what the run before left"
                                : fmt::format("before each run the target is restored by: {}", command_);
    }

private:
    std::string target_;
    std::string command_;
    std::function<bool()> stop_;
};

}  // namespace

Result<CopyOptions> copy_options(const RehearseOptions& options, std::uint64_t recorded_identifier,
                                 const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(const schema::ProductionFacts production, production_facts(options.production_id));
    CopyOptions copy;
    copy.recorded_system_identifier = recorded_identifier;
    copy.production_id = production.production_id;
    copy.production_id_none = production.production_id_none;
    copy.close_connections = options.close_connections;
    copy.stop = stop;
    return copy;
}

Result<std::unique_ptr<Stage>> make_stage(const RehearseOptions& options, std::uint64_t recorded_identifier,
                                          const std::function<bool()>& stop) {
    if (options.reset == "command" && options.reset_command.empty()) {
        return make_error(Errc::usage,
                          "--reset command needs --reset-command: what restores the target before each run");
    }
    if (options.reset != "template") {
        const std::string command = options.reset == "command" ? options.reset_command : std::string();
        return std::unique_ptr<Stage>(new TargetStage(options.target, command, stop));
    }
    UNDERSTUDY_TRY(auto copy, copy_options(options, recorded_identifier, stop));
    UNDERSTUDY_TRY(auto copies, DatabaseCopies::open(options.target, std::move(copy)));
    return std::unique_ptr<Stage>(new TemplateStage(std::move(copies)));
}

}  // namespace understudy::app
