#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/verb.h"
#include "core/parallel.h"
#include "data/audio_out.h"
#include "data/composer.h"
#include "data/midi_songs.h"
#include "data/render_dataset.h"
#include "data/stage.h"
#include "score/midi_writer.h"
#include "yourmt3/error.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct SynthOptions {
  std::string song;
  std::string output;
  std::string midi;
  std::vector<std::string> sound_fonts;
  std::optional<std::uint64_t> compose_seed;
  std::string style;
  double start_sec = 0;
  double length_sec = 0;
  bool force = false;

  std::string data_set;
  std::vector<std::string> folders;
  std::vector<std::string> held_out;
  std::string licence;
  RenderOptions render;
};

AtomicFile::Existing existing(const SynthOptions& options) {
  return options.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse;
}

void remark(LogLevel level, std::string_view text) {
  if (level == LogLevel::kWarning) fmt::print(stderr, "yourmt3: {}\n", text);
}

int render_data_set(SynthOptions options) {
  auto& render = options.render;
  render.output = options.data_set;
  render.sounds = installed_training_sounds();
  render.threads = std::max(1, render.threads);
  if (!options.folders.empty()) {
    MidiCollectionOptions collection;
    collection.folders.assign(options.folders.begin(), options.folders.end());
    collection.split = render.split;
    collection.held_out = options.held_out;
    collection.licence = options.licence;
    render.songs = load_midi_collection(collection, remark);
  }
  catch_interrupts();
  render_dataset(render, remark, [](const Progress&) { return !interrupted(); });
  fmt::print("{}\n", (fs::path(options.data_set) / "index.jsonl").string());
  return kExitDone;
}

Song take_song(const SynthOptions& options) {
  if (!options.compose_seed) return read_song(options.song);
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

int render_song(const SynthOptions& options) {
  if (options.song.empty() == !options.compose_seed) throw UsageError("give either a MIDI file or --compose SEED");
  fs::path output = options.output;
  if (output.empty()) {
    if (options.song.empty()) throw UsageError("--compose needs --output");
    output = fs::path(options.song).replace_extension(".wav");
  }
  auto song = take_song(options);
  if (options.start_sec > 0 || options.length_sec > 0) {
    song = cut_excerpt(song, options.start_sec, options.length_sec > 0 ? options.length_sec : song.seconds);
  }
  if (!options.midi.empty()) {
    MidiWriteOptions as_is;
    as_is.instruments = nullptr;
    write_file_atomically(options.midi, serialize_midi(notes_to_midi(song_notes(song), as_is)), existing(options));
  }
  const Stage stage = open_stage({}, options.sound_fonts, false);
  const auto sound = render_mix(std::move(song), stage, options.render.threads);
  write_audio(output, sound.samples, sound.sample_rate, 2, existing(options));
  fmt::print("{}\n", output.string());
  return kExitDone;
}

}  // namespace

void add_synth_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb =
      app.add_subcommand("synth", "Play MIDI, or music composed here, into audio or a data set for training");
  auto options = std::make_shared<SynthOptions>();
  verb->add_option("SONG", options->song, "MIDI file to play");
  verb->add_option("-o,--output", options->output, "Audio to write: .wav .flac .ogg .opus [SONG.wav]");
  verb->add_option("--soundfont", options->sound_fonts, kSoundFontHelp)->allow_extra_args(false);
  verb->add_option("--start", options->start_sec, "Where to begin, in seconds")->check(CLI::NonNegativeNumber);
  verb->add_option("--length", options->length_sec, "How much to play, in seconds [all]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--compose", options->compose_seed, "Compose a piece from this number instead of reading SONG");
  verb->add_option("--style", options->style,
                   "Of the piece: pop, rock, swing, waltz, electronic, chamber, solo-piano, solo-guitar, choir-organ");
  verb->add_option("--midi", options->midi, "Also write the notes played to this MIDI file");
  verb->add_flag("--force", options->force, "Replace files that exist");

  auto& render = options->render;
  render.threads = available_processors();
  constexpr const char* kGroup = "Data set";
  verb->add_option("--dataset", options->data_set, "Render stems for training into this new folder")->group(kGroup);
  verb->add_option("--songs", options->folders, "Folders of MIDI files to take excerpts of")->group(kGroup);
  verb->add_option("--hold-out", options->held_out, "Files that are validation, by name without extension")
      ->group(kGroup)
      ->delimiter(',');
  verb->add_option("--licence", options->licence, "Licence of the MIDI files, kept in the index")->group(kGroup);
  verb->add_option("--hours", render.stem_hours, "Hours of stems")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->add_option("--split", render.split, "Name of the split")->group(kGroup)->capture_default_str();
  verb->add_option("--id-prefix", render.id_prefix, "First letters of the tracks' names")
      ->group(kGroup)
      ->capture_default_str();
  verb->add_option("--seed", render.seed, "Seed of all draws")->group(kGroup)->capture_default_str();
  verb->add_option("--song-share", render.song_share, "Share of tracks from the MIDI files")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--practice-share", render.practice_share, "Share of scales and random chords")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--threads", render.threads, "Threads")
      ->group(kGroup)
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb->footer(
      "Examples:\n"
      "  yourmt3 synth song.mid -o song.wav\n"
      "  yourmt3 synth --compose 7 --style pop --length 40 -o piece.ogg --midi piece.mid\n"
      "  yourmt3 synth --dataset data/train --songs midi --hours 4");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      return options->data_set.empty() ? render_song(*options) : render_data_set(*options);
    };
  });
}

}  // namespace yourmt3::cli
