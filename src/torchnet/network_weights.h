#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/weights.h"
#include "torchnet/network.h"

namespace yourmt3 {

/// Copies every tensor that the network owns from `weights`. Tables that can be computed keep their values when they
/// are missing; any other missing tensor, or one of another shape, throws Error(kMalformed) naming it. Low-rank tensors
/// (see fine_tuning.h) are copied where `weights` has them: all or none, and none that the network lacks.
///
/// Tensors that fit one of the patterns `may_lack` keep their values when they are missing: heads that a network gets
/// beside those of the model that it begins with.
void load_weights(Network& network, const Weights& weights, const std::vector<std::string>& may_lack = {});

/// Tensors with bytes of their own, ready to be written.
class TensorBytes {
 public:
  /// Copies `tensor`, floating or int64, from whatever device; floating ones are converted to `dtype`.
  void add(const std::string& name, const at::Tensor& tensor, DType dtype = DType::kF32);

  const std::map<std::string, TensorView>& views() const { return views_; }

 private:
  std::map<std::string, TensorView> views_;
  std::map<std::string, std::vector<std::byte>> bytes_;
};

/// What a model file of the network holds: everything that inference needs, floating tensors as `dtype`, low-rank
/// tensors merged into the weights that they change. With `everything`, for checkpoints, low-rank tensors stay apart,
/// and tables that can be computed and heads that only training needs are added.
TensorBytes weights_of(const Network& network, DType dtype, bool everything = false);

}  // namespace yourmt3
