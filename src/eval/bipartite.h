#pragma once

#include <utility>
#include <vector>

namespace yourmt3 {

/// A largest set of edges of a bipartite graph in which no node appears twice (Hopcroft-Karp). `neighbours[i]` holds
/// the right nodes of left node i, each in [0, n_right). The pairs (left, right) come in the order of the left nodes.
std::vector<std::pair<int, int>> maximum_matching(const std::vector<std::vector<int>>& neighbours, int n_right);

}  // namespace yourmt3
