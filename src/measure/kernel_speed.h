#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace yourmt3 {

/// How fast one kind of work of a network is done.
struct KernelSpeed {
  std::string name;       ///< Such as "temporal attention".
  std::string shape;      ///< Such as "2860 x 384 x 128": rows, columns, and the sum's length.
  double operations = 0;  ///< Of one call; a multiply-add is two.
  double bytes = 0;       ///< Weights in their own numbers and values in float32, each read or written once.
  double seconds = 0;     ///< Of the fastest of several calls.
  Precision precision = Precision::kF32;

  double gflops() const { return operations / seconds * 1e-9; }
  double gb_per_sec() const { return bytes / seconds * 1e-9; }
  double intensity() const { return operations / bytes; }
};

/// The kernels of a network, by the shapes that it has: its pre-encoder as a whole; products and attention of its
/// encoder and pre-decoder, on random values; and steps of its decoder with few and many rows. `n_threads` are those of
/// the engine. Takes some seconds.
std::vector<KernelSpeed> measure_kernels(const Engine& engine, int n_threads);

}  // namespace yourmt3
