// How often beats, bars and keys are found: on composed pieces, and on MIDI files that have their own tempo and metre.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/composer.h"
#include "data/midi_songs.h"
#include "eval/beat_scores.h"
#include "notation/bar_tracker.h"
#include "notation/beat_features.h"
#include "notation/key_finder.h"
#include "notation/onset_events.h"
#include "score/midi_file.h"
#include "score/midi_reader.h"

namespace {

using namespace yourmt3;

struct Truth {
  std::string name;
  std::vector<Note> notes;
  std::vector<double> beat_sec, downbeat_sec;
  int beats_per_bar = 4;
  bool has_key = false;
  KeySignature key;
};

Truth composed(std::uint64_t seed, Style style) {
  ComposeOptions options;
  options.seed = seed;
  options.seconds = 60;
  options.style = style;
  const Composition piece = compose_counted(options);
  Truth truth;
  truth.name = fmt::format("{}-{}", to_string(style), seed);
  truth.notes = song_notes(piece.song);
  truth.beat_sec = piece.beat_sec;
  truth.beats_per_bar = piece.beats_per_bar;
  for (std::size_t i = 0; i < piece.beat_sec.size(); i += static_cast<std::size_t>(piece.beats_per_bar)) {
    truth.downbeat_sec.push_back(piece.beat_sec[i]);
  }
  truth.has_key = true;
  const int fifths = (piece.key.tonic + (piece.key.minor ? 3 : 0)) * 7 % 12;
  truth.key = {fifths > 6 ? fifths - 12 : fifths, piece.key.minor};
  return truth;
}

// Beats are quarters of the file, bars follow its time signatures.
Truth from_midi(const std::string& path) {
  const MidiFile file = read_midi_file(path);
  MidiNoteOptions options = general_midi_options();
  options.quantize = false;
  Truth truth;
  truth.name = path.substr(path.rfind('/') + 1);
  truth.notes = read_notes(file, options).notes;
  struct Change {
    std::uint64_t tick;
    double seconds_per_quarter;
  };
  std::vector<Change> tempi = {{0, 0.5}};
  std::vector<std::pair<std::uint64_t, int>> bars = {{0, 4}};
  for (const MidiTrack& track : file.tracks) {
    for (const MidiMessage& message : track.messages) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(message.data.at(i)); };
      if (message.is_meta(kMidiMetaTempo)) {
        tempi.push_back({message.tick, (byte(0) << 16 | byte(1) << 8 | byte(2)) * 1e-6});
      } else if (message.is_meta(kMidiMetaTimeSignature) && message.data.size() >= 2) {
        bars.emplace_back(message.tick, byte(0) * 4 >> byte(1));
      }
    }
  }
  const double last_sec = truth.notes.empty() ? 0 : truth.notes.back().onset_sec;
  std::size_t tempo = 0, bar = 0;
  double time_sec = 0;
  int beat_of_bar = 0;
  const auto quarter = static_cast<std::uint64_t>(file.ticks_per_quarter);
  for (std::uint64_t tick = 0; time_sec <= last_sec; tick += quarter) {
    while (bar + 1 < bars.size() && bars[bar + 1].first <= tick) ++bar, beat_of_bar = 0;
    truth.beat_sec.push_back(time_sec);
    if (beat_of_bar == 0) truth.downbeat_sec.push_back(time_sec);
    beat_of_bar = (beat_of_bar + 1) % std::max(1, bars[bar].second);
    truth.beats_per_bar = bars[bar].second;
    std::uint64_t at = tick;
    while (tempo + 1 < tempi.size() && tempi[tempo + 1].tick <= tick + quarter) {
      ++tempo;
      if (tempi[tempo].tick > at) {
        time_sec += static_cast<double>(tempi[tempo].tick - at) / static_cast<double>(quarter) *
                    tempi[tempo - 1].seconds_per_quarter;
        at = tempi[tempo].tick;
      }
    }
    time_sec +=
        static_cast<double>(tick + quarter - at) / static_cast<double>(quarter) * tempi[tempo].seconds_per_quarter;
  }
  // Before the music there is nothing to hear.
  const double first_sec = truth.notes.empty() ? 0 : truth.notes.front().onset_sec - 0.07;
  std::erase_if(truth.beat_sec, [&](double sec) { return sec < first_sec; });
  std::erase_if(truth.downbeat_sec, [&](double sec) { return sec < first_sec; });
  return truth;
}

struct Sums {
  int pieces = 0, metres = 0, keys = 0, signatures = 0;
  double beat_f = 0, downbeat_f = 0;

  void add(const Sums& other) {
    pieces += other.pieces;
    metres += other.metres;
    keys += other.keys;
    signatures += other.signatures;
    beat_f += other.beat_f;
    downbeat_f += other.downbeat_f;
  }
};

// For the fit of the models of bar_tracker.cpp: a line for each place.
void dump_features(const Truth& truth) {
  const auto print = [&](char kind, const std::vector<double>& places, const std::vector<double>& marked) {
    const auto features = beat_features(truth.notes, places);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const bool is_marked = std::binary_search(marked.begin(), marked.end(), places[i]);
      fmt::print("{} {} {} {}", kind, truth.name, truth.beats_per_bar, is_marked ? 1 : 0);
      for (const double value : features[i]) fmt::print(" {:.4f}", value);
      fmt::print("\n");
    }
  };
  print('B', truth.beat_sec, truth.downbeat_sec);
  std::vector<double> halves;
  for (std::size_t i = 0; i + 1 < truth.beat_sec.size(); ++i) {
    halves.push_back(truth.beat_sec[i]);
    halves.push_back((truth.beat_sec[i] + truth.beat_sec[i + 1]) / 2);
  }
  print('H', halves, truth.beat_sec);
}

double quarters_per_minute(const std::vector<double>& beat_sec) {
  BeatGrid grid;
  grid.beat_sec = beat_sec;
  return grid.quarters_per_minute();
}

Sums judge(const Truth& truth) {
  const BeatGrid grid = track_bars(truth.notes, find_onset_events(truth.notes));
  std::vector<double> beats, downbeats;
  const double end_sec = truth.beat_sec.back() + 0.07;
  for (const double sec : grid.beat_sec) {
    if (sec <= end_sec) beats.push_back(sec);
  }
  for (const int index : grid.downbeats) {
    if (static_cast<std::size_t>(index) < beats.size()) downbeats.push_back(beats[static_cast<std::size_t>(index)]);
  }
  const KeySignature key = find_key(truth.notes);
  Sums own;
  own.pieces = 1;
  own.beat_f = beat_f_measure(truth.beat_sec, beats);
  own.downbeat_f = beat_f_measure(truth.downbeat_sec, downbeats);
  own.metres = grid.metre.beats_per_bar == truth.beats_per_bar;
  own.signatures = (key.fifths - truth.key.fifths) % 12 == 0;
  own.keys = own.signatures != 0 && key.minor == truth.key.minor;
  fmt::print("{:<36} beats {:.3f} downbeats {:.3f}  {}/{} for {}/4  tempo {:.1f} for {:.1f}  key {}{} for {}{}\n",
             truth.name, own.beat_f, own.downbeat_f, grid.metre.numerator(), grid.metre.denominator(),
             truth.beats_per_bar, grid.quarters_per_minute(), quarters_per_minute(truth.beat_sec), key.tonic(),
             key.minor ? "m" : "", truth.has_key ? truth.key.tonic() : "?", truth.key.minor ? "m" : "");
  return own;
}

void print_sums(std::string_view name, const Sums& sums, bool keys) {
  const double n = std::max(1, sums.pieces);
  fmt::print("== {}: {} pieces, beat F {:.3f}, downbeat F {:.3f}, beats a bar {:.3f}", name, sums.pieces,
             sums.beat_f / n, sums.downbeat_f / n, sums.metres / n);
  if (keys) fmt::print(", key {:.3f}, signature {:.3f}", sums.keys / n, sums.signatures / n);
  fmt::print("\n");
}

}  // namespace

// usage: notation_accuracy [--features] PIECES_OF_EACH_STYLE FIRST_SEED [MIDI...]
int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool features = !arguments.empty() && arguments.front() == "--features";
  if (features) arguments.erase(arguments.begin());
  if (arguments.size() < 2) {
    fmt::print(stderr, "usage: notation_accuracy [--features] PIECES_OF_EACH_STYLE FIRST_SEED [MIDI...]\n");
    return 2;
  }
  const int pieces = std::atoi(arguments[0].c_str()), first = std::atoi(arguments[1].c_str());
  Sums all;
  for (int style = 0; style < kStyles; ++style) {
    Sums sums;
    for (int seed = first; seed < first + pieces; ++seed) {
      const Truth truth = composed(static_cast<std::uint64_t>(seed), static_cast<Style>(style));
      if (features) {
        dump_features(truth);
      } else {
        sums.add(judge(truth));
      }
    }
    if (!features) print_sums(to_string(static_cast<Style>(style)), sums, true);
    all.add(sums);
  }
  Sums files;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const Truth truth = from_midi(arguments[i]);
    if (truth.beat_sec.size() < 2) continue;
    if (features) {
      dump_features(truth);
    } else {
      files.add(judge(truth));
    }
  }
  if (features) return 0;
  print_sums("composed", all, true);
  if (files.pieces > 0) print_sums("files", files, false);
  return 0;
}
