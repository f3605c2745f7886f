#include "eval/bipartite.h"

#include <cstddef>

namespace yourmt3 {

namespace {

constexpr int kFree = -1;

// What is known of a right node in the round that runs.
constexpr int kNotReached = -2;  // Matched and in no layer, or already used by a path.
constexpr int kStart = -1;       // Free: paths end here. Otherwise the left node through which it was reached.

// Source: Hopcroft and Karp 1973. Rounds of a breadth-first search for the length of the shortest augmenting paths and
// a depth-first search for disjoint ones of that length.
//
// Which pairs come out depends on the order of the searches. As util._bipartite_match of mir_eval: right nodes take
// turns in the order in which the left nodes name them first, and paths are followed backwards, from the free left
// nodes in the order in which the layers met them.
class Matcher {
 public:
  Matcher(const std::vector<std::vector<int>>& neighbours, int n_right)
      : lefts_of_(static_cast<std::size_t>(n_right)),
        right_of_(neighbours.size(), kFree),
        reached_from_(static_cast<std::size_t>(n_right)),
        layer_(neighbours.size()),
        sources_(neighbours.size()) {
    for (std::size_t left = 0; left < neighbours.size(); ++left) {
      for (const int right : neighbours[left]) {
        std::vector<int>& lefts = lefts_of_[static_cast<std::size_t>(right)];
        if (lefts.empty()) turns_.push_back(right);
        lefts.push_back(static_cast<int>(left));
      }
    }
  }

  std::vector<std::pair<int, int>> run() {
    match_greedily();
    for (std::vector<int> ends = find_layers(); !ends.empty(); ends = find_layers()) {
      for (const int left : ends) augment(left);
    }
    std::vector<std::pair<int, int>> pairs;
    for (std::size_t left = 0; left < right_of_.size(); ++left) {
      if (right_of_[left] != kFree) pairs.emplace_back(static_cast<int>(left), right_of_[left]);
    }
    return pairs;
  }

 private:
  static constexpr int kNoLayer = -1;

  // A left node of the path that is being followed, the next of its sources to try, and the one tried last.
  struct Step {
    int left;
    std::size_t next = 0;
    int right = kFree;
  };

  void match_greedily() {
    for (const int right : turns_) {
      for (const int left : lefts_of_[static_cast<std::size_t>(right)]) {
        if (right_of_[static_cast<std::size_t>(left)] != kFree) continue;
        right_of_[static_cast<std::size_t>(left)] = right;
        break;
      }
    }
  }

  // Layers of left nodes by their distance from the free right ones, up to the first layer with free left nodes, which
  // are returned; none when no augmenting path is left.
  std::vector<int> find_layers() {
    layer_.assign(layer_.size(), kNoLayer);
    reached_from_.assign(reached_from_.size(), kStart);
    for (const int right : right_of_) {
      if (right != kFree) reached_from_[static_cast<std::size_t>(right)] = kNotReached;
    }
    std::vector<int> frontier;
    for (const int right : turns_) {
      if (reached_from_[static_cast<std::size_t>(right)] == kStart) frontier.push_back(right);
    }
    std::vector<int> ends;
    for (int depth = 0; !frontier.empty() && ends.empty(); ++depth) {
      std::vector<int> met;
      for (const int right : frontier) {
        for (const int left : lefts_of_[static_cast<std::size_t>(right)]) {
          const auto i = static_cast<std::size_t>(left);
          if (layer_[i] == kNoLayer) {
            layer_[i] = depth;
            sources_[i].clear();
            met.push_back(left);
          }
          if (layer_[i] == depth) sources_[i].push_back(right);
        }
      }
      frontier.clear();
      for (const int left : met) {
        const int right = right_of_[static_cast<std::size_t>(left)];
        if (right == kFree) {
          ends.push_back(left);
        } else {
          reached_from_[static_cast<std::size_t>(right)] = left;
          frontier.push_back(right);
        }
      }
    }
    return ends;
  }

  // Follows the layers back with a stack of its own: paths can be as long as the graph.
  void augment(int end) {
    std::vector<Step> path;
    enter(end, path);
    while (!path.empty()) {
      Step& step = path.back();
      const std::vector<int>& sources = sources_[static_cast<std::size_t>(step.left)];
      if (step.next == sources.size()) {
        path.pop_back();
        continue;
      }
      step.right = sources[step.next++];
      int& from = reached_from_[static_cast<std::size_t>(step.right)];
      const int before = from;
      from = kNotReached;
      if (before == kStart) {
        for (const Step& taken : path) right_of_[static_cast<std::size_t>(taken.left)] = taken.right;
        return;
      }
      if (before != kNotReached) enter(before, path);
    }
  }

  // Each left node is entered once in a round.
  void enter(int left, std::vector<Step>& path) {
    int& layer = layer_[static_cast<std::size_t>(left)];
    if (layer == kNoLayer) return;
    layer = kNoLayer;
    path.push_back({left});
  }

  std::vector<std::vector<int>> lefts_of_;  // Ascending, for each right node.
  std::vector<int> turns_;                  // Right nodes with neighbours.
  std::vector<int> right_of_;
  std::vector<int> reached_from_;          // For each right node.
  std::vector<int> layer_;                 // For each left node.
  std::vector<std::vector<int>> sources_;  // Right nodes of the layer before, for each left node.
};

}  // namespace

std::vector<std::pair<int, int>> maximum_matching(const std::vector<std::vector<int>>& neighbours, int n_right) {
  return Matcher(neighbours, n_right).run();
}

}  // namespace yourmt3
