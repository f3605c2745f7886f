#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "chart/heat_map.h"
#include "engine/engine.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// What the positions of a mixture of experts are told apart by.
enum class ExpertCategory {
  kDataSet,
  kInstrumentGroup,  ///< What sounds in the frame, each of several.
  kTokenType,  ///< Tokens of the frame: pitches by class and drums that begin, ends of notes, or a shift over it alone.
  kLatent,     ///< PerceiverTF: index of the latent. The latents of a decoder channel lie beside each other.
};
inline constexpr int kExpertCategories = 4;
const char* name_of(ExpertCategory category);

/// How often each expert was chosen at the positions of one category.
struct ExpertRow {
  std::vector<std::int64_t> counts;  ///< Of each expert.
  std::vector<double> weights;       ///< Sums of the router's weights.
  std::int64_t positions = 0;

  void add(std::span<const std::int32_t> experts, std::span<const float> weights_of);
  /// counts / all counts; zeros of nothing.
  std::vector<double> shares() const;
  /// Mean weight of each expert over the positions, those that did not choose it included.
  std::vector<double> mean_weights() const;
};

using ExpertTable = std::map<std::string, ExpertRow>;

/// Entropy of the shares over its greatest value: 1 when all experts are used alike, 0 when one does everything.
double relative_entropy(std::span<const double> shares);

/// Mutual information of category and expert in bits: how much better one guesses the expert who knows the category.
double information_bits(const ExpertTable& table);

/// Which experts of an encoder are active, for what. The decoder's experts, which no published network has, are not
/// counted. Not for several threads.
class ExpertUse {
 public:
  /// Throws Error(kInvalidArgument) for a network whose encoder has no experts.
  explicit ExpertUse(const ModelConfig& config);

  /// Encodes a recording at the network's rate, of which `notes` are the annotation, and counts. `engine` is of the
  /// same configuration.
  void add(const Engine& engine, const std::string& data_set, std::span<const float> samples,
           std::span<const Note> notes);

  /// The same for choices from elsewhere: those of one layer for one segment that begins at `start_sec`.
  void add(const RouterChoices& choices, const std::string& data_set, double start_sec, std::span<const Note> notes);

  struct Layer {
    std::string name;
    ExpertRow all;
    ExpertTable tables[kExpertCategories];
    const ExpertTable& table(ExpertCategory category) const { return tables[static_cast<int>(category)]; }
  };
  const std::vector<Layer>& layers() const { return layers_; }

  /// Everything that was counted; docs/experiments.md.
  nlohmann::json json() const;
  /// One line for each layer, category and expert.
  std::string csv() const;
  /// A field for each category and expert, its share of the category's positions; one map for each layer.
  std::vector<HeatMap> heat_maps(ExpertCategory category) const;

 private:
  /// Names of the categories of each frame, by ExpertCategory; of latents none.
  struct Frame {
    std::vector<std::string> groups, tokens;
  };
  std::vector<Frame> frames_of(double start_sec, std::span<const Note> notes) const;
  void count(const RouterChoices& choices, const std::string& data_set, const std::vector<Frame>& frames);
  Layer& layer_of(std::string_view name);

  ModelConfig config_;
  std::vector<Layer> layers_;
};

}  // namespace yourmt3
