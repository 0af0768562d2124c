#include "replay/order/wait_cycle.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/base/error.hpp"

namespace understudy::replay {
namespace {

struct Edge {
    SessionIndex to = 0;
    const OrderBoard::Waiting* wait = nullptr;  // nullptr: a lock
};

enum class Colour : std::uint8_t { fresh, open, done };

struct Node {
    std::vector<Edge> edges;
    std::size_t next = 0;
    Colour colour = Colour::fresh;
};

}  // namespace

std::vector<OrderBoard::Waiting> find_cycle(const std::vector<OrderBoard::Waiting>& board,
                                            const std::vector<LockWait>& locks) {
    std::unordered_map<SessionIndex, Node> nodes;
    for (const OrderBoard::Waiting& wait : board) nodes[wait.session].edges.push_back({wait.for_what.session, &wait});
    for (const LockWait& wait : locks) nodes[wait.session].edges.push_back({wait.holder, nullptr});
    std::vector<SessionIndex> roots;
    roots.reserve(nodes.size());
    for (const auto& [session, node] : nodes) roots.push_back(session);
    std::vector<std::pair<SessionIndex, Edge>> path;  // a session and the edge taken from it
    for (const SessionIndex root : roots) {
        if (nodes[root].colour != Colour::fresh) continue;
        SessionIndex at = root;
        nodes[at].colour = Colour::open;
        while (true) {
            Node& node = nodes[at];
            if (node.next < node.edges.size()) {
                const Edge edge = node.edges[node.next++];
                const auto there = nodes.find(edge.to);
                if (there == nodes.end() || there->second.colour == Colour::done) continue;
                path.emplace_back(at, edge);
                if (there->second.colour == Colour::open) {
                    const auto begin =
                        std::find_if(path.begin(), path.end(), [&](const auto& step) { return step.first == edge.to; });
                    std::vector<OrderBoard::Waiting> cycle;
                    for (auto step = begin; step != path.end(); ++step) {
                        if (step->second.wait != nullptr) cycle.push_back(*step->second.wait);
                    }
                    if (!cycle.empty()) return cycle;
                    path.pop_back();
                    continue;
                }
                there->second.colour = Colour::open;
                at = edge.to;
                continue;
            }
            node.colour = Colour::done;
            if (path.empty()) break;
            at = path.back().first;
            path.pop_back();
        }
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
