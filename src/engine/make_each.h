#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "engine/thread_team.h"

namespace yourmt3 {

/// make(i) for i in [0, n), in this order, made on the threads of the team. Reading and rearranging the weights of a
/// layer takes some milliseconds, which is nearly all that loading a model takes.
template <class Make>
auto make_each(ThreadTeam& team, int n, const Make& make) {
  using Made = decltype(make(0));
  std::vector<std::optional<Made>> parts(static_cast<std::size_t>(n));
  team.run(n, [&](int i, int) { parts[static_cast<std::size_t>(i)].emplace(make(i)); });
  std::vector<Made> made;
  made.reserve(parts.size());
  for (std::optional<Made>& part : parts) made.push_back(std::move(*part));
  return made;
}

}  // namespace yourmt3
