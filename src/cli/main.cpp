#include <csignal>

#include "cli/program.h"

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) is then a failed write like any other, and temporary files are cleaned up.
  std::signal(SIGPIPE, SIG_IGN);
  // And so is a file that grows past a limit (ulimit -f).
  std::signal(SIGXFSZ, SIG_IGN);
  return yourmt3::cli::run_program(argc, argv);
}
