#pragma once

#include <utility>
#include <vector>

namespace yourmt3 {

/// A largest set of edges of a bipartite graph in which no node appears twice (Hopcroft-Karp). `neighbours[i]` holds
/// the right nodes of left node i, each in [0, n_right), ascending. The pairs (left, right) come in the order of the
/// left nodes. Of several largest sets it is the one that mir_eval finds for references on the left and estimates on
/// the right, so that values which depend on the pairs (overlap, velocity) are also the same.
std::vector<std::pair<int, int>> maximum_matching(const std::vector<std::vector<int>>& neighbours, int n_right);

}  // namespace yourmt3
