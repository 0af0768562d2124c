#include "app/replay/order_options.hpp"

#include <fmt/format.h>

#include "app/options.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kShownReasons = 10;
constexpr double kAmbiguousLimit = 0.05;  // docs/order.md: above it a verdict would mislead

std::string percent(std::uint64_t part, std::uint64_t whole) {
    return fmt::format("{:.2f} %", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

void OrderOptions::add_to(CLI::App& command) {
    command
        .add_option(
            "--sync", sync,
            "Order across sessions: none (each session's own), commit (a request waits for every commit that was "
            "answered before it was asked), strict (for what it conflicts with, row by row)")
        ->capture_default_str();
    command.add_option("--harmless", harmless,
                       "A volatile function that touches no table: nothing waits for it; may be given more than once");
    command.add_flag("--dry-run", dry_run, "Only plan, and say what would be done");
}

Result<replay::OrderPlanner::Options> OrderOptions::planner() const {
    replay::OrderPlanner::Options options;
    if (sync == "none") {
        options.mode = replay::SyncMode::none;
    } else if (sync == "commit") {
        options.mode = replay::SyncMode::commit;
    } else if (sync == "strict") {
        options.mode = replay::SyncMode::strict;
    } else {
        return make_error(Errc::usage, fmt::format("'{}' is no order; --sync takes none, commit or strict", sync));
    }
    options.harmless_functions.assign(harmless.begin(), harmless.end());
    return options;
}

std::string plan_text(const replay::ReplayPlan& plan, replay::SyncMode mode) {
    const replay::PlanStats& order = plan.order;
    std::string text =
        fmt::format("plan: {} exchanges in {} sessions, recorded over {}\n", human_count(order.exchanges),
                    human_count(plan.sessions), human_duration(plan.recorded));
    if (mode != replay::SyncMode::none) {
        text += fmt::format("  {} of {} requests come after others' ({} certain, {} from lock order, {} likely)\n",
                            human_count(order.ordered), human_count(order.requests), human_count(order.hard_edges),
                            human_count(order.inferred_edges), human_count(order.soft_edges));
    }
    if (mode == replay::SyncMode::strict) {
        text +=
            fmt::format("  {} exchanges ({}) are ambiguous: the capture leaves open what they saw\n",
                        human_count(order.ambiguous_exchanges), percent(order.ambiguous_exchanges, order.exchanges));
        if (plan.ambiguous_share() > kAmbiguousLimit) {
            text += fmt::format("  more than {:.0f} %: a verdict over them would mislead\n", 100 * kAmbiguousLimit);
        }
        if (order.opaque_steps > 0) {
            text += fmt::format("  {} statements may do anything, so everything waits for them\n",
                                human_count(order.opaque_steps));
        }
        for (std::size_t i = 0; i < plan.unknown_functions.size() && i < kShownReasons; ++i) {
            text += fmt::format("    {} × function {} (--harmless {} if it touches no table)\n",
                                human_count(plan.unknown_functions[i].second), plan.unknown_functions[i].first,
                                plan.unknown_functions[i].first);
        }
        if (order.over_lookahead > 0) {
            text += fmt::format("  {} requests were answered too late to be placed by their answer\n",
                                human_count(order.over_lookahead));
        }
    }
    if (plan.not_sent > 0) text += fmt::format("  {} requests will not be sent:\n", human_count(plan.not_sent));
    std::size_t shown = 0;
    for (const auto& [why, count] : plan.why_not_sent) {
        if (++shown > kShownReasons) break;
        text += fmt::format("    {} × {}\n", human_count(count), why);
    }
    return text;
}

std::string order_text(const replay::ReplayStats& stats, replay::SyncMode mode) {
    if (mode == replay::SyncMode::none) return {};
    std::string text = fmt::format(
        "order: {} requests came after others', {} had to wait for them, {:.1f} ms on average\n",
        human_count(stats.ordered_requests), human_count(stats.order_waits),
        stats.order_waits == 0
            ? 0.0
            : static_cast<double>(stats.order_wait_us.load()) / 1000.0 / static_cast<double>(stats.order_waits.load()));
    const std::uint64_t hard = stats.broken_waits[0];
    const std::uint64_t inferred = stats.broken_waits[1];
    const std::uint64_t soft = stats.broken_waits[2];
    if (hard + inferred + soft > 0) {
        text += fmt::format(
            "  {} waits were broken, as sessions waited for each other ({} certain, {} from lock order, {} "
            "likely)\n",
            human_count(hard + inferred + soft), human_count(hard), human_count(inferred), human_count(soft));
    }
    if (stats.tainted_requests > 0) {
        text += fmt::format("  {} requests ({}) are tainted: what they come after did not happen as it was recorded\n",
                            human_count(stats.tainted_requests), percent(stats.tainted_requests, stats.requests_sent));
    }
    if (stats.deadlocks > 0) {
        text += fmt::format("  {} statements were ended by a deadlock in the target\n", human_count(stats.deadlocks));
    }
    return text;
}

}  // namespace understudy::app
