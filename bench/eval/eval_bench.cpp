// Milliseconds for the evaluation of songs of five minutes, on one thread: matching, frames, everything together.
//
//   eval_bench                        songs made here, of 2000 to 20000 notes
//   eval_bench REF EST [OPTIONS]      two files of notes; names of benchmarks end with "file"
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "eval/class_sets.h"
#include "eval/frame_scores.h"
#include "eval/note_analysis.h"
#include "eval/note_matching.h"
#include "eval/score_report.h"
#include "eval/track_metrics.h"
#include "eval/transcription_scores.h"
#include "score/note_file.h"

namespace yourmt3 {
namespace {

struct Song {
  std::vector<Note> reference;
  std::vector<Note> estimate;
};

// Notes of eight instruments and drums anywhere in five minutes; the estimate misses an eighth, is some 30 ms off, has
// wrong octaves and repeats.
Song random_song(int n_notes) {
  std::minstd_rand random(1);
  const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  constexpr std::array kPrograms{0, 25, 33, 48, 56, 73, 81, 100};
  Song song;
  for (int i = 0; i < n_notes; ++i) {
    const bool is_drum = draw(7) == 0;
    const double onset_sec = draw(30000) / 100.0;
    const int program = is_drum ? kDrumProgram : kPrograms[static_cast<std::size_t>(draw(kPrograms.size()))];
    const int pitch = is_drum ? 36 + draw(12) : 36 + draw(48);
    const double length_sec = is_drum ? 0.01 : 0.1 * (1 + draw(20));
    song.reference.push_back({is_drum, program, onset_sec, onset_sec + length_sec, pitch, 1 + draw(127)});
    Note heard = song.reference.back();
    if (draw(8) == 0) continue;
    heard.onset_sec = std::max(0.0, heard.onset_sec + (draw(120) - 60) / 1000.0);
    heard.offset_sec = std::max(heard.onset_sec + 0.02, heard.offset_sec + (draw(400) - 200) / 1000.0);
    if (!is_drum && draw(10) == 0) heard.pitch += 12;
    song.estimate.push_back(heard);
    if (draw(20) == 0) song.estimate.push_back(heard);
  }
  return song;
}

using Work = std::function<void(const Song&)>;

const std::vector<std::pair<std::string, Work>>& kinds_of_work() {
  static const std::vector<std::pair<std::string, Work>> kinds{
      {"match_notes",
       [](const Song& song) {
         benchmark::DoNotOptimize(match_notes(to_sounding(song.reference), to_sounding(song.estimate)));
       }},
      {"transcription",  // mir_eval.transcription.evaluate
       [](const Song& song) {
         benchmark::DoNotOptimize(score_transcription(to_sounding(song.reference), to_sounding(song.estimate)));
       }},
      {"multipitch",  // mir_eval.multipitch.evaluate, of frames that are ready for mir_eval
       [](const Song& song) {
         const PitchFrames r = pitch_frames(song.reference, kMultipitchHopSec, 310);
         const PitchFrames e = pitch_frames(song.estimate, kMultipitchHopSec, 310);
         benchmark::DoNotOptimize(score_multipitch(r, e, false));
         benchmark::DoNotOptimize(score_multipitch(r, e, true));
       }},
      {"tracks",  // both, for all notes and by instrument
       [](const Song& song) {
         benchmark::DoNotOptimize(score_tracks(song.reference, song.estimate, class_set("GM_INSTR_CLASS_PLUS")));
       }},
      {"frames",
       [](const Song& song) {
         benchmark::DoNotOptimize(score_frames(piano_roll(song.reference), piano_roll(song.estimate)));
       }},
      {"report", [](const Song& song) { benchmark::DoNotOptimize(score_notes(song.reference, song.estimate)); }},
      {"analysis", [](const Song& song) { benchmark::DoNotOptimize(analyse_notes(song.reference, song.estimate)); }},
      {"intervals",
       [](const Song& song) { benchmark::DoNotOptimize(to_json(analyse_notes(song.reference, song.estimate))); }},
      {"reference_metrics", [](const Song& song) {
         TrackMetricOptions options;
         options.classes = &class_set("GM_INSTR_CLASS_PLUS");
         benchmark::DoNotOptimize(compute_track_metrics(song.reference, song.estimate, options));
       }}};
  return kinds;
}

void add_benchmarks(const std::string& name, const std::shared_ptr<const Song>& song) {
  for (const auto& [kind, work] : kinds_of_work()) {
    benchmark::RegisterBenchmark((kind + "/" + name).c_str(), [song, work = work](benchmark::State& state) {
      for (auto _ : state) work(*song);
    })->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace yourmt3

int main(int argc, char** argv) {
  try {
    if (argc >= 3 && argv[1][0] != '-') {
      yourmt3::Song song{yourmt3::read_note_file(argv[1]), yourmt3::read_note_file(argv[2])};
      yourmt3::add_benchmarks("file", std::make_shared<const yourmt3::Song>(std::move(song)));
      argv[2] = argv[0];
      argv += 2;
      argc -= 2;
    } else {
      for (const int n_notes : {2000, 5000, 20000}) {
        yourmt3::add_benchmarks(std::to_string(n_notes),
                                std::make_shared<const yourmt3::Song>(yourmt3::random_song(n_notes)));
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "eval_bench: %s\n", error.what());
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
