#pragma once

#include <optional>
#include <string>

namespace yourmt3::cli {

/// What `yourmt3 bench` is asked for.
struct BenchOptions {
  std::string input;
  std::string model, variant;
  std::optional<double> seconds;  ///< Of tones, without a recording.
  int n_threads = 0;
  bool json = false;
  bool ceilings = false;
  std::string decode_lengths;  ///< File.
  std::string write_decode_lengths, task = "mc13_full_plus_256";
};

/// Prints what the machine reaches with one thread, and with all that are asked for. Gives the exit status.
int bench_ceilings(const BenchOptions& options);

}  // namespace yourmt3::cli
