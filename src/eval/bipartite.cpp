#include "eval/bipartite.h"

#include <cstddef>
#include <limits>

namespace yourmt3 {

namespace {

constexpr int kFree = -1;
constexpr int kUnreached = std::numeric_limits<int>::max();

// Source: Hopcroft and Karp 1973. Rounds of a breadth-first search for the length of the shortest augmenting paths and
// a depth-first search for disjoint ones of that length.
class Matcher {
 public:
  Matcher(const std::vector<std::vector<int>>& neighbours, int n_right)
      : neighbours_(neighbours),
        right_of_(neighbours.size(), kFree),
        left_of_(static_cast<std::size_t>(n_right), kFree),
        distance_(neighbours.size()),
        next_(neighbours.size()) {}

  std::vector<std::pair<int, int>> run() {
    match_greedily();
    while (find_layers()) {
      next_.assign(neighbours_.size(), 0);
      for (std::size_t left = 0; left < neighbours_.size(); ++left) {
        if (right_of_[left] == kFree) augment(static_cast<int>(left));
      }
    }
    std::vector<std::pair<int, int>> pairs;
    for (std::size_t left = 0; left < right_of_.size(); ++left) {
      if (right_of_[left] != kFree) pairs.emplace_back(static_cast<int>(left), right_of_[left]);
    }
    return pairs;
  }

 private:
  void match(int left, int right) {
    right_of_[static_cast<std::size_t>(left)] = right;
    left_of_[static_cast<std::size_t>(right)] = left;
  }

  void match_greedily() {
    for (std::size_t left = 0; left < neighbours_.size(); ++left) {
      for (const int right : neighbours_[left]) {
        if (left_of_[static_cast<std::size_t>(right)] != kFree) continue;
        match(static_cast<int>(left), right);
        break;
      }
    }
  }

  // Distance of each left node from the free ones along alternating paths; false when no free right node is in reach.
  bool find_layers() {
    std::vector<int> queue;
    for (std::size_t left = 0; left < neighbours_.size(); ++left) {
      const bool is_free = right_of_[left] == kFree;
      distance_[left] = is_free ? 0 : kUnreached;
      if (is_free) queue.push_back(static_cast<int>(left));
    }
    bool found = false;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const auto left = static_cast<std::size_t>(queue[i]);
      for (const int right : neighbours_[left]) {
        const int other = left_of_[static_cast<std::size_t>(right)];
        if (other == kFree) {
          found = true;
        } else if (distance_[static_cast<std::size_t>(other)] == kUnreached) {
          distance_[static_cast<std::size_t>(other)] = distance_[left] + 1;
          queue.push_back(other);
        }
      }
    }
    return found;
  }

  // Follows the layers with a stack of its own: paths can be as long as the graph.
  void augment(int start) {
    std::vector<int> path{start};
    while (!path.empty()) {
      const auto left = static_cast<std::size_t>(path.back());
      if (next_[left] == neighbours_[left].size()) {
        path.pop_back();
        continue;
      }
      const int right = neighbours_[left][next_[left]++];
      const int other = left_of_[static_cast<std::size_t>(right)];
      if (other == kFree) {
        // The edge that each node of the path tried last is the one to take.
        for (const int node : path) {
          const auto i = static_cast<std::size_t>(node);
          match(node, neighbours_[i][next_[i] - 1]);
        }
        return;
      }
      if (distance_[static_cast<std::size_t>(other)] == distance_[left] + 1) path.push_back(other);
    }
  }

  const std::vector<std::vector<int>>& neighbours_;
  std::vector<int> right_of_;
  std::vector<int> left_of_;
  std::vector<int> distance_;
  std::vector<std::size_t> next_;
};

}  // namespace

std::vector<std::pair<int, int>> maximum_matching(const std::vector<std::vector<int>>& neighbours, int n_right) {
  return Matcher(neighbours, n_right).run();
}

}  // namespace yourmt3
