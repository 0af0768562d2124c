// Lists and trends of a history with many runs: bench_history PLACE RUNS. PLACE is an empty directory or a connection
// string.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <vector>

#include "app/history/open_history.hpp"
#include "core/base/time.hpp"
#include "tests/support/made_runs.hpp"

namespace {

using namespace understudy;

constexpr int kFindings = 20;
constexpr int kStatements = 200;
constexpr std::size_t kReport = 300'000;  // bytes, as a report of some findings with rows has
constexpr int kRounds = 7;

/// The median of several rounds, in milliseconds; the first is not counted.
void time_of(const char* what, const std::function<bool()>& question) {
    std::vector<double> times;
    for (int round = 0; round <= kRounds; ++round) {
        const Timestamp begin = system_clock().now();
        if (!question()) {
            fmt::print(stderr, "{} failed\n", what);
            std::exit(1);
        }
        if (round > 0) times.push_back((system_clock().now() - begin).to_milliseconds());
    }
    std::sort(times.begin(), times.end());
    fmt::print("{:<46} {:>9.2f} ms\n", what, times[kRounds / 2]);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int runs = std::atoi(argv[2]);
    auto history = app::open_history(argv[1], {});
    if (!history) {
        fmt::print(stderr, "{}\n", history.error().message);
        return 1;
    }
    const Timestamp begin = system_clock().now();
    for (int night = 0; night < runs; ++night) {
        auto run = testing::made_run(night, night % 2 == 0 ? "nightly" : "weekly", kFindings, kStatements);
        run.report.resize(kReport, ' ');
        if (!(*history)->add(run)) return 1;
    }
    fmt::print("{:<46} {:>9.2f} ms\n", "keep a run (mean)", (system_clock().now() - begin).to_milliseconds() / runs);

    app::RunFilter page;
    app::RunFilter all;
    all.limit = app::RunFilter::kMaxLimit;
    app::RunFilter nightly = all;
    nightly.job = "nightly";
    app::RunFilter sixty = nightly;
    sixty.limit = 60;
    app::RunFilter ten = nightly;
    ten.limit = 10;
    const std::string statement = testing::made_fingerprint(kStatements / 2);
    const std::string last = testing::made_run(runs - 2).observed.summary.id;
    const auto total = static_cast<std::size_t>(runs);
    time_of("list the newest 50", [&] { return (*history)->list(page)->runs.size() == 50; });
    time_of("list all", [&] { return (*history)->list(all)->runs.size() == total; });
    time_of("list one job's", [&] { return (*history)->list(nightly)->runs.size() == total / 2; });
    time_of("one statement over one job's runs",
            [&] { return (*history)->latency(statement, nightly)->size() == total / 2; });
    time_of("one statement over all runs", [&] { return (*history)->latency(statement, all)->size() == total; });
    time_of("all statements over 60 nights (12,000 points)",
            [&] { return (*history)->latencies(sixty)->size() == 60 * kStatements; });
    time_of("findings of 10 nights", [&] { return (*history)->observed(ten)->size() == 10; });
    time_of("one run, whole", [&] { return (*history)->read(last).has_value(); });
    return 0;
}
