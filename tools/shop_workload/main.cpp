// shop_workload: the application of tools/shop, played by many clients at once. See tools/demo.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tools/shop_workload/roles.hpp"

namespace understudy::shop {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int max_seconds = 3600;
/// Clients arrive one after the other, so that those who draw numbers from a sequence do so in a stable
/// order.
constexpr std::chrono::milliseconds arrival_gap{60};

constexpr const char* usage =
    "usage: shop_workload --conninfo CONNINFO [--clients 12] [--seconds 8] [--seed 1]\n"
    "Plays the shop of tools/shop/schema.sql with up to 24 clients; connect as shop_app. A seed can be "
    "played\n"
    "once on a database; it decides the values, the clock how far each client gets.\n";

struct Options {
    std::string conninfo;
    int clients = 12;
    int seconds = 8;
    int seed = 1;
};

const Role& role_of(int client) {
    static constexpr const Role* roles[] = {&web_role,      &checkout_role, &catalogue_role, &reporting_role,
                                            &import_role,   &pipeline_role, &mistake_role,   &web_role,
                                            &checkout_role, &web_role,      &catalogue_role, &checkout_role};
    return *roles[static_cast<std::size_t>(client) % std::size(roles)];
}

void play(const Options& options, int number, Clock::time_point start, Totals& totals) {
    const Role& role = role_of(number);
    const auto end = start + std::chrono::seconds(options.seconds);
    Dice dice(static_cast<std::uint64_t>(options.seed), number);
    Visitor who{number, options.seed, dice};
    std::this_thread::sleep_until(start + number * arrival_gap);
    while (Clock::now() < end) {
        Client client(options.conninfo, role.name, dice, totals);
        role.greet(client, who);
        int left = role.rounds_per_session;
        while (Clock::now() < end) {
            role.act(client, who);
            ++who.round;
            if (--left == 0) break;
            client.think(role.pause_ms);
        }
    }
}

/// False when the arguments are wrong.
bool parse(int argc, char** argv, Options& options) {
    const auto number = [](const char* text, int low, int high, int& out) {
        char* rest = nullptr;
        const long value = std::strtol(text, &rest, 10);
        if (rest == text || *rest != '\0' || value < low || value > high) return false;
        out = static_cast<int>(value);
        return true;
    };
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 >= argc) return false;
        const char* value = argv[i + 1];
        bool known = true;
        if (name == "--conninfo")
            options.conninfo = value;
        else if (name == "--clients")
            known = number(value, 1, max_clients, options.clients);
        else if (name == "--seconds")
            known = number(value, 1, max_seconds, options.seconds);
        else if (name == "--seed")
            known = number(value, 0, 1'000'000, options.seed);
        else
            known = false;
        if (!known) return false;
    }
    return !options.conninfo.empty();
}

int run(const Options& options) {
    Totals totals;
    std::mutex mutex;
    std::string first_surprise;
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    for (int number = 0; number < options.clients; ++number) {
        threads.emplace_back([&, number] {
            try {
                play(options, number, start, totals);
            } catch (const std::exception& surprise) {
                const std::lock_guard lock(mutex);
                if (first_surprise.empty())
                    first_surprise = fmt::format("{}: {}", role_of(number).name, surprise.what());
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    if (!first_surprise.empty()) {
        fmt::print(stderr, "shop_workload: {}\n", first_surprise);
        return 1;
    }
    const std::chrono::duration<double> took = Clock::now() - start;
    fmt::print("{} clients, {} sessions, {} requests ({:.0f} a second), {} rows, {} errors on purpose, {:.1f} s\n",
               options.clients, totals.sessions.load(), totals.requests.load(),
               static_cast<double>(totals.requests.load()) / took.count(), totals.rows.load(),
               totals.intended_errors.load(), took.count());
    return 0;
}

}  // namespace
}  // namespace understudy::shop

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        fmt::print("{}", understudy::shop::usage);
        return 0;
    }
    understudy::shop::Options options;
    if (!understudy::shop::parse(argc, argv, options)) {
        fmt::print(stderr, "{}", understudy::shop::usage);
        return 2;
    }
    return understudy::shop::run(options);
}
