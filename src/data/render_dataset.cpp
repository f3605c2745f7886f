#include "data/render_dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>

#include "core/fail.h"
#include "core/parallel.h"
#include "data/composer.h"
#include "data/drum_kit.h"
#include "data/store.h"
#include "data/synthesizer.h"
#include "data/tones.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

/// The fonts and tones, opened once for each thread that works at a time.
class Band {
 public:
  Band(const SoundSet& sounds, const LogSink& log) {
    for (const auto& font : sounds.fonts) {
      try {
        synths_.push_back(std::make_unique<Synthesizer>(font.file));
        weights_.push_back(font.weight);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kUnsupported) throw;
        if (log) log(LogLevel::kWarning, error.what());
      }
    }
    tones_ = sounds.tones_weight;
    if (synths_.empty() && tones_ <= 0) fail(ErrorCode::kNotFound, "no sound font to render with");
  }

  /// Samples of the part by a font that has its program; empty when none has it.
  /// Notes that the font cannot play are taken from the part.
  std::vector<float> render(Part& part, double seconds, const RenderOptions& options, Random& random) {
    if (options.lines) return render_tones(part, seconds, {kRenderRate});
    auto weights = weights_;
    for (std::size_t i = 0; i < synths_.size(); ++i) {
      if (!synths_[i]->plays(part.program)) weights[i] = 0;
    }
    if (tones_ > 0) weights.push_back(tones_);
    if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight <= 0; })) return {};
    const std::size_t drawn = random.weighted(weights);
    if (drawn == synths_.size()) return render_tones(part, seconds, {kRenderRate, 0, random.bits() | 1});
    auto& synth = *synths_[drawn];
    auto timbre = draw_timbre(part.is_drum(), random);
    if (part.is_drum()) {
      timbre.kit = random.pick(synth.kits());
    } else {
      timbre.bank = random.pick(synth.banks(part.program));
    }
    if (options.max_detune_cents) timbre.tuning_cents = random.uniform(-1, 1) * *options.max_detune_cents;
    synth.drop_silent(part, timbre);
    return synth.render(part, seconds, timbre);
  }

 private:
  std::vector<std::unique_ptr<Synthesizer>> synths_;
  std::vector<double> weights_;
  double tones_ = 0;
};

/// Lends each working thread a band of its own.
class Bands {
 public:
  Bands(const SoundSet& sounds, const LogSink& log) : sounds_(sounds), log_(log) {}

  std::unique_ptr<Band> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Band>(sounds_, std::exchange(log_, {}));
    auto band = std::move(idle_.back());
    idle_.pop_back();
    return band;
  }
  void give_back(std::unique_ptr<Band> band) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(band));
  }

 private:
  const SoundSet& sounds_;
  LogSink log_;  // Speaks for the first band only; the others would repeat it.
  std::mutex mutex_;
  std::vector<std::unique_ptr<Band>> idle_;
};

struct Draft {
  Song song;
  std::string source;
  std::string licence;
  bool composed = true;
};

Draft draft_song(const RenderOptions& options, double seconds, Random& random) {
  if (options.lines) {
    const std::uint64_t seed = random.bits();
    return {compose_lines(seed, seconds, *options.lines), fmt::format("lines {}", seed), "CC0-1.0", false};
  }
  if (!options.songs.empty() && random.chance(options.song_share)) {
    const auto& named = random.pick(options.songs);
    return {arrange_excerpt(named.song, seconds, options.arrange, random), named.name, named.licence, false};
  }
  const double others = 1 - (options.songs.empty() ? 0 : options.song_share);
  const std::uint64_t seed = random.bits();
  if (random.chance(options.practice_share / std::max(others, 1e-9))) {
    return {compose_practice(seed, seconds), fmt::format("practice {}", seed), "CC0-1.0"};
  }
  ComposeOptions compose_options;
  compose_options.seed = seed;
  compose_options.seconds = seconds;
  return {compose(compose_options), fmt::format("composer {}", seed), "CC0-1.0"};
}

/// Forgets what one instrument of several plays: it sounds, but nobody wrote it down.
void forget_one(TrackInfo& track, std::vector<Part>& parts, Random& random) {
  if (parts.size() < 2) return;
  const std::size_t forgotten = random.index(parts.size());
  track.stems[forgotten].program = parts[forgotten].program = kUnannotatedProgram;
  parts[forgotten].notes.clear();
}

/// Makes a composed piece as small and sparse as the options ask.
void simplify(Song& song, const RenderOptions& options, Random& random) {
  if (options.max_parts > 0 && song.parts.size() > static_cast<std::size_t>(options.max_parts)) {
    random.shuffle(song.parts);
    song.parts.resize(static_cast<std::size_t>(options.max_parts));
  }
  if (options.min_gap_sec <= 0) return;
  for (auto& part : song.parts) {
    double last_sec = -options.min_gap_sec;
    std::erase_if(part.notes, [&](const PlayedNote& note) {
      if (note.onset_sec < last_sec + options.min_gap_sec) return true;
      last_sec = note.onset_sec;
      return false;
    });
  }
}

[[noreturn]] void fail_silent(std::size_t tracks) {
  fail(ErrorCode::kInvalidArgument, "none of {} tracks made a sound; do the fonts fit?", tracks);
}

}  // namespace

SoundSet installed_training_sounds() {
  SoundSet sounds;
  // FluidR3_GS, which Debian packages beside it, has only sound effects.
  for (const auto& [file, weight] : {std::pair{"/usr/share/sounds/sf2/FluidR3_GM.sf2", 0.5},
                                     {"/etc/timidity/freepats.cfg", 0.25},
                                     {"/usr/share/sounds/sf2/OPL-3_FM_128M.sf2", 0.25}}) {
    if (fs::exists(file)) sounds.fonts.push_back({file, weight});
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/share/hydrogen/data/drumkits", ignored)) {
    if (fs::exists(entry.path() / "drumkit.xml")) sounds.kits.push_back(entry.path());
  }
  std::sort(sounds.kits.begin(), sounds.kits.end());
  return sounds;
}

void render_dataset(const RenderOptions& options, const LogSink& log, const ProgressCallback& progress) {
  if (!(options.shortest_sec > 0) || options.longest_sec < options.shortest_sec || !(options.stem_hours > 0)) {
    fail(ErrorCode::kInvalidArgument, "cannot render {} hours in clips of {}-{} s", options.stem_hours,
         options.shortest_sec, options.longest_sec);
  }
  if (options.tracks < 0 || options.validation_tracks < 0 || options.validation_tracks > options.tracks) {
    fail(ErrorCode::kInvalidArgument, "cannot render {} tracks, {} of them for validation", options.tracks,
         options.validation_tracks);
  }
  if (!(options.unannotated_share >= 0 && options.unannotated_share <= 1)) {
    fail(ErrorCode::kInvalidArgument, "a share of {} tracks without full annotation, expected 0 to 1",
         options.unannotated_share);
  }
  if (options.lines) check(*options.lines);
  const std::size_t first_of_validation =
      options.validation_tracks > 0 ? static_cast<std::size_t>(options.tracks - options.validation_tracks) : SIZE_MAX;
  std::vector<DrumKit> kits;
  for (const auto& folder : options.sounds.kits) {
    try {
      kits.emplace_back(folder);
    } catch (const Error& error) {
      if (log) log(LogLevel::kWarning, error.what());
    }
  }
  StoreWriter writer(options.output);
  Bands bands(options.sounds, log);

  const auto make_track = [&](std::size_t number, std::uint64_t attempt) {
    Random random(options.seed, number + (attempt << 40));
    const double seconds = random.uniform(options.shortest_sec, options.longest_sec);
    auto draft = draft_song(options, seconds, random);
    if (draft.composed) simplify(draft.song, options, random);
    auto band = bands.take();
    TrackInfo track;
    track.id = fmt::format("{}{:06}", options.id_prefix, number);
    track.source = draft.source;
    track.licence = draft.licence;
    track.split = number >= first_of_validation ? "validation" : options.split;
    track.seconds = seconds;
    std::vector<std::vector<float>> sounds;
    std::vector<Part> parts;
    for (auto& part : draft.song.parts) {
      std::vector<float> samples;
      if (part.is_drum() && !kits.empty() && random.chance(options.sounds.kit_share)) {
        const auto& kit = random.pick(kits);
        kit.adapt(part);
        samples = kit.render(part, seconds, random);
      } else {
        samples = band->render(part, seconds, options, random);
      }
      const double gain = levelling_gain(samples);
      if (part.notes.empty() || samples.empty() || loudness(samples) <= 0) continue;
      for (float& sample : samples) sample *= static_cast<float>(gain);
      track.stems.push_back({part.program, "", gain});
      sounds.push_back(std::move(samples));
      parts.push_back(std::move(part));
    }
    bands.give_back(std::move(band));
    // A stream of its own, so that the music is the same with any share.
    Random annotation(options.seed + 1, number);
    if (number < first_of_validation && annotation.chance(options.unannotated_share)) {
      forget_one(track, parts, annotation);
    }
    if (!parts.empty()) writer.add(std::move(track), sounds, parts);
    return seconds * static_cast<double>(parts.size());
  };

  if (options.tracks > 0) {
    std::atomic<std::size_t> done = 0;
    parallel_for(static_cast<std::size_t>(options.tracks), options.threads, [&](std::size_t number) {
      constexpr std::uint64_t kAttempts = 16;
      std::uint64_t attempt = 0;
      while (attempt < kAttempts && make_track(number, attempt) <= 0) ++attempt;
      if (attempt == kAttempts) fail_silent(kAttempts);
      report_progress(progress, static_cast<double>(++done), options.tracks);
    });
    writer.commit();
    return;
  }
  // Whole batches, so that the set does not depend on which thread was first.
  constexpr std::size_t kBatch = 32;
  const double wanted = options.stem_hours * 3600;
  double done = 0;
  std::size_t idle_batches = 0;
  for (std::size_t first = 0; done < wanted; first += kBatch) {
    std::vector<double> made(kBatch);
    parallel_for(kBatch, options.threads, [&](std::size_t i) { made[i] = make_track(first + i, 0); });
    double in_batch = 0;
    for (const double seconds : made) in_batch += seconds;
    idle_batches = in_batch > 0 ? 0 : idle_batches + 1;
    if (idle_batches == 4) fail_silent(4 * kBatch);
    done += in_batch;
    report_progress(progress, std::min(done, wanted), wanted);
  }
  writer.commit();
}

}  // namespace yourmt3
