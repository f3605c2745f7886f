#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/atomic_file.h"
#include "core/log.h"
#include "model/weights.h"

namespace yourmt3 {

/// Keys of `__metadata__` in the model files that we write; every other key is free text such as "licence".
inline constexpr const char* kConfigKey = "yourmt3.config";  ///< ModelConfig as JSON.
inline constexpr const char* kFormatKey = "yourmt3.format";  ///< Version of the rules, "1".

struct SaveOptions {
  /// Element type of the trained weights: kF32, kF16 or kBF16. Frozen tables, running statistics and integers keep
  /// theirs, since they are small and some are sensitive to rounding.
  DType dtype = DType::kF32;
  std::map<std::string, std::string> metadata;  ///< Added to the file: licence, provenance, ...
  AtomicFile::Existing existing = AtomicFile::Existing::kReplace;
};

/// Writes one file that is enough to run the network. `tensors` are checked against expected_tensors(config); all of
/// them are written, computable ones included.
///
/// Throws Error(kInvalidArgument) for a configuration that is not valid, a missing or foreign tensor, or a value beyond
/// the range of `dtype`; Error(kMalformed) for a wrong shape; Error(kIo).
void save_model(const std::filesystem::path& path, const ModelConfig& config,
                const std::map<std::string, TensorView>& tensors, const SaveOptions& options = {});

struct ConvertOptions {
  std::optional<DType> dtype;                         ///< Without one, each tensor keeps its element type.
  std::map<std::string, std::string> inference = {};  ///< New values of InferenceConfig fields, by name, as JSON.
  std::map<std::string, std::string> metadata = {};   ///< Added to the file, or replaced: licence, provenance, ...
  AtomicFile::Existing existing = AtomicFile::Existing::kReplace;
};

/// Reads a model of any kind that load_model() reads and writes it as .safetensors. Metadata is kept, and "source"
/// tells the name of the file when it had none. Unexpected tensors are left out and named in `log`. Throws
/// Error(kInvalidArgument) for a field of `inference` that does not exist or a value that it cannot have.
void convert_model(const std::filesystem::path& input, const std::filesystem::path& output,
                   const ConvertOptions& options = {}, const LogSink& log = {});

}  // namespace yourmt3
