#pragma once

#include <string>
#include <vector>

namespace yourmt3 {

/// Low-rank adaptation: instead of a matrix W a difference (alpha / rank) B A to it is learnt.
/// Source: Hu et al. 2021, "LoRA".
struct LoraOptions {
  int rank = 8;
  double alpha = 16;                      ///< The difference is multiplied by alpha / rank.
  std::vector<std::string> patterns;      ///< Linear layers, with or without ".weight"; what else fits is passed over.
  std::vector<std::string> also_trained;  ///< Other parameters that are trained as they are, such as norms and heads.
};

}  // namespace yourmt3
