#pragma once

#include <filesystem>

#include "model/model_file.h"
#include "support/formula_weights.h"

namespace yourmt3::testing {

/// A T5 network that is small enough for thousands of segments a second. Its weights are random, but the grammar makes
/// it write notes.
inline ModelConfig tiny_config() {
  ModelConfig config = published_config("ymt3plus");
  config.variant = "custom";
  config.front_end.n_fft = 512;
  config.front_end.hop_length = 1024;
  config.front_end.n_mels = 16;
  config.encoder.d_model = config.decoder.d_model = 16;
  config.encoder.n_layers = config.decoder.n_layers = 1;
  config.encoder.n_heads = config.decoder.n_heads = 2;
  config.encoder.d_kv = config.decoder.d_kv = 8;
  config.encoder.d_ff = config.decoder.d_ff = 32;
  config.encoder.n_positions = config.decoder.n_positions = 64;
  config.decoder.max_length = 32;
  config.inference.grammar = true;
  return config;
}

/// The same with our own front end and heads: it writes onsets, and the heads tell where notes end.
inline ModelConfig tiny_onset_config() {
  ModelConfig config = tiny_config();
  config.task = "onset_v1";
  config.front_end = FrontEndConfig{};
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.pre_encoder.hidden = 8;
  config.pre_encoder.width = 4;
  config.encoder.n_positions = 128;
  config.decoder.vocab_size = 598;
  config.auxiliary.notes = true;
  config.inference.onset_only = true;
  config.inference.fusion_weight = 0.5f;
  return config;
}

/// The same with onsets from the heads of overlapping segments, and a head that tells who plays.
inline ModelConfig tiny_overlapped_config() {
  ModelConfig config = tiny_onset_config();
  config.auxiliary.n_groups = 13;
  config.auxiliary.group_notes = 8;
  config.auxiliary.refine_notes = true;
  config.auxiliary.context_layers = 1;
  config.auxiliary.timbre_width = 8;
  config.auxiliary.drum_width = 8;
  config.auxiliary.drum_layers = 1;
  config.inference.certain_onset = config.inference.certain_drum = 0.9f;
  config.inference.possible_onset = config.inference.possible_drum = 0.8f;
  config.inference.group_weight = 2;
  config.inference.group_prior = 1;
  config.inference.overlap = true;
  return config;
}

inline Model tiny_model(const ModelConfig& config = tiny_config()) {
  return formula_model(config, 7);
}

/// A model file for the program.
inline void save_tiny_model(const std::filesystem::path& path, const ModelConfig& config = tiny_config()) {
  const Model model = tiny_model(config);
  save_model(path, model.config, model.weights.tensors);
}

}  // namespace yourmt3::testing
