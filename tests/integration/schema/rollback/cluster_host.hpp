#pragma once

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "core/catalog/control_connection.hpp"
#include "schema/rollback/rehearse_rollback.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::schema {

/// Scratch copies on a throwaway cluster by CREATE DATABASE … TEMPLATE. A schema's state is pg_dump's text and, since
/// that leaves them out, the invalid indexes.
class ClusterHost : public RollbackHost {
public:
    ClusterHost(const testing::ThrowawayCluster& cluster, std::string database)
        : cluster_(cluster), database_(std::move(database)) {}

    Result<ScratchCopy> make_copy(const ScratchCopy* of) override {
        const std::string name = fmt::format("{}_copy_{}", database_, ++made_);
        UNDERSTUDY_CHECK(query(
            "postgres", fmt::format("create database {} template {}", name, of == nullptr ? database_ : of->name)));
        ++alive_;
        return ScratchCopy{name, cluster_.conninfo(name)};
    }
    Result<void> drop_copy(const ScratchCopy& copy) override {
        UNDERSTUDY_CHECK(query("postgres", fmt::format("drop database {} with (force)", copy.name)));
        --alive_;
        return {};
    }
    Result<SchemaState> schema_state(const ScratchCopy& copy) override {
        SchemaState state;
        UNDERSTUDY_TRY(state.text, dump(copy.name));
        UNDERSTUDY_TRY(
            const auto invalid,
            query(copy.name, "select 'invalid index ' || indexrelid::regclass from pg_index where not indisvalid"));
        for (const catalog::Row& row : invalid) state.text += *row[0] + "\n";
        state.fingerprint = std::to_string(std::hash<std::string>()(state.text));
        return state;
    }

    [[nodiscard]] bool has_traffic() const override { return !traffic.empty(); }
    Result<TrafficOutcome> replay(const ScratchCopy& copy) override {
        TrafficOutcome outcome;
        for (const std::string& sql : traffic) {
            ++outcome.executed;
            try {
                cluster_.psql(sql, copy.name);
            } catch (const std::exception& error) {
                if (outcome.failed++ == 0) outcome.first_failure = error.what();
            }
        }
        outcome.served = outcome.failed == 0;
        return outcome;
    }

    [[nodiscard]] bool can_crash() const override { return crashes; }
    Result<void> crash_server() override {
        const std::string pid = cluster_.psql("select pid from pg_stat_activity where backend_type = 'checkpointer'");
        if (::kill(static_cast<pid_t>(std::stol(pid)), SIGKILL) != 0) return make_error(Errc::io, "cannot kill");
        ++crashed;
        for (int i = 0; i < 300; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            try {
                if (cluster_.psql("select 1") == "1\n") return {};
            } catch (const std::exception&) {  // still recovering
            }
        }
        return make_error(Errc::io, "the server did not recover");
    }

    Result<std::string> dump(const std::string& database) const {
        const auto output = testing::run_command(fmt::format(
            "{} --schema-only --no-owner -h 127.0.0.1 -p {} -U postgres {}", pg_dump(), cluster_.port(), database));
        // Newer versions of pg_dump write a key of chance.
        std::string text;
        for (std::size_t at = 0; at < output.out.size();) {
            const std::size_t end = std::min(output.out.size(), output.out.find('\n', at));
            const std::string line = output.out.substr(at, end - at);
            if (!line.starts_with("\\") && !line.starts_with("--") && !line.empty()) text += line + "\n";
            at = end + 1;
        }
        if (output.exit_code != 0) return make_error(Errc::io, "pg_dump failed: " + output.out);
        return text;
    }

    std::vector<std::string> traffic;  ///< SQL, each in a session of its own
    bool crashes = false;
    int crashed = 0;
    [[nodiscard]] int alive() const { return alive_; }

private:
    /// The program itself: Debian's wrapper takes longer than it.
    static std::string pg_dump() {
        for (int version = 18; version >= 13; --version) {
            const std::string path = fmt::format("/usr/lib/postgresql/{}/bin/pg_dump", version);
            if (std::filesystem::exists(path)) return path;
        }
        return "pg_dump";
    }
    Result<std::vector<catalog::Row>> query(const std::string& database, const std::string& sql) const {
        UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(cluster_.conninfo(database)));
        return connection.query(sql);
    }

    const testing::ThrowawayCluster& cluster_;
    std::string database_;
    int made_ = 0;
    int alive_ = 0;
};

}  // namespace understudy::schema
