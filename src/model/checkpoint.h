#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "model/weights.h"

namespace yourmt3 {

/// An official checkpoint: a zip archive of PyTorch Lightning with a pickle and raw storages.
struct Checkpoint {
  /// All of `state_dict` under its own names, pitch-shift kernels included; views into the file wherever a tensor is
  /// contiguous.
  Weights weights;
  nlohmann::json hyper_parameters;  ///< As Pickle::to_json gives them; null without.
};

/// Maps and reads a checkpoint. Nothing in the file is executed; optimizer states are not touched.
///
/// Throws Error(kMalformed) naming the tensor or the byte for a cut, damaged or inconsistent file, Error(kUnsupported)
/// for big-endian, compressed or otherwise foreign ones.
Checkpoint load_checkpoint(const std::filesystem::path& path);

/// The same from memory; `name` begins the messages, `storage` keeps `bytes` alive.
Checkpoint parse_checkpoint(std::span<const std::byte> bytes, std::string_view name,
                            std::shared_ptr<const void> storage = nullptr);

/// The network that a checkpoint holds: its hyper-parameters, corrected by the shapes of its tensors, or a published
/// variant that fits them exactly where hyper-parameters are missing. Validated. `name` begins the messages.
///
/// Throws Error(kUnsupported) when nothing fits.
ModelConfig config_of_checkpoint(const Checkpoint& checkpoint, std::string_view name);

/// The published variant whose required tensors are all there with the right shapes, and nothing else; or "". The two
/// mixture-of-experts variants are told apart by pitch-shift kernels, which only one of them has.
std::string recognise_published(const Weights& weights);

/// Takes from tensor shapes what they tell: widths, numbers of layers, latents, experts and rows. Entries that they do
/// not tell (heads, activations, rotary kinds ...) stay as they are.
void refine_from_shapes(ModelConfig& config, const Weights& weights);

}  // namespace yourmt3
