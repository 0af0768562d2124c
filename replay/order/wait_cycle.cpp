#include "replay/order/wait_cycle.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/base/error.hpp"

namespace understudy::replay {
namespace {

/// Of a session either its next request, not sent yet, or what it asked before.
using Place = std::uint64_t;

constexpr Place next_of(SessionIndex session) { return Place{session} * 2; }
constexpr Place asked_by(SessionIndex session) { return Place{session} * 2 + 1; }

enum class Colour : std::uint8_t { fresh, open, done };

struct Node {
    std::vector<Place> waits_for;
    const OrderBoard::Waiting* wait = nullptr;  // nullptr: a lock
    std::size_t next = 0;
    Colour colour = Colour::fresh;
};

using Graph = std::unordered_map<Place, Node>;

Graph graph_of(const std::vector<OrderBoard::Waiting>& board, const std::vector<LockWait>& locks) {
    Graph graph;
    for (const OrderBoard::Waiting& wait : board) graph[next_of(wait.session)].wait = &wait;
    for (const OrderBoard::Waiting& wait : board) {
        std::vector<Place>& waits_for = graph[next_of(wait.session)].waits_for;
        const SessionIndex other = wait.for_what.session;
        waits_for.push_back(asked_by(other));
        const auto there = graph.find(next_of(other));
        if (there == graph.end()) continue;
        // Answers of the exchange that it is in may be held back until its Sync, and so by its next request.
        const Progress position = there->second.wait->position;
        if (wait.for_what.done > Progress(position.ordinal(), 0)) waits_for.push_back(next_of(other));
    }
    for (const LockWait& wait : locks) {
        std::vector<Place>& waits_for = graph[asked_by(wait.session)].waits_for;
        waits_for.push_back(asked_by(wait.holder));
        waits_for.push_back(next_of(wait.holder));
    }
    return graph;
}

/// The nodes of the first cycle that can be reached from `root`; empty: there is none.
std::vector<Place> cycle_from(Graph& graph, Place root) {
    if (graph.at(root).colour != Colour::fresh) return {};
    std::vector<Place> path = {root};
    graph.at(root).colour = Colour::open;
    while (!path.empty()) {
        Node& node = graph.at(path.back());
        if (node.next == node.waits_for.size()) {
            node.colour = Colour::done;
            path.pop_back();
            continue;
        }
        const Place to = node.waits_for[node.next++];
        const auto there = graph.find(to);
        if (there == graph.end() || there->second.colour == Colour::done) continue;
        if (there->second.colour == Colour::open) return {std::find(path.begin(), path.end(), to), path.end()};
        there->second.colour = Colour::open;
        path.push_back(to);
    }
    return {};
}

}  // namespace

std::vector<OrderBoard::Waiting> find_cycle(const std::vector<OrderBoard::Waiting>& board,
                                            const std::vector<LockWait>& locks) {
    Graph graph = graph_of(board, locks);
    for (const OrderBoard::Waiting& wait : board) {  // a cycle that can be broken goes through one of them
        std::vector<OrderBoard::Waiting> cycle;
        for (const Place place : cycle_from(graph, next_of(wait.session))) {
            if (const Node& node = graph.at(place); node.wait != nullptr) cycle.push_back(*node.wait);
        }
        if (!cycle.empty()) return cycle;
    }
    return {};
}

const OrderBoard::Waiting& weakest(const std::vector<OrderBoard::Waiting>& cycle) {
    UNDERSTUDY_ASSERT(!cycle.empty());
    return *std::max_element(cycle.begin(), cycle.end(), [](const auto& a, const auto& b) {
        return std::pair(a.for_what.kind, a.since) < std::pair(b.for_what.kind, b.since);
    });
}

}  // namespace understudy::replay
