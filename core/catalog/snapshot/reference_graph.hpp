#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace understudy::catalog {

/// Who uses whom: for each node the nodes that it uses.
using ReferenceGraph = std::vector<std::vector<std::uint32_t>>;

/// For each node a value of its own and of every node that can be reached from it; `own` has the values of the nodes by
/// themselves, all different. Nodes that use each other share what they reach. Linear in nodes and edges, in constant
/// stack: Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972) finds the circles, and each
/// circle's value is made of the values of those that it uses.
std::vector<std::string> closed_fingerprints(const std::vector<std::string>& own, const ReferenceGraph& uses);

}  // namespace understudy::catalog
