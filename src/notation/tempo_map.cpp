#include <algorithm>
#include <cmath>
#include <tuple>

#include "notation/music_analysis.h"
#include "score/midi_writer.h"

namespace yourmt3 {
namespace {

// So that a tick is shorter than a tick of notes_to_midi() down to 30 quarters a minute: no note loses its length.
constexpr int kTicksPerQuarter = 1920;
constexpr double kWriterTicksPerSecond = 960;
constexpr double kNoBeatSec = 0.06;  // What would be left of a first beat shorter than this is no beat.

/// Beats from the beginning of the recording on, at the times that the rounded tempi give them.
class TempoMap {
 public:
  explicit TempoMap(const BeatGrid& grid) : metre_(grid.metre) {
    std::vector<double> beats = grid.beat_sec;
    std::vector<int> downbeats = grid.downbeats;
    if (beats.empty()) {
      beats = {0, 0.5};
      downbeats = {0};
    }
    const double first_sec = beats[1] - beats[0];
    int added = 0;
    for (; beats.front() > kNoBeatSec; ++added) beats.insert(beats.begin(), beats.front() - first_sec);
    // The last beat at or before the beginning is cut there.
    const auto after = std::find_if(beats.begin(), beats.end(), [](double time) { return time > kNoBeatSec; });
    const auto left_out = static_cast<int>(after - beats.begin()) - 1;
    beats.erase(beats.begin(), beats.begin() + left_out);
    for (const int downbeat : downbeats) {
      if (downbeat + added - left_out >= 0) downbeats_.push_back(downbeat + added - left_out);
    }
    const int bar = metre_.beats_per_bar;
    while (!downbeats_.empty() && downbeats_.front() >= bar)
      downbeats_.insert(downbeats_.begin(), downbeats_.front() - bar);
    round_tempi(beats);
  }

  std::uint64_t tick_at(double time_sec) const {
    const auto after = std::upper_bound(time_sec_.begin() + 1, time_sec_.end() - 1, time_sec);
    const double begin = *(after - 1);
    const double beat = static_cast<double>(after - 1 - time_sec_.begin()) + (time_sec - begin) / (*after - begin);
    return static_cast<std::uint64_t>(std::nearbyint(beat * ticks_per_beat()));
  }

  /// Tempo and time signature events in order.
  std::vector<MidiMessage> messages() const {
    std::vector<MidiMessage> messages;
    int tempo = 0;
    for (std::size_t i = 0; i < tempo_us_.size(); ++i) {
      if (tempo_us_[i] == tempo) continue;
      tempo = tempo_us_[i];
      const std::string bytes = {static_cast<char>(tempo >> 16), static_cast<char>(tempo >> 8),
                                 static_cast<char>(tempo)};
      messages.push_back(
          {.tick = tick_of(static_cast<int>(i)), .status = kMidiMeta, .data1 = kMidiMetaTempo, .data = bytes});
    }
    std::vector<int> bars = downbeats_;
    if (bars.empty() || bars.front() > 0) bars.insert(bars.begin(), 0);
    int beats = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const int here = i + 1 < bars.size() ? bars[i + 1] - bars[i] : metre_.beats_per_bar;
      if (here == beats) continue;
      beats = here;
      const Metre metre{here, metre_.compound};
      const std::string bytes = {static_cast<char>(metre.numerator()), static_cast<char>(metre_.compound ? 3 : 2),
                                 static_cast<char>(metre_.compound ? 36 : 24), 8};
      messages.push_back(
          {.tick = tick_of(bars[i]), .status = kMidiMeta, .data1 = kMidiMetaTimeSignature, .data = bytes});
    }
    std::stable_sort(messages.begin(), messages.end(),
                     [](const MidiMessage& a, const MidiMessage& b) { return a.tick < b.tick; });
    return messages;
  }

 private:
  double ticks_per_beat() const { return kTicksPerQuarter * metre_.quarters_per_beat(); }
  std::uint64_t tick_of(int beat) const { return static_cast<std::uint64_t>(beat * ticks_per_beat()); }

  /// A tempo is a whole number of microseconds; each makes up for the rounding of those before.
  void round_tempi(const std::vector<double>& beats) {
    time_sec_ = {0};
    for (std::size_t i = 1; i < beats.size(); ++i) {
      const double us = std::round((beats[i] - time_sec_.back()) * 1e6 / metre_.quarters_per_beat());
      tempo_us_.push_back(static_cast<int>(us));
      time_sec_.push_back(time_sec_.back() + us * 1e-6 * metre_.quarters_per_beat());
    }
  }

  Metre metre_;
  std::vector<int> downbeats_;
  std::vector<double> time_sec_;
  std::vector<int> tempo_us_;  // Microseconds for a quarter, from each beat to the next.
};

}  // namespace

MidiFile notes_to_midi_with_beats(std::span<const Note> notes) {
  const MusicAnalysis analysis = analyse_music(notes);
  const TempoMap map(analysis.grid);
  MidiFile file = notes_to_midi(notes);
  file.ticks_per_quarter = kTicksPerQuarter;
  for (MidiTrack& track : file.tracks) {
    for (MidiMessage& message : track.messages) {
      message.tick = map.tick_at(static_cast<double>(message.tick) / kWriterTicksPerSecond);
    }
    track.end_tick = map.tick_at(static_cast<double>(track.end_tick) / kWriterTicksPerSecond);
  }
  MidiTrack& conductor = file.tracks.front();
  conductor.messages = map.messages();
  const std::string key = {static_cast<char>(analysis.key.fifths), static_cast<char>(analysis.key.minor ? 1 : 0)};
  conductor.messages.insert(conductor.messages.begin(),
                            {.status = kMidiMeta, .data1 = kMidiMetaKeySignature, .data = key});
  conductor.end_tick = conductor.messages.back().tick;
  return file;
}

}  // namespace yourmt3
