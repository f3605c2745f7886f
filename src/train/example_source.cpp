#include "train/example_source.h"

#include <filesystem>

#include "data/random.h"
#include "data/segment_mixer.h"
#include "data/stem_mixer.h"

namespace yourmt3 {
namespace {

using Sources = std::vector<std::unique_ptr<SegmentSource>>;

/// One source for every phase: the reference's way to mix knows no phases.
Sources make_stem_sources(const TrainConfig& config, const std::string& split) {
  StemMixOptions options = config.stems;
  options.split = split;
  const StemMixer mixer(config.data.sets, options);
  Sources sources;
  for (std::size_t i = 0; i < config.phases.size(); ++i) {
    sources.push_back(std::make_unique<StemMixer>(mixer.with_options(options)));
  }
  return sources;
}

Sources make_sources(const TrainConfig& config, const std::vector<std::string>& folders, const std::string& split) {
  const std::vector<std::filesystem::path> stores(folders.begin(), folders.end());
  SegmentMixer::Options options;
  options.seed = config.data.seed;
  options.split = split;
  options.production = config.production;
  const SegmentMixer mixer(stores, options);
  Sources sources;
  for (const PhaseOptions& phase : config.phases) {
    options.min_stems = phase.min_stems;
    options.max_stems = phase.max_stems;
    options.coherent_share = phase.coherent_share;
    sources.push_back(std::make_unique<SegmentMixer>(mixer.with_options(options)));
  }
  return sources;
}

}  // namespace

ExampleSource::ExampleSource(const TrainConfig& config, const std::string& split)
    : config_(config),
      maker_(config.model, config.data.mask_unannotated),
      phases_(config.data.sets.empty() ? make_sources(config, config.data.stores, split)
                                       : make_stem_sources(config, split)) {
  if (config.data.sets.empty() && !config.data.replay_stores.empty())
    replay_ = make_sources(config, config.data.replay_stores, split);
}

std::vector<Example> ExampleSource::make(int phase, std::uint64_t bundle) const {
  if (config_.data.segments > 0) bundle %= static_cast<std::uint64_t>(config_.data.segments);
  const auto index = static_cast<std::size_t>(phase);
  // A stream of its own, beside those of the segments.
  Random random(config_.data.seed + 1, bundle);
  const bool replayed = random.chance(config_.data.replay_share) && !replay_.empty();
  std::vector<Example> examples;
  for (const MixedSegment& segment : (replayed ? replay_ : phases_)[index]->make(bundle)) {
    const bool onsets_only = maker_.has_onset_mode() && random.chance(config_.phases[index].onset_share);
    examples.push_back(maker_.make(segment, onsets_only ? TokenMode::kOnsets : TokenMode::kNotes));
  }
  return examples;
}

}  // namespace yourmt3
