// hostile_workload: an application whose sessions want the same few rows at once, hand generated keys to each other and
// use all of the protocol. tests/fidelity/run records it and plays it back. See tests/fidelity/schema.sql.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tests/fidelity/workload/acts.hpp"

namespace understudy::hostile {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int max_sessions = 1000;
constexpr int max_requests = 1'000'000;
constexpr int acts_between_reconnects = 60;
constexpr std::size_t keys_kept = 500;  // of a kind that nobody takes

constexpr const char* usage =
    "usage: hostile_workload --conninfo CONNINFO [--sessions 16] [--requests 200] [--seed 1] [--think-us 2000]\n"
    "Plays on the data of tests/fidelity/schema.sql, freshly loaded. --requests is for each session. The seed decides "
    "what\n"
    "each session wants to do; who is first, the machine.\n";

struct Options {
    std::string conninfo;
    int sessions = 16;
    int requests = 200;
    int seed = 1;
    int think_us = 2000;
};

std::vector<Act> all_acts() {
    std::vector<Act> acts;
    for (const auto* some : {&money_acts, &order_acts, &protocol_acts, &other_acts}) {
        acts.insert(acts.end(), some->begin(), some->end());
    }
    return acts;
}

const Act& choose(const std::vector<Act>& acts, Dice& dice) {
    int total = 0;
    for (const Act& act : acts) total += act.weight;
    int left = dice.between(1, total);
    for (const Act& act : acts) {
        left -= act.weight;
        if (left <= 0) return act;
    }
    return acts.back();
}

void play(const Options& options, int number, const std::vector<Act>& acts, Baton& baton, Totals& totals) {
    Dice dice(static_cast<std::uint64_t>(options.seed), number);
    Session session(options.conninfo, fmt::format("s{}", number), options.think_us, dice, totals);
    Actor actor{session, dice, baton, number, 0};
    while (session.requests() < options.requests) {
        ++actor.serial;
        const Act& act = choose(acts, dice);
        try {
            act.play(actor);
        } catch (const Conflict&) {
            session.give_up();
        } catch (const Surprise& surprise) {
            throw Surprise(fmt::format("{}: {}", act.name, surprise.what()));
        }
        if (dice.one_in(acts_between_reconnects)) session.reconnect();
    }
}

bool number_of(const char* text, int low, int high, int& out) {
    char* rest = nullptr;
    const long value = std::strtol(text, &rest, 10);
    if (rest == text || *rest != '\0' || value < low || value > high) return false;
    out = static_cast<int>(value);
    return true;
}

/// False when the arguments are wrong.
bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 >= argc) return false;
        const char* value = argv[i + 1];
        bool good = true;
        if (name == "--conninfo")
            options.conninfo = value;
        else if (name == "--sessions")
            good = number_of(value, 1, max_sessions, options.sessions);
        else if (name == "--requests")
            good = number_of(value, 1, max_requests, options.requests);
        else if (name == "--seed")
            good = number_of(value, 0, 1'000'000, options.seed);
        else if (name == "--think-us")
            good = number_of(value, 0, 1'000'000, options.think_us);
        else
            good = false;
        if (!good) return false;
    }
    return !options.conninfo.empty();
}

int run(const Options& options) {
    const std::vector<Act> acts = all_acts();
    Totals totals;
    Baton baton;
    std::mutex mutex;
    std::string first_surprise;
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    for (int number = 0; number < options.sessions; ++number) {
        threads.emplace_back([&, number] {
            try {
                play(options, number, acts, baton, totals);
            } catch (const std::exception& surprise) {
                const std::lock_guard lock(mutex);
                if (first_surprise.empty()) first_surprise = surprise.what();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    if (!first_surprise.empty()) {
        fmt::print(stderr, "hostile_workload: {}\n", first_surprise);
        return 1;
    }
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    fmt::print(
        "{{\"sessions\": {}, \"connections\": {}, \"requests\": {}, \"intended_errors\": {}, \"conflicts\": {}, "
        "\"deadlocks\": {}, \"seconds\": {:.3f}}}\n",
        options.sessions, totals.connections.load(), totals.requests.load(), totals.intended_errors.load(),
        totals.conflicts.load(), totals.deadlocks.load(), took);
    return 0;
}

}  // namespace

void Baton::put(const std::string& kind, const std::string& key) {
    const std::lock_guard lock(mutex_);
    std::deque<std::string>& keys = keys_[kind];
    keys.push_back(key);
    if (keys.size() > keys_kept) keys.pop_front();
}

std::optional<std::string> Baton::take(const std::string& kind, Dice& dice) {
    const bool oldest = dice.one_in(2);
    const std::lock_guard lock(mutex_);
    std::deque<std::string>& keys = keys_[kind];
    if (keys.empty()) return std::nullopt;
    const std::string key = oldest ? keys.front() : keys.back();
    if (oldest)
        keys.pop_front();
    else
        keys.pop_back();
    return key;
}

}  // namespace understudy::hostile

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        fmt::print("{}", understudy::hostile::usage);
        return 0;
    }
    understudy::hostile::Options options;
    if (!understudy::hostile::parse(argc, argv, options)) {
        fmt::print(stderr, "{}", understudy::hostile::usage);
        return 2;
    }
    return understudy::hostile::run(options);
}
