#include "cli/listening.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <utility>

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

StereoSound render(const ListeningTask& task, const ListeningChoice& choice) {
  Song song = task.song();
  if (song.parts.empty()) fail(ErrorCode::kInvalidArgument, "{}: no notes in it", task.name);
  if (choice.start_sec > 0 || choice.length_sec > 0) {
    const double rest = std::max(song.seconds - choice.start_sec, 0.0);
    song = cut_excerpt(song, choice.start_sec, choice.length_sec > 0 ? choice.length_sec : rest);
  }
  if (song.parts.empty()) fail(ErrorCode::kInvalidArgument, "{}: no notes begin in that excerpt", task.name);
  StageOptions stage_options;
  stage_options.keep_going = [] { return !interrupted(); };
  const Stage stage = open_stage(stage_options, choice.sound_fonts, choice.quiet);
  const StereoSound played =
      render_mix(std::move(song), stage, choice.n_threads > 0 ? choice.n_threads : available_processors());
  if (!task.recording) return played;
  const auto recording = task.recording(played.sample_rate);
  const auto at = [&](double sec) {
    return std::min(recording.size(), static_cast<std::size_t>(std::lround(sec * played.sample_rate)));
  };
  const std::size_t begin = at(choice.start_sec);
  const std::size_t end = choice.length_sec > 0 ? at(choice.start_sec + choice.length_sec) : recording.size();
  return beside(played, std::span(recording).subspan(begin, end - begin), choice.blend);
}

void write_sound(const StereoSound& sound, const ListeningChoice& choice, const fs::path& output) {
  if (output == "-") {
    const std::string bytes = audio_bytes(".wav", sound.samples, sound.sample_rate, 2);
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);  // Errors are seen at the program's end.
    return;
  }
  write_audio(output, sound.samples, sound.sample_rate, 2,
              choice.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
  fmt::print("{}\n", output.string());
}

/// Everything that can be known to fail before the work.
void check_output(const fs::path& output, bool force) {
  if (output == "-") return;
  audio_bytes(output.extension().string(), {}, StageOptions().sample_rate, 2);
  AtomicFile(output, force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
}

}  // namespace

int listen_to(const ListeningTask& task, const ListeningChoice& choice) {
  fs::path output = choice.output, player;
  if (output.empty()) player = find_player();
  if (output.empty() && player.empty()) {
    output = task.file_without_player;
    if (!choice.quiet) {
      fmt::print(stderr, "yourmt3: no player found (pw-play, paplay, aplay or ffplay); writing {}\n", output.string());
    }
  }
  if (!output.empty()) check_output(output, choice.force);
  const StereoSound sound = render(task, choice);
  if (interrupted()) return interrupt_status();
  if (!output.empty()) {
    write_sound(sound, choice, output);
    return kExitDone;
  }
  if (!choice.quiet) {
    fmt::print(stderr, "playing {:.0f} s with {}; Ctrl-C ends it\n",
               static_cast<double>(sound.samples.size()) / 2 / sound.sample_rate, player.filename().string());
  }
  play_sound(sound, player);
  return kExitDone;
}

}  // namespace yourmt3::cli
