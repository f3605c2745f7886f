#include "cli/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace yourmt3::cli {
namespace {

volatile std::sig_atomic_t caught_signal = 0;

void note_signal(int signal) {
  caught_signal = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

bool interrupted() {
  return caught_signal != 0;
}

int interrupt_status() {
  return 128 + caught_signal;
}

}  // namespace yourmt3::cli
