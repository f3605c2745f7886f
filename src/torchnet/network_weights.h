#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/weights.h"
#include "torchnet/network.h"

namespace yourmt3 {

/// Copies every tensor that the network owns from `weights`. Tables that can be computed keep their values when they
/// are missing; any other missing tensor, or one of another shape, throws Error(kMalformed) naming it.
void load_weights(Network& network, const Weights& weights);

/// Tensors with bytes of their own, ready to be written.
class TensorBytes {
 public:
  /// Copies `tensor`, which is float32 or int64; floating ones are converted to `dtype`.
  void add(const std::string& name, const at::Tensor& tensor, DType dtype = DType::kF32);

  const std::map<std::string, TensorView>& views() const { return views_; }

 private:
  std::map<std::string, TensorView> views_;
  std::map<std::string, std::vector<std::byte>> bytes_;
};

/// What a model file of the network holds: everything that inference needs, floating tensors as `dtype`. Without
/// `everything`, tables that can be computed and heads that only training needs are left out.
TensorBytes weights_of(const Network& network, DType dtype, bool everything = false);

}  // namespace yourmt3
