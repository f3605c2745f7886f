#pragma once

#include <csignal>
#include <map>
#include <string>
#include <vector>

namespace yourmt3::testing {

struct ProgramRun {
  int status = -1;  ///< Exit status; 128 + signal when killed by one.
  std::string out, err;
  double peak_memory_mib = 0;
};

struct RunOptions {
  std::string program = YOURMT3_TEST_PROGRAM;
  std::string input;                               ///< Standard input.
  std::map<std::string, std::string> environment;  ///< Added to that of the test.
  std::string stdout_path;                         ///< Standard output goes here, instead of into ProgramRun::out.
  int interrupt_after_bytes = -1;                  ///< Sends a signal once stderr has so many bytes.
  int interrupt_signal = SIGINT;
};

/// Runs yourmt3 with these arguments and waits for its end.
ProgramRun run_program(const std::vector<std::string>& arguments, const RunOptions& options = {});

}  // namespace yourmt3::testing
