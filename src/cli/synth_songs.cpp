#include "cli/synth_songs.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <map>
#include <mutex>

#include "cli/atomic_folder.h"
#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "data/audio_out.h"
#include "data/composer.h"
#include "data/midi_songs.h"
#include "data/song_folder.h"
#include "score/midi_writer.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

/// One song, played once, and where to.
struct Take {
  std::string song;  ///< File; empty: composed.
  fs::path output;   ///< File, or folder of stems.
  std::uint64_t number = 0;
};

AtomicFile::Existing existing(const SynthSongOptions& options) {
  return options.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse;
}

std::vector<Take> plan_takes(const SynthSongOptions& options) {
  if (options.songs.empty() == !options.compose_seed) throw UsageError("give either SONG or --compose NUMBER");
  if (options.songs.size() > 1 && (!options.output.empty() || !options.midi.empty())) {
    throw UsageError("--output and --midi name one file, but there are several songs");
  }
  if (!options.stem_folder.empty() && (!options.output.empty() || !options.midi.empty())) {
    throw UsageError("--stems writes sound and notes into its folder; leave out --output and --midi");
  }
  if (options.stem_folder.empty() && options.takes > 1) throw UsageError("--takes needs --stems");
  if (options.compose_seed && options.output.empty() && options.stem_folder.empty()) {
    throw UsageError("--compose needs --output or --stems");
  }
  std::vector<std::string> songs = options.songs;
  if (options.compose_seed) songs = {""};
  std::vector<Take> takes;
  std::map<fs::path, std::string> writer;
  for (const auto& song : songs) {
    const std::string name =
        song.empty() ? fmt::format("composed-{}", *options.compose_seed) : fs::path(song).stem().string();
    for (int take = 1; take <= options.takes; ++take) {
      fs::path output = options.output;
      if (!options.stem_folder.empty()) {
        output = fs::path(options.stem_folder) / (options.takes > 1 ? fmt::format("{}-{}", name, take) : name);
      } else if (output.empty()) {
        output = fs::path(song).replace_extension(".wav");
      }
      const auto [other, is_new] = writer.emplace(output.lexically_normal(), song);
      if (!is_new) {
        throw UsageError(fmt::format("{} and {} would both be written to {}", other->second, song, output.string()));
      }
      takes.push_back({song, output, takes.size()});
    }
  }
  return takes;
}

Song compose_song(const SynthSongOptions& options) {
  ComposeOptions compose_options;
  compose_options.seed = *options.compose_seed;
  compose_options.seconds = options.length_sec > 0 ? options.length_sec : 40;
  compose_options.surprise = 0.1;
  if (!options.style.empty()) {
    compose_options.style = style_from_name(options.style);
    if (!compose_options.style) throw UsageError(fmt::format("unknown style '{}'", options.style));
  }
  return compose(compose_options);
}

Song take_song(const SynthSongOptions& options, const Take& take) {
  auto song = take.song.empty() ? compose_song(options) : read_song(take.song);
  if (song.parts.empty()) fail(ErrorCode::kInvalidArgument, "{}: no notes in it", take.song);
  if (options.start_sec > 0 || options.length_sec > 0) {
    song = cut_excerpt(song, options.start_sec, options.length_sec > 0 ? options.length_sec : song.seconds);
  }
  Random random(options.seed, take.number);
  return vary_song(song, options.variation.over(as_written()), random);
}

/// "Guitar (distortion)" as "guitar-distortion".
std::string file_name_of(int program) {
  std::string name;
  for (const char c : instrument_name(program)) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter)) {
      name += static_cast<char>(std::tolower(letter));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  return name.substr(0, name.find_last_not_of('-') + 1);
}

void write_take(const SynthSongOptions& options, const Take& take, const Stage& stage, int threads) {
  auto song = take_song(options, take);
  if (!options.stem_folder.empty()) {
    AtomicFolder folder(take.output, options.force);
    SongFolderOptions stems;
    stems.extension = "." + options.format;
    stems.name_of = file_name_of;
    stems.song_number = take.number;
    stems.threads = threads;
    stems.keep_going = [] { return !interrupted(); };
    write_song_folder(folder.temporary_path(), std::move(song), stage, stems);
    folder.commit();
    return;
  }
  // Both are opened before the work, so that a place that cannot be written is known at once.
  const std::string extension = take.output.extension().string();
  audio_bytes(extension, {}, stage.options().sample_rate, 2);
  AtomicFile sound(take.output, existing(options));
  if (!options.midi.empty()) {
    MidiWriteOptions as_is;
    as_is.instruments = nullptr;
    write_file_atomically(options.midi, serialize_midi(notes_to_midi(song_notes(song), as_is)), existing(options));
  }
  const auto mix = render_mix(std::move(song), stage, threads);
  if (interrupted()) fail(ErrorCode::kCancelled, "cancelled");
  sound.write(audio_bytes(extension, mix.samples, mix.sample_rate, 2));
  sound.commit();
}

}  // namespace

ArrangeOptions VariationChoice::over(ArrangeOptions defaults) const {
  defaults.keep_program = keep_program.value_or(defaults.keep_program);
  defaults.keep_drums = keep_drums.value_or(defaults.keep_drums);
  defaults.max_transpose = transpose.value_or(defaults.max_transpose);
  defaults.max_tempo_change = tempo_change.value_or(defaults.max_tempo_change);
  defaults.velocity_change = velocity_change.value_or(defaults.velocity_change);
  if (timing_ms) defaults.timing_sec = *timing_ms / 1000;
  return defaults;
}

int synth_songs(const SynthSongOptions& options) {
  const auto takes = plan_takes(options);
  if (options.compose_seed) compose_song(options);  // A wrong style is wrong usage.
  StageOptions stage_options;
  stage_options.max_detune_cents = options.variation.detune_cents.value_or(0);
  stage_options.seed = options.seed;
  stage_options.keep_going = [] { return !interrupted(); };
  const Stage stage = open_stage(stage_options, options.sound_fonts, false);
  catch_interrupts();
  ProgressLine line("synth", takes.size() > 1);
  std::mutex mutex;
  std::size_t done = 0;
  std::vector<std::string> failures(takes.size());
  // Many songs side by side, or else the parts of one.
  const auto threads = static_cast<std::size_t>(std::max(1, options.threads));
  const bool side_by_side = takes.size() >= threads;
  parallel_for(takes.size(), side_by_side ? options.threads : 1, [&](std::size_t i) {
    try {
      if (interrupted()) fail(ErrorCode::kCancelled, "cancelled");
      write_take(options, takes[i], stage, side_by_side ? 1 : options.threads);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      failures[i] = error.what();
    }
    const std::lock_guard lock(mutex);
    line.update(static_cast<double>(++done), static_cast<double>(takes.size()));
  });
  line.clear();
  int status = kExitDone;
  for (std::size_t i = 0; i < takes.size(); ++i) {
    if (failures[i].empty()) {
      fmt::print("{}\n", takes[i].output.string());
      continue;
    }
    const bool named = takes[i].song.empty() || failures[i].starts_with(takes[i].song);
    fmt::print(stderr, "yourmt3: {}{}\n", named ? "" : takes[i].song + ": ", failures[i]);
    status = kExitFailed;
  }
  return status;
}

}  // namespace yourmt3::cli
