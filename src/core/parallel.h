#pragma once

#include <cstddef>
#include <functional>

namespace yourmt3 {

/// Processors this process may use, at least 1.
int available_processors();

/// Calls body(i) for every i in [0, count) on up to `n_threads` threads, in no particular order; the caller's thread
/// is one of them. The first exception is rethrown after all threads have stopped; items not yet begun are skipped.
void parallel_for(std::size_t count, int n_threads, const std::function<void(std::size_t)>& body);

}  // namespace yourmt3
