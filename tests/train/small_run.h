#pragma once

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/store.h"
#include "settings/toml_json.h"

namespace yourmt3::testing {

/// Six seconds of sines that begin every half second, for two splits and two instruments.
inline void write_sine_store(const std::filesystem::path& folder) {
  StoreWriter writer(folder);
  for (int i = 0; i < 4; ++i) {
    TrackInfo track;
    track.id = "t" + std::to_string(i);
    track.source = "sines";
    track.licence = "CC0-1.0";
    track.split = i < 3 ? "train" : "validation";
    track.seconds = 6;
    std::vector<std::vector<float>> samples;
    std::vector<Part> parts;
    for (const int program : {0, 40}) {
      track.stems.push_back({program, "", 1});
      std::vector<float> sound(6 * 16000);
      Part part{program, {}};
      for (int n = 0; n < 12; ++n) {
        const int pitch = 50 + (i * 7 + n * 5 + program) % 30;
        const double frequency = 440 * std::pow(2, (pitch - 69) / 12.0);
        part.notes.push_back({n * 0.5, n * 0.5 + 0.4, pitch, 90});
        for (int k = 0; k < 6400; ++k) {
          sound[static_cast<std::size_t>(n * 8000 + k)] =
              0.3f * static_cast<float>(std::sin(2 * 3.14159265358979 * frequency * k / 16000));
        }
      }
      samples.push_back(sound);
      parts.push_back(part);
    }
    writer.add(track, samples, parts);
  }
  writer.commit();
}

/// A configuration of a network that takes milliseconds a step.
inline nlohmann::json small_run(const std::filesystem::path& store) {
  nlohmann::json json = parse_toml(R"(
[model]
variant = "onset_v1"
task = "onset_v1"
[model.front_end]
codec = "log_frequency"
hop_length = 320
[model.pre_encoder]
type = "harmonic"
hidden = 8
width = 4
[model.encoder]
type = "t5"
feed_forward = "gmlp"
d_model = 16
n_layers = 1
n_heads = 2
d_kv = 8
d_ff = 16
n_positions = 128
dropout = 0.0
[model.pre_decoder]
type = "none"
[model.decoder]
d_model = 16
n_layers = 1
n_heads = 2
d_kv = 8
d_ff = 16
vocab_size = 598
max_length = 512
n_positions = 522
dropout = 0.0
logit_scale = 1.0
[model.auxiliary]
notes = true
n_groups = 13
[batch]
size = 2
group_batches = 2
[schedule]
lr = 1e-3
warmup_steps = 2
total_steps = 1000
[run]
workers = 2
bf16 = false
log_steps = 2
validation_steps = 4
validation_segments = 4
)",
                                   "small run");
  json["data"]["stores"] = {store.string()};
  return json;
}

}  // namespace yourmt3::testing
