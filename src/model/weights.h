#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"
#include "core/mapped_file.h"
#include "model/dtype.h"
#include "model/model_config.h"

namespace yourmt3 {

/// A named array that lives in a mapped file or a buffer; valid as long as its Weights.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  ///< Row-major.
  std::span<const std::byte> bytes;

  std::int64_t numel() const;
  /// Values as float32; floating types only, else Error(kUnsupported).
  std::vector<float> to_f32() const;
};

/// "F32 [512, 384]", for messages.
std::string describe_type(const TensorView& tensor);
std::string describe_shape(std::span<const std::int64_t> shape);

/// Tensors by name, together with whatever keeps their bytes alive. Cheap to copy.
struct Weights {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;  ///< `__metadata__` of a safetensors file.
  std::shared_ptr<const void> storage;
  std::shared_ptr<const MappedFile> file = {};  ///< Where the bytes lie, when they are mapped; else null.

  /// The tensor as float32. The mapped pages that it lay in are given back: a network is read once, and its file would
  /// otherwise stay in memory beside what is made of it. Throws Error(kMalformed) naming it when it is missing, has
  /// another shape or holds no floating type.
  std::vector<float> f32(const std::string& name, std::span<const std::int64_t> shape) const;
};

/// A network on disk: configuration and weights.
struct Model {
  ModelConfig config;
  Weights weights;
};

/// What a file lacks or has too much for a network.
struct TensorReport {
  std::vector<std::string> missing;     ///< Required and absent.
  std::vector<std::string> unexpected;  ///< Neither expected nor among those that every reader ignores.
};

/// Compares names, shapes and types with expected_tensors(config). Throws Error(kMalformed) naming the first tensor of
/// another shape, or of a type that is not floating where a floating one is expected. `source` begins the message.
TensorReport check_tensors(const ModelConfig& config, const Weights& weights, const std::string& source);

/// Reads a .safetensors file (memory-mapped) or an official Lightning .ckpt, told apart by content. The tensors are
/// checked against expected_tensors(config): a missing one throws, unexpected ones are named in `log` and left out.
/// Throws Error naming the tensor or byte at fault.
Model load_model(const std::filesystem::path& path, const LogSink& log = {});

}  // namespace yourmt3
