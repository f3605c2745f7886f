#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/model_config.h"

namespace yourmt3 {

enum class DType { kF32, kF16, kBF16, kF64, kI64, kI32, kI16, kI8, kU8, kBool };

/// A named array that lives in a mapped file or a buffer; valid as long as its Weights.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  ///< Row-major.
  std::span<const std::byte> bytes;

  std::int64_t numel() const;
  /// Values as float32; floating types only, else Error(kUnsupported).
  std::vector<float> to_f32() const;
};

/// Tensors by name, together with whatever keeps their bytes alive. Cheap to copy.
struct Weights {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;  ///< `__metadata__` of a safetensors file.
  std::shared_ptr<const void> storage;

  /// The tensor as float32. Throws Error(kMalformed) naming it when it is missing or has another shape.
  std::vector<float> f32(const std::string& name, std::span<const std::int64_t> shape) const;
};

/// A network on disk: configuration and weights.
struct Model {
  ModelConfig config;
  Weights weights;
};

/// Reads a .safetensors file (memory-mapped) or an official Lightning .ckpt, told apart by content. The tensors are
/// checked against expected_tensors(config). Throws Error naming the tensor or byte at fault.
Model load_model(const std::filesystem::path& path);

}  // namespace yourmt3
