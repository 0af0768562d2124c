#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/store/capture_reader.hpp"
#include "tests/support/recorded_session.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::replay {

/// Sessions recorded on one database of a throwaway server and replayed into copies of it, with the program
/// itself.
class ReplayTest : public ::testing::Test {
protected:
    static testing::ThrowawayCluster& cluster() { return testing::ThrowawayCluster::shared(); }

    static std::string new_database(const std::string& sql = "") {
        const std::string name = cluster().create_database("shop");
        if (!sql.empty()) cluster().psql(sql, name);
        return name;
    }
    static void mark(const std::string& database) {
        const auto marked =
            testing::run_command(UNDERSTUDY_BINARY " target --mark \"" + cluster().conninfo(database) + "\"");
        if (marked.exit_code != 0) throw std::runtime_error(marked.out);
    }
    /// A marked copy as it is now, changed by `sql`.
    static std::string copy_of(const std::string& database, const std::string& sql = "") {
        static int copies = 0;
        const std::string name = "copy" + std::to_string(++copies);
        cluster().psql("create database " + name + " template " + database);
        if (!sql.empty()) cluster().psql(sql, name);
        mark(name);
        return name;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return directory_.file(name); }

    /// Runs `understudy replay` of capture `from` with conninfo `target`.
    [[nodiscard]] testing::CommandOutput replay_to(const std::string& target, const std::string& from,
                                                   const std::string& to,
                                                   const std::string& more = "--speed max --ignore-start-state") const {
        return testing::run_command(UNDERSTUDY_BINARY " replay " + file(from) + " --target \"" + target +
                                    "\" --output " + file(to) + " --key " + file("prod.key") + " " + more);
    }
    [[nodiscard]] testing::CommandOutput replay(const std::string& database, const std::string& from = "prod",
                                                const std::string& to = "out",
                                                const std::string& more = "--speed max --ignore-start-state") const {
        return replay_to(cluster().conninfo(database), from, to, more);
    }
    struct Verdict {
        int exit_code = 0;
        std::string text;
        nlohmann::json json;
        [[nodiscard]] std::set<std::string> kinds() const {
            std::set<std::string> kinds;
            for (const auto& finding : json.value("findings", nlohmann::json::array())) kinds.insert(finding["kind"]);
            return kinds;
        }
    };
    [[nodiscard]] Verdict compare(const std::string& a = "prod", const std::string& b = "out") const {
        const auto output =
            testing::run_command(UNDERSTUDY_BINARY " compare " + file(a) + " " + file(b) + " --json " + file("report"));
        Verdict verdict{output.exit_code, output.out, {}};
        std::ifstream report(file("report"));
        if (report) verdict.json = nlohmann::json::parse(report, nullptr, false);
        return verdict;
    }
    [[nodiscard]] std::vector<Event> events(const std::string& name = "out") const {
        std::vector<Event> events;
        const auto reader = store::CaptureReader::open(file(name)).value();
        while (auto event = reader->next().value()) events.push_back(std::move(*event));
        EXPECT_TRUE(reader->damage().none()) << "the file is whole";
        return events;
    }
    template <class Kind>
    [[nodiscard]] std::vector<Kind> all(const std::string& name = "out") const {
        std::vector<Kind> found;
        for (Event& event : events(name)) {
            if (auto* kind = std::get_if<Kind>(&event)) found.push_back(std::move(*kind));
        }
        return found;
    }
    /// Results of one kind of outcome in a file.
    [[nodiscard]] std::vector<StepResult> results(StepOutcome outcome, const std::string& name = "out") const {
        std::vector<StepResult> found;
        for (Response& response : all<Response>(name)) {
            for (StepResult& result : response.results) {
                if (result.outcome == outcome) found.push_back(std::move(result));
            }
        }
        return found;
    }
    static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    testing::TemporaryDirectory directory_;
};

}  // namespace understudy::replay
