#include "train_cli/stop.h"

#include <csignal>

namespace yourmt3 {
namespace {

std::atomic<bool> requested = false;
std::atomic<int> signal_number = 0;

extern "C" void request_stop(int signal) {
  signal_number = signal;
  requested = true;
}

}  // namespace

const std::atomic<bool>& stop_requested() {
  return requested;
}

void catch_stops() {
  std::signal(SIGTERM, request_stop);
  std::signal(SIGINT, request_stop);
}

int stop_status() {
  return requested ? 128 + signal_number : 0;
}

}  // namespace yourmt3
