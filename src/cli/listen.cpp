#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audio/audio_reader.h"
#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/play_sound.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "data/audio_out.h"
#include "data/midi_songs.h"
#include "data/stage.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct ListenOptions {
  std::string song;
  std::string output;
  std::string recording;
  std::vector<std::string> sound_fonts;
  double start_sec = 0;
  double length_sec = 0;
  int n_threads = 0;
  bool blend = false;
  bool force = false, quiet = false;
};

/// Root mean square of what is not silence.
double level(std::span<const float> samples) {
  double energy = 0;
  std::size_t sounding = 0;
  for (const float sample : samples) {
    if (std::abs(sample) < 1e-3f) continue;
    energy += static_cast<double>(sample) * sample;
    ++sounding;
  }
  return sounding == 0 ? 0 : std::sqrt(energy / static_cast<double>(sounding));
}

/// The recording on the left and what was heard in it on the right, equally loud; with `blend`, both on both sides.
StereoSound beside(const StereoSound& played, std::span<const float> recording, bool blend) {
  std::vector<float> right(played.samples.size() / 2);
  for (std::size_t i = 0; i < right.size(); ++i) {
    right[i] = 0.5f * (played.samples[2 * i] + played.samples[2 * i + 1]);
  }
  const double recorded_level = level(recording), played_level = level(right);
  const auto gain = static_cast<float>(played_level > 0 && recorded_level > 0 ? recorded_level / played_level : 1.0);
  StereoSound both{played.sample_rate, std::vector<float>(2 * std::max(right.size(), recording.size()))};
  float peak = 0;
  for (std::size_t i = 0; i < both.samples.size() / 2; ++i) {
    const float a = i < recording.size() ? recording[i] : 0.f;
    const float b = i < right.size() ? gain * right[i] : 0.f;
    both.samples[2 * i] = blend ? a + b : a;
    both.samples[2 * i + 1] = blend ? a + b : b;
    peak = std::max({peak, std::abs(both.samples[2 * i]), std::abs(both.samples[2 * i + 1])});
  }
  if (peak > 0) {
    for (float& sample : both.samples) sample *= 0.9f / peak;
  }
  return both;
}

StereoSound render(const ListenOptions& options) {
  Song song = read_song(options.song);
  if (song.parts.empty()) fail(ErrorCode::kInvalidArgument, "{}: no notes in it", options.song);
  if (options.start_sec > 0 || options.length_sec > 0) {
    const double rest = std::max(song.seconds - options.start_sec, 0.0);
    song = cut_excerpt(song, options.start_sec, options.length_sec > 0 ? options.length_sec : rest);
  }
  if (song.parts.empty()) fail(ErrorCode::kInvalidArgument, "{}: no notes begin in that excerpt", options.song);
  StageOptions stage_options;
  stage_options.keep_going = [] { return !interrupted(); };
  const Stage stage = open_stage(stage_options, options.sound_fonts, options.quiet);
  const StereoSound played =
      render_mix(std::move(song), stage, options.n_threads > 0 ? options.n_threads : available_processors());
  if (options.recording.empty()) return played;
  AudioReader::Options reading;
  reading.sample_rate = played.sample_rate;
  reading.keep_going = [] { return !interrupted(); };
  const auto recording = load_audio(options.recording, reading);
  const auto at = [&](double sec) {
    return std::min(recording.size(), static_cast<std::size_t>(std::lround(sec * played.sample_rate)));
  };
  const std::size_t begin = at(options.start_sec);
  const std::size_t end = options.length_sec > 0 ? at(options.start_sec + options.length_sec) : recording.size();
  return beside(played, std::span(recording).subspan(begin, end - begin), options.blend);
}

void write_sound(const StereoSound& sound, const ListenOptions& options, const fs::path& output) {
  if (output == "-") {
    const std::string bytes = audio_bytes(".wav", sound.samples, sound.sample_rate, 2);
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);  // Errors are seen at the program's end.
    return;
  }
  write_audio(output, sound.samples, sound.sample_rate, 2,
              options.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
  fmt::print("{}\n", output.string());
}

/// Everything that can be known to fail before the work.
void check_output(const fs::path& output, bool force) {
  if (output == "-") return;
  audio_bytes(output.extension().string(), {}, StageOptions().sample_rate, 2);
  AtomicFile(output, force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
}

int listen(const ListenOptions& options) {
  if (options.blend && options.recording.empty()) throw UsageError("--blend needs --with RECORDING");
  catch_interrupts();
  fs::path output = options.output, player;
  if (output.empty()) player = find_player();
  if (output.empty() && player.empty()) {
    output = fs::path(options.song).replace_extension(".wav");
    if (!options.quiet) {
      fmt::print(stderr, "yourmt3: no player found (pw-play, paplay, aplay or ffplay); writing {}\n", output.string());
    }
  }
  if (!output.empty()) check_output(output, options.force);
  const StereoSound sound = render(options);
  if (interrupted()) return interrupt_status();
  if (!output.empty()) {
    write_sound(sound, options, output);
    return kExitDone;
  }
  if (!options.quiet) {
    fmt::print(stderr, "playing {:.0f} s with {}; Ctrl-C ends it\n",
               static_cast<double>(sound.samples.size()) / 2 / sound.sample_rate, player.filename().string());
  }
  play_sound(sound, player);
  return kExitDone;
}

}  // namespace

void add_listen_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("listen", "Play notes, alone or beside the recording they were heard in");
  auto options = std::make_shared<ListenOptions>();
  verb->add_option("SONG", options->song, "Notes: MIDI, or JSON or CSV of this program")->required();
  verb->add_option("-o,--output", options->output,
                   "Write .wav .flac .ogg .opus or .mp3 instead of playing; - for WAV on standard output");
  verb->add_option("--with", options->recording,
                   "Recording to compare with: it is on the left, the notes on the right, equally loud");
  verb->add_flag("--blend", options->blend, "With --with: both on both sides");
  verb->add_option("--soundfont", options->sound_fonts, kSoundFontHelp)->allow_extra_args(false);
  verb->add_option("--start", options->start_sec, "Where to begin, in seconds")->check(CLI::NonNegativeNumber);
  verb->add_option("--length", options->length_sec, "How much to play, in seconds [all]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")->check(CLI::Range(0, 1024));
  verb->add_flag("--force", options->force, "Replace files that exist");
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error");
  verb->footer(
      "Examples:\n"
      "  yourmt3 listen song.mid                              plays it, or writes song.wav without a player\n"
      "  yourmt3 listen song.mid --with song.mp3 -o both.ogg");
  verb->callback([options, &invocation] { invocation.action = [options] { return listen(*options); }; });
}

}  // namespace yourmt3::cli
