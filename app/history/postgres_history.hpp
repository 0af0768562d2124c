#pragma once

#include <functional>
#include <optional>

#include "app/history/history.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {

/// Runs in the schema `understudy` of a database, for a team. The program makes it and brings it to its version. A lost
/// connection fails one question; the next opens another.
class PostgresHistory final : public History {
public:
    struct Access {
        bool only_existing = false;    ///< make nothing
        bool in_replay_target = false; ///< also where the database is marked as one that is replayed into
    };
    /// Errors: Errc::io, Errc::usage as ControlConnection's; Errc::refused for a replay target; Errc::unsupported.
    static Result<std::unique_ptr<PostgresHistory>> open(const std::string& conninfo, const Access& access);

    Result<void> add(const compare::RunRecord& run) override;
    Result<RunPage> list(const RunFilter& filter) override;
    Result<compare::RunRecord> read(const std::string& id) override;
    Result<std::vector<compare::ObservedRun>> observed(const RunFilter& filter) override;
    Result<std::vector<compare::LatencyPoint>> latency(const std::string& fingerprint, const RunFilter& filter) override;
    Result<std::vector<compare::LatencyPoint>> latencies(const RunFilter& filter) override;
    Result<void> mark_release(const std::string& id, const std::string& name) override;
    Result<void> keep_certificate(const std::string& id, const std::string& text) override;
    Result<std::optional<std::string>> certificate(const std::string& id) override;
    Result<void> remove(const std::string& id) override;
    [[nodiscard]] std::vector<SkippedRun> skipped() const override { return {}; }
    [[nodiscard]] std::string where() const override { return where_; }
    [[nodiscard]] bool leaves_the_machine() const override { return true; }

private:
    enum class Mode { read, write };
    using Work = std::function<Result<void>(catalog::ControlConnection&)>;

    explicit PostgresHistory(std::string conninfo) : conninfo_(std::move(conninfo)) {}
    Result<void> within(Mode mode, const Work& work);
    Result<void> prepare(const Access& access);
    /// "STATEMENT VALUE where id = …": of one run.
    Result<void> change(const std::string& id, const char* statement, const std::optional<std::string>& value);
    Result<std::vector<compare::LatencyPoint>> points(const std::string& sql);
    [[nodiscard]] std::string literal(const std::string& text) const;
    /// "select id … from understudy.run where …", newest first.
    [[nodiscard]] std::string chosen(const char* columns, const RunFilter& filter, std::size_t limit) const;

    std::string conninfo_;
    std::string where_;
    std::optional<catalog::ControlConnection> connection_;
};

}  // namespace understudy::app
