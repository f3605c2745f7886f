#pragma once

#include <optional>
#include <string>

#include "cli/decoding_options.h"
#include "engine/engine.h"
#include "yourmt3/precision.h"

namespace yourmt3::cli {

/// What `yourmt3 bench` is asked for.
struct BenchOptions {
  std::string input;
  std::string model, variant;
  std::optional<double> seconds;  ///< Of tones, without a recording.
  int n_threads = 0;
  Precision precision = Precision::kAuto;
  DecodingOptions decoding;
  bool json = false;
  bool ceilings = false, kernels = false, cold_start = false;
  std::string roofline;        ///< File.
  std::string decode_lengths;  ///< File.
  std::string write_decode_lengths, task = "mc13_full_plus_256";
};

/// Prints what the machine reaches with one thread, and with all that are asked for. Gives the exit status.
int bench_ceilings(const BenchOptions& options);

/// Prints how fast the kernels of a loaded network are beside what the machine reaches, and draws that if asked for.
/// `name` is the network's. Gives the exit status.
int bench_kernels(const BenchOptions& options, const std::string& name, const Engine& engine, int n_threads);

}  // namespace yourmt3::cli
