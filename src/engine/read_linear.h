#pragma once

#include "engine/linear.h"
#include "engine/weight_reader.h"

namespace yourmt3 {

/// The layer whose `weight` (outputs, inputs) and `bias` stand below one name. Throws as WeightReader::get().
Linear read_linear(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs);

/// The same for a layer that was trained on gain * x + offset, made to read x.
Linear read_scaled_linear(const Arithmetic& arithmetic, const WeightReader& weights, int outputs, int inputs,
                          float gain, float offset);

}  // namespace yourmt3
