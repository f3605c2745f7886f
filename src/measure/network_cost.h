#pragma once

#include "model/model_config.h"

namespace yourmt3 {

/// Operations of a network's products, convolutions and attention; a multiply-add is two. Norms, softmax and
/// activations add a few percent, and convolutions count as direct ones, however they are computed.
struct NetworkCost {
  // Of one segment.
  double pre_encoder = 0;
  double encoder = 0;
  double pre_decoder = 0;
  // Of the decoder.
  double row_start = 0;      ///< Keys and values of one row's memory.
  double token = 0;          ///< One token of one row, without the tokens before it.
  double earlier_token = 0;  ///< More for each of those.
};

/// `config` is valid.
NetworkCost network_cost(const ModelConfig& config);

}  // namespace yourmt3
