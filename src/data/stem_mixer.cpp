#include "data/stem_mixer.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <tuple>

#include "core/fail.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

constexpr std::int64_t kLength = SegmentSource::kSegmentSamples;
constexpr double kSeconds = static_cast<double>(kLength) / kRenderRate;
// As the reference: shorter files are filled up with silence, so that there are starts to choose from.
constexpr std::int64_t kRoom = 2000;
constexpr int kAttempts = 5;

constexpr std::uint64_t kPurposes = 8;

bool has_unannotated(const StemFile& file) {
  const auto programs = file.programs();
  return std::find(programs.begin(), programs.end(), kUnannotatedProgram) != programs.end();
}

std::vector<int> intersection(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

/// sum += weight * the samples from `start` on, as far as there are any.
void add_samples(std::vector<float>& sum, std::span<const std::int16_t> samples, std::int64_t start, float weight) {
  const auto total = static_cast<std::int64_t>(samples.size());
  const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(total - start, 0, kLength));
  if (count == 0) return;
  const std::int16_t* from = samples.data() + start;
  for (std::size_t t = 0; t < count; ++t) sum[t] += weight * from[t];
}

}  // namespace

StemMixer::StemMixer(std::span<const StemDataSet> sets, const StemMixOptions& options)
    : StemMixer(options, std::make_shared<const StemFiles>(sets, options.split)) {}

StemMixer::StemMixer(const StemMixOptions& options, std::shared_ptr<const StemFiles> files)
    : files_(std::move(files)), options_(options) {
  const auto& policy = options.policy;
  if (options.bundle < 1 || options.bundle > 1000 || options.samplers < 1 || policy.max_k < 0 ||
      policy.max_groups < 1 || policy.max_events < 1 || !(policy.keep >= 0) || !(policy.tau >= 0) ||
      !(policy.alpha > 0) || !(policy.min_amplitude >= 0) || !(policy.max_amplitude >= policy.min_amplitude)) {
    fail(ErrorCode::kInvalidArgument,
         "mixing with bundle {}, samplers {}, max_k {}, tau {}, alpha {}, max_groups {}, max_events {}, keep {}, "
         "amplitudes {}-{}: bundle is 1-1000, counts are positive (max_k 0 or more), ranges ascend from 0",
         options.bundle, options.samplers, policy.max_k, policy.tau, policy.alpha, policy.max_groups, policy.max_events,
         policy.keep, policy.min_amplitude, policy.max_amplitude);
  }
  std::vector<double> weights;
  std::vector<long> counts;
  for (std::size_t i = 0; i < files_->sets().size(); ++i) {
    auto& drawn = drawn_.emplace_back();
    for (const auto& file : files_->sets()[i]) {
      const auto programs = file.programs();
      const bool told = std::any_of(programs.begin(), programs.end(), [](int p) { return p != kUnannotatedProgram; });
      if (options.unannotated == UnannotatedRule::kExclude && has_unannotated(file) && !(file.has_stems() && told)) {
        continue;
      }
      drawn.push_back(&file);
    }
    if (drawn.empty()) {
      fail(ErrorCode::kInvalidArgument,
           "data set '{}' has nothing but mixes that are not fully annotated, which are excluded; leave it out or mix "
           "them",
           files_->set(i).name);
    }
    weights.push_back(files_->set(i).weight);
    counts.push_back(static_cast<long>(drawn.size()));
  }
  probabilities_ = set_probabilities(weights, counts, options.weight_mode, options.temperature);
  check(options.production);
  const auto& shift = options.pitch_shift;
  if (shift.low != 0 || shift.high != 0) shifter_ = std::make_shared<const PitchShifter>(shift.low, shift.high);
}

StemMixer StemMixer::with_options(const StemMixOptions& options) const {
  return {options, files_};
}

std::size_t StemMixer::stem_count() const {
  std::size_t count = 0;
  for (const auto& set : drawn_) {
    for (const auto* file : set) count += file->track().stems.size();
  }
  return count;
}

double StemMixer::stem_hours() const {
  double samples = 0;
  for (const auto& set : drawn_) {
    for (const auto* file : set) {
      for (const auto& stem : file->track().stems) samples += static_cast<double>(stem.wav.samples().size());
    }
  }
  return samples / kRenderRate / 3600;
}

bool StemMixer::mixes_across_files() const {
  return options_.policy.max_k > 0 && (options_.policy.keep < 1 || options_.always_mix);
}

std::uint64_t StemMixer::cache_files() const {
  const int bundles = mixes_across_files() ? std::max(4, options_.policy.max_k + 1) : 4;
  return static_cast<std::uint64_t>(bundles) * static_cast<std::uint64_t>(options_.bundle);
}

Random StemMixer::random_for(std::uint64_t sampler, std::uint64_t draw, Purpose purpose) const {
  const auto samplers = static_cast<std::uint64_t>(options_.samplers);
  return Random(options_.seed, (draw * samplers + sampler) * kPurposes + static_cast<std::uint64_t>(purpose));
}

StemMixer::Plan::Piece StemMixer::draw_piece(std::uint64_t sampler, std::uint64_t draw, int slot) const {
  auto random = random_for(sampler, draw, Purpose::kFile);
  Plan::Piece piece;
  piece.set = random.weighted(probabilities_);
  piece.file = random.pick(drawn_[piece.set]);
  const auto starts = static_cast<std::size_t>(std::max(piece.file->n_samples(), kLength + kRoom) - kLength);
  const auto wanted = static_cast<std::size_t>(options_.bundle);
  // The file's starts are found in order until the one of this slot is known.
  int accepted = 0;
  std::vector<std::int64_t> tried;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    tried.clear();
    while (tried.size() < wanted) {
      const auto start = static_cast<std::int64_t>(random.index(starts));
      if (std::find(tried.begin(), tried.end(), start) != tried.end()) continue;
      tried.push_back(start);
      if (attempt < kAttempts && !piece.file->has_notes(start, kLength)) continue;
      piece.start = start;
      if (accepted++ == slot) return piece;
    }
  }
  YOURMT3_ASSERT(false);  // the last attempt takes everything
  return piece;
}

StemSegment StemMixer::take(Plan& plan, const Plan::Piece& piece) const {
  StemSegment segment;
  segment.file = plan.pieces.size();
  segment.has_stems = piece.file->has_stems();
  const bool exclude = options_.unannotated == UnannotatedRule::kExclude;
  const auto programs = piece.file->programs();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (exclude && programs[i] == kUnannotatedProgram) continue;
    segment.programs.push_back(programs[i]);
    segment.is_drum.push_back(programs[i] == kDrumProgram);
    if (!segment.has_stems && i > 0) continue;
    segment.rows.push_back(plan.sounds.size());
    plan.sounds.push_back({segment.file, i});
  }
  segment.notes = events_of(piece.file->notes(piece.start, kLength), kSeconds);
  plan.pieces.push_back(piece);
  return segment;
}

StemMixer::Plan StemMixer::plan(std::uint64_t bundle) const {
  const auto samplers = static_cast<std::uint64_t>(options_.samplers);
  const std::uint64_t sampler = bundle % samplers;
  const std::uint64_t turn = bundle / samplers;
  const std::uint64_t n_cached = cache_files();
  const auto size = static_cast<std::size_t>(options_.bundle);
  auto random = random_for(sampler, turn + n_cached, Purpose::kMix);
  RandomDraws draws(random);

  // Draws turn + 1 to turn + n_cached are in the cache: before the first turn it is full.
  std::vector<std::uint64_t> cached(n_cached);
  std::iota(cached.begin(), cached.end(), turn + 1);
  random.shuffle(cached);

  Plan plan;
  const auto& shift = options_.pitch_shift;
  plan.semitones = random_for(sampler, turn, Purpose::kShift).integer(shift.low, shift.high);
  const bool leaves_out = options_.policy.keep < 1;
  auto policy = options_.policy;
  policy.mix_unannotated = options_.unannotated == UnannotatedRule::kMix;
  std::vector<StemSegment> items;
  for (std::size_t i = 0; i < size; ++i) {
    auto item = take(plan, draw_piece(sampler, cached[i], static_cast<int>(turn % size)));
    if (leaves_out || mixes_across_files()) item = drop_stems(std::move(item), policy, draws);
    items.push_back(std::move(item));
  }
  if (!mixes_across_files()) {
    for (auto& item : items) plan.mixes.push_back(mix_alone(std::move(item), policy, draws));
    return plan;
  }
  std::vector<int> added;
  int all_added = 0;
  for (std::size_t i = 0; i < size; ++i) {
    added.push_back(draw_added(policy, random.uniform()));
    all_added += added.back();
  }
  std::vector<StemSegment> others;
  for (std::size_t i = 0; i < static_cast<std::size_t>(all_added); ++i) {
    others.push_back(take(plan, draw_piece(sampler, cached[size + i], random.integer(0, options_.bundle - 1))));
  }
  plan.mixes = mix_across_files(items, others, added, policy, draws);
  return plan;
}

std::vector<float> StemMixer::render(const Plan& plan, const PlannedMix& mix) const {
  std::vector<std::vector<float>> rows;
  for (const auto& group : mix.groups) {
    auto& row = rows.emplace_back(static_cast<std::size_t>(kLength));
    for (const auto& [name, weight] : group.sounds) {
      const auto& sound = plan.sounds[name];
      const auto& piece = plan.pieces[sound.piece];
      const auto& stem = piece.file->track().stems[sound.stem];
      const double gain = options_.levelled ? 1.0 : 1.0 / stem.info.gain;
      add_samples(row, stem.wav.samples(), piece.start, static_cast<float>(weight * gain / 32768.0));
    }
  }
  auto mixed = mix_rows(rows, std::span(mix.amplitudes).first(rows.size()), {}, true);
  mixed.resize(static_cast<std::size_t>(kLength));  // of an item without any stem left
  return mixed;
}

std::vector<Note> StemMixer::notes_of(const Plan& plan, const PlannedMix& mix) const {
  const int semitones = options_.pitch_shift.labels ? plan.semitones : 0;
  std::vector<Note> notes;
  for (const auto& source : mix.sources) {
    const auto& piece = plan.pieces[source.file];
    for (auto& note : piece.file->notes(piece.start, kLength)) {
      if (!source.plays(note.is_drum, note.program)) continue;
      note.pitch = shifted_pitch(note.is_drum, note.pitch, semitones);
      notes.push_back(note);
    }
  }
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.onset_sec, a.program, a.pitch, a.offset_sec) <
           std::tie(b.onset_sec, b.program, b.pitch, b.offset_sec);
  });
  return notes;
}

std::vector<MixedSegment> StemMixer::make(std::uint64_t bundle) const {
  const auto samplers = static_cast<std::uint64_t>(options_.samplers);
  auto random = random_for(bundle % samplers, bundle / samplers, Purpose::kProduction);
  const auto plan = this->plan(bundle);
  std::vector<MixedSegment> segments;
  for (const auto& mix : plan.mixes) {
    auto& segment = segments.emplace_back();
    segment.samples = render(plan, mix);
    if (plan.semitones != 0) segment.samples = shifter_->shift(segment.samples, plan.semitones);
    produce(segment.samples, options_.production, random);
    segment.notes = notes_of(plan, mix);
    for (const auto& source : mix.sources) {
      const auto& programs = source.programs;
      if (std::find(programs.begin(), programs.end(), kUnannotatedProgram) == programs.end()) continue;
      const auto& told = plan.pieces[source.file].file->track().info.annotated;
      segment.annotated = segment.annotated ? intersection(*segment.annotated, told) : told;
    }
  }
  return segments;
}

}  // namespace yourmt3
