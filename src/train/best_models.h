#pragma once

#include <cstdint>
#include <filesystem>

namespace yourmt3 {

/// The folder of a run's best models, each named after its step and score, such as step-00012000-0.5312.safetensors.
class BestModels {
 public:
  BestModels(std::filesystem::path folder, int keep) : folder_(std::move(folder)), keep_(keep) {}

  /// Copies `model` into the folder if its score is among the best there, and removes what no longer is. A run that
  /// goes on finds what it kept before. Throws Error(kIo).
  void offer(const std::filesystem::path& model, std::int64_t step, double score) const;

 private:
  std::filesystem::path folder_;
  int keep_;
};

}  // namespace yourmt3
