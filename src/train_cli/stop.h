#pragma once

#include <atomic>

namespace yourmt3 {

/// True from the first SIGTERM or SIGINT on, once catch_stops() was called.
const std::atomic<bool>& stop_requested();
void catch_stops();

/// 128 + the signal's number after a stop, 0 before.
int stop_status();

}  // namespace yourmt3
