#include "examine/expert_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/fail.h"
#include "score/program_groups.h"

namespace yourmt3 {
namespace {

constexpr std::array<const char*, kExpertCategories> kNames = {"data_set", "instrument_group", "token_type", "latent"};
constexpr std::array<const char*, 12> kPitchClasses = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};

/// A drum has no length of its own; it is taken to sound for so long.
constexpr double kDrumSec = 0.1;

std::string group_name(const Note& note) {
  const auto& groups = program_vocabulary("gm_plus");
  return note.is_drum ? "Drums" : groups.instrument_name(note.program);
}

}  // namespace

const char* name_of(ExpertCategory category) {
  return kNames[static_cast<std::size_t>(category)];
}

void ExpertRow::add(std::span<const std::int32_t> experts, std::span<const float> weights_of) {
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const auto expert = static_cast<std::size_t>(experts[i]);
    ++counts[expert];
    weights[expert] += static_cast<double>(weights_of[i]);
  }
  ++positions;
}

std::vector<double> ExpertRow::shares() const {
  std::int64_t all = 0;
  for (const std::int64_t count : counts) all += count;
  std::vector<double> shares;
  for (const std::int64_t count : counts) {
    shares.push_back(all > 0 ? static_cast<double>(count) / static_cast<double>(all) : 0);
  }
  return shares;
}

std::vector<double> ExpertRow::mean_weights() const {
  std::vector<double> means = weights;
  for (double& mean : means) mean /= static_cast<double>(std::max<std::int64_t>(positions, 1));
  return means;
}

double relative_entropy(std::span<const double> shares) {
  if (shares.size() < 2) return 1;
  double entropy = 0;
  for (const double share : shares) {
    if (share > 0) entropy -= share * std::log(share);
  }
  return entropy / std::log(static_cast<double>(shares.size()));
}

double information_bits(const ExpertTable& table) {
  double all = 0;
  std::vector<double> of_expert;
  for (const auto& [name, row] : table) {
    of_expert.resize(row.counts.size());
    for (std::size_t e = 0; e < row.counts.size(); ++e) {
      of_expert[e] += static_cast<double>(row.counts[e]);
      all += static_cast<double>(row.counts[e]);
    }
  }
  double bits = 0;
  for (const auto& [name, row] : table) {
    double of_row = 0;
    for (const std::int64_t count : row.counts) of_row += static_cast<double>(count);
    for (std::size_t e = 0; e < row.counts.size(); ++e) {
      const auto joint = static_cast<double>(row.counts[e]);
      if (joint > 0) bits += joint / all * std::log2(joint * all / (of_row * of_expert[e]));
    }
  }
  return bits;
}

ExpertUse::ExpertUse(const ModelConfig& config) : config_(config) {
  if (config.encoder.feed_forward != EncoderConfig::FeedForward::kMoe) {
    fail(ErrorCode::kInvalidArgument,
         "the encoder of this network ('{}') has no mixture of experts (encoder.feed_forward is not \"moe\")",
         config.variant);
  }
}

ExpertUse::Layer& ExpertUse::layer_of(std::string_view name) {
  for (Layer& layer : layers_) {
    if (layer.name == name) return layer;
  }
  Layer& layer = layers_.emplace_back();
  layer.name = name;
  return layer;
}

std::vector<ExpertUse::Frame> ExpertUse::frames_of(double start_sec, std::span<const Note> notes) const {
  const FrontEndConfig& front = config_.front_end;
  const int n_frames = front.n_frames();
  const double frame_sec = static_cast<double>(front.hop_length) / front.sample_rate;
  const double end_sec = start_sec + static_cast<double>(front.segment_samples) / front.sample_rate;
  const auto frame_at = [&](double sec) {
    return static_cast<int>(
        std::clamp(std::lround((sec - start_sec) / frame_sec), 0L, static_cast<long>(n_frames) - 1));
  };
  std::vector<std::set<std::string>> groups(static_cast<std::size_t>(n_frames)), tokens(groups.size());
  for (const Note& note : notes) {
    const double offset_sec = note.is_drum ? note.onset_sec + kDrumSec : note.offset_sec;
    if (offset_sec <= start_sec || note.onset_sec >= end_sec) continue;
    const int first = frame_at(note.onset_sec), last = frame_at(offset_sec);
    for (int frame = first; frame <= last; ++frame) groups[static_cast<std::size_t>(frame)].insert(group_name(note));
    if (note.onset_sec >= start_sec) {
      const std::string token =
          note.is_drum ? "drum" : fmt::format("pitch {}", kPitchClasses[static_cast<std::size_t>(note.pitch % 12)]);
      tokens[static_cast<std::size_t>(first)].insert(token);
    }
    if (!note.is_drum && offset_sec < end_sec) tokens[static_cast<std::size_t>(last)].insert("end of note");
  }
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].empty()) groups[i].insert("silence");
    if (tokens[i].empty()) tokens[i].insert("shift only");
    frames.push_back({{groups[i].begin(), groups[i].end()}, {tokens[i].begin(), tokens[i].end()}});
  }
  return frames;
}

void ExpertUse::count(const RouterChoices& choices, const std::string& data_set, const std::vector<Frame>& frames) {
  const auto n_experts = static_cast<std::size_t>(choices.n_experts), top_k = static_cast<std::size_t>(choices.top_k);
  const std::size_t n_positions = choices.experts.size() / top_k;
  const auto latents = static_cast<std::size_t>(config_.n_latents());
  if (n_positions != frames.size() * latents) {
    fail(ErrorCode::kInvalidArgument, "{}: the router chose for {} positions, expected {} frames of {}", choices.layer,
         n_positions, frames.size(), latents);
  }
  Layer& layer = layer_of(choices.layer);
  const auto fresh = [n_experts](ExpertRow& row) -> ExpertRow& {
    row.counts.resize(n_experts);
    row.weights.resize(n_experts);
    return row;
  };
  ExpertRow& of_set = fresh(layer.tables[static_cast<int>(ExpertCategory::kDataSet)][data_set]);
  fresh(layer.all);
  for (std::size_t position = 0; position < n_positions; ++position) {
    const auto experts = choices.experts.subspan(position * top_k, top_k);
    const auto weights = choices.weights.subspan(position * top_k, top_k);
    const auto add = [&](ExpertRow& row) { fresh(row).add(experts, weights); };
    const Frame& frame = frames[position / latents];
    add(layer.all);
    add(of_set);
    for (const auto& name : frame.groups) add(layer.tables[static_cast<int>(ExpertCategory::kInstrumentGroup)][name]);
    for (const auto& name : frame.tokens) add(layer.tables[static_cast<int>(ExpertCategory::kTokenType)][name]);
    if (latents < 2) continue;
    add(layer.tables[static_cast<int>(ExpertCategory::kLatent)][fmt::format("latent {:02}", position % latents)]);
  }
}

void ExpertUse::add(const RouterChoices& choices, const std::string& data_set, double start_sec,
                    std::span<const Note> notes) {
  count(choices, data_set, frames_of(start_sec, notes));
}

void ExpertUse::add(const Engine& engine, const std::string& data_set, std::span<const float> samples,
                    std::span<const Note> notes) {
  const auto length = static_cast<std::size_t>(config_.front_end.segment_samples);
  for (std::size_t first = 0; first < samples.size(); first += length) {
    std::vector<float> segment(length);
    const auto piece = samples.subspan(first, std::min(length, samples.size() - first));
    std::copy(piece.begin(), piece.end(), segment.begin());
    const auto frames = frames_of(static_cast<double>(first) / config_.front_end.sample_rate, notes);
    engine.encode(segment, 1, [&](const RouterChoices& choices) { count(choices, data_set, frames); });
  }
}

nlohmann::json ExpertUse::json() const {
  nlohmann::json layers = nlohmann::json::array();
  for (const Layer& layer : layers_) {
    const auto shares = layer.all.shares();
    nlohmann::json one = {{"layer", layer.name},
                          {"positions", layer.all.positions},
                          {"load", shares},
                          {"router_weight", layer.all.mean_weights()},
                          {"entropy", relative_entropy(shares)}};
    for (int c = 0; c < kExpertCategories; ++c) {
      const auto category = static_cast<ExpertCategory>(c);
      const ExpertTable& table = layer.table(category);
      nlohmann::json rows = nlohmann::json::object();
      for (const auto& [name, row] : table) {
        rows[name] = {{"positions", row.positions},
                      {"counts", row.counts},
                      {"load", row.shares()},
                      {"router_weight", row.mean_weights()},
                      {"entropy", relative_entropy(row.shares())}};
      }
      one[name_of(category)] = {{"information_bits", information_bits(table)}, {"rows", std::move(rows)}};
    }
    layers.push_back(std::move(one));
  }
  return {{"variant", config_.variant},
          {"n_experts", config_.encoder.n_experts},
          {"top_k", config_.encoder.top_k},
          {"layers", std::move(layers)}};
}

std::string ExpertUse::csv() const {
  std::string text = "layer,category,name,expert,positions,count,load,router_weight\n";
  for (const Layer& layer : layers_) {
    for (int c = 0; c < kExpertCategories; ++c) {
      const auto category = static_cast<ExpertCategory>(c);
      for (const auto& [name, row] : layer.table(category)) {
        const auto shares = row.shares(), weights = row.mean_weights();
        for (std::size_t e = 0; e < shares.size(); ++e) {
          text += fmt::format("{},{},\"{}\",{},{},{},{:.6f},{:.6f}\n", layer.name, name_of(category), name, e,
                              row.positions, row.counts[e], shares[e], weights[e]);
        }
      }
    }
  }
  return text;
}

std::vector<HeatMap> ExpertUse::heat_maps(ExpertCategory category) const {
  std::vector<HeatMap> maps;
  for (const Layer& layer : layers_) {
    HeatMap map;
    map.title = fmt::format("{}: share of each expert by {}", layer.name, name_of(category));
    for (int e = 0; e < config_.encoder.n_experts; ++e) map.columns.push_back(std::to_string(e));
    map.high = 0;
    for (const auto& [name, row] : layer.table(category)) {
      map.rows.push_back(name);
      map.values.push_back(row.shares());
      for (const double share : map.values.back()) map.high = std::max(map.high, share);
    }
    maps.push_back(std::move(map));
  }
  return maps;
}

}  // namespace yourmt3
