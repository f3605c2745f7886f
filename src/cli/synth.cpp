#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/atomic_folder.h"
#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/progress_line.h"
#include "cli/synth_songs.h"
#include "cli/verb.h"
#include "core/parallel.h"
#include "data/midi_songs.h"
#include "data/render_dataset.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct SynthOptions {
  SynthSongOptions songs;  ///< Holds what both uses share: files, sounds, variation, seed and threads.
  std::string data_set;
  std::vector<std::string> folders;
  std::vector<std::string> held_out;
  std::string licence;
  RenderOptions render;
};

void remark(LogLevel level, std::string_view text) {
  if (level == LogLevel::kWarning) fmt::print(stderr, "yourmt3: {}\n", text);
}

SoundSet training_sounds(const std::vector<std::string>& named) {
  SoundSet sounds;
  if (named.empty()) {
    sounds = installed_training_sounds();
    if (sounds.fonts.empty()) {
      fmt::print(stderr, "yourmt3: no sound font for training is installed; playing with built-in tones\n");
      sounds.tones_weight = 1;
    }
  }
  for (const auto& name : named) {
    if (name == kTones) {
      sounds.tones_weight = 1;
    } else {
      sounds.fonts.push_back({name, 1});
    }
  }
  return sounds;
}

int render_data_set(const SynthOptions& options) {
  const auto& shared = options.songs;
  if (!shared.output.empty() || !shared.midi.empty() || !shared.stem_folder.empty() || shared.compose_seed) {
    throw UsageError("--dataset excludes --output, --midi, --stems and --compose");
  }
  auto render = options.render;
  if (render.longest_sec < render.shortest_sec) throw UsageError("--shortest is longer than --longest");
  if (render.validation_tracks > render.tracks) throw UsageError("--validation-tracks is more than --tracks");
  render.sounds = training_sounds(shared.sound_fonts);
  render.seed = shared.seed;
  render.threads = std::max(1, shared.threads);
  render.arrange = shared.variation.over(render.arrange);
  if (render.max_parts > 0) render.arrange.max_parts = render.max_parts;
  render.max_detune_cents = shared.variation.detune_cents;
  for (const auto& file : shared.songs) {
    auto song = read_song(file);
    if (!song.parts.empty()) render.songs.push_back({fs::path(file).stem().string(), options.licence, std::move(song)});
  }
  if (!options.folders.empty()) {
    MidiCollectionOptions collection;
    collection.folders.assign(options.folders.begin(), options.folders.end());
    collection.split = render.split;
    collection.held_out = options.held_out;
    collection.licence = options.licence;
    for (auto& song : load_midi_collection(collection, remark)) render.songs.push_back(std::move(song));
  }
  catch_interrupts();
  AtomicFolder folder(options.data_set, false);
  render.output = folder.temporary_path();
  ProgressLine line("synth", true);
  render_dataset(render, remark, [&line](const Progress& progress) {
    line.update(progress.done, progress.total);
    return !interrupted();
  });
  line.clear();
  folder.commit();
  fmt::print("{}\n", (fs::path(options.data_set) / "index.jsonl").string());
  return kExitDone;
}

void add_song_options(CLI::App& verb, SynthSongOptions& options) {
  verb.add_option("SONG", options.songs, "Songs to play: MIDI, or JSON or CSV of this program");
  verb.add_option("-o,--output", options.output, "Audio to write: .wav .flac .ogg .opus .mp3 [SONG.wav]");
  verb.add_option("--stems", options.stem_folder,
                  "Write a folder for each song into this one: a file for each part, their mix, and their notes");
  verb.add_option("--format", options.format, "Of stems: wav, flac, ogg, opus, mp3")
      ->capture_default_str()
      ->check(CLI::IsMember({"wav", "flac", "ogg", "opus", "mp3"}));
  verb.add_option("--soundfont", options.sound_fonts,
                  std::string(kSoundFontHelp) + "; may be repeated: each part then draws one")
      ->allow_extra_args(false);
  verb.add_option("--start", options.start_sec, "Where to begin, in seconds")->check(CLI::NonNegativeNumber);
  verb.add_option("--length", options.length_sec, "How much to play, in seconds [all]")->check(CLI::NonNegativeNumber);
  verb.add_option("--compose", options.compose_seed, "Compose a piece from this number instead of reading SONG");
  verb.add_option("--style", options.style,
                  "Of the piece: pop, rock, swing, waltz, electronic, chamber, solo-piano, solo-guitar, choir-organ");
  verb.add_option("--midi", options.midi, "Also write the notes played to this MIDI file");
  verb.add_option("--threads", options.threads, "Threads; the result does not depend on them")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  verb.add_flag("--force", options.force, "Replace files and folders of stems that exist");
}

void add_variation_options(CLI::App& verb, SynthSongOptions& options) {
  constexpr const char* kGroup = "Variation [as written; in brackets the default of data sets]";
  auto& variation = options.variation;
  verb.add_option("--seed", options.seed, "Seed of all draws")->group(kGroup)->capture_default_str();
  verb.add_option("--takes", options.takes, "Versions of each song, with --stems")
      ->group(kGroup)
      ->check(CLI::Range(1, 10000));
  verb.add_option("--keep-program", variation.keep_program,
                  "Chance that a part keeps its instrument; others draw one, basses a bass; drums stay [0.2]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--keep-drums", variation.keep_drums,
                  "Chance that a drum part keeps its drums; others exchange hi-hats for rides and the like [1]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--transpose", variation.transpose, "Most semitones up or down, drums stay [6]")
      ->group(kGroup)
      ->check(CLI::Range(0, 24));
  verb.add_option("--tempo-change", variation.tempo_change, "Most that a song is slower or faster, as a share [0.2]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 0.9));
  verb.add_option("--velocity-change", variation.velocity_change,
                  "Most that a part is softer, as a share; 0.6 of it louder; notes vary besides [0.25]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--timing", variation.timing_ms, "Standard deviation of onsets, in milliseconds [0]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 1000.0));
  verb.add_option("--detune", variation.detune_cents, "Most cents that a part is sharp or flat [about 6 on average]")
      ->group(kGroup)
      ->check(CLI::Range(0.0, 100.0));
}

void add_data_set_options(CLI::App& verb, SynthOptions& options) {
  constexpr const char* kGroup = "Data set";
  auto& render = options.render;
  verb.add_option("--dataset", options.data_set, "Render stems for training into this new folder")->group(kGroup);
  verb.add_option("--songs", options.folders, "Folders of MIDI files to take excerpts of, besides SONG")->group(kGroup);
  verb.add_option("--hold-out", options.held_out, "Files that are validation, by name without extension")
      ->group(kGroup)
      ->delimiter(',');
  verb.add_option("--licence", options.licence, "Licence of the songs, kept in the index")->group(kGroup);
  verb.add_option("--hours", render.stem_hours, "Hours of stems")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb.add_option("--tracks", render.tracks, "Tracks, instead of --hours")
      ->group(kGroup)
      ->check(CLI::Range(1, 1000000));
  verb.add_option("--validation-tracks", render.validation_tracks, "Of --tracks, the last so many are validation")
      ->group(kGroup)
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--shortest", render.shortest_sec, "Seconds of the shortest track")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.5, 3600.0));
  verb.add_option("--longest", render.longest_sec, "Seconds of the longest track")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.5, 3600.0));
  verb.add_option("--max-parts", render.max_parts, "Most instruments of a track")
      ->group(kGroup)
      ->check(CLI::Range(1, 128));
  verb.add_option("--split", render.split, "Name of the split")->group(kGroup)->capture_default_str();
  verb.add_option("--id-prefix", render.id_prefix, "First letters of the tracks' names")
      ->group(kGroup)
      ->capture_default_str();
  verb.add_option("--song-share", render.song_share, "Share of tracks from the MIDI files")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--practice-share", render.practice_share, "Share of scales and random chords")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace

void add_synth_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb =
      app.add_subcommand("synth", "Play MIDI, or music composed here, into audio, stems or a data set for training");
  auto options = std::make_shared<SynthOptions>();
  options->songs.threads = available_processors();
  add_song_options(*verb, options->songs);
  add_variation_options(*verb, options->songs);
  add_data_set_options(*verb, *options);
  verb->footer(
      "Examples:\n"
      "  yourmt3 synth song.mid -o song.wav\n"
      "  yourmt3 synth --compose 7 --style pop --length 40 -o piece.ogg --midi piece.mid\n"
      "  yourmt3 synth *.mid --stems out --takes 3 --keep-program 0.5 --timing 8 --soundfont a.sf2 --soundfont b.sf2\n"
      "  yourmt3 synth --dataset data/train --songs midi --hours 4");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      return options->data_set.empty() ? synth_songs(options->songs) : render_data_set(*options);
    };
  });
}

}  // namespace yourmt3::cli
