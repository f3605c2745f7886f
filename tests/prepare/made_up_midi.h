#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "score/midi_file.h"

namespace yourmt3::testing {

/// A key that is pressed and released, in seconds.
struct Key {
  double onset_sec = 0;
  double offset_sec = 0;
  int pitch = 60;
};

/// When the sustain pedal is moved, in seconds.
struct Pedal {
  double time_sec = 0;
  int value = 0;
};

/// One track on one channel, 960 ticks a second; without a program change where `program` is negative.
inline MidiFile played_midi(int program, const std::vector<Key>& keys, const std::vector<Pedal>& pedals = {},
                            int channel = 0) {
  const auto tick = [](double seconds) { return static_cast<std::uint64_t>(std::llround(seconds * 960)); };
  const auto status = [&](int kind) { return static_cast<std::uint8_t>(kind | channel); };
  MidiTrack track;
  if (program >= 0) track.messages.push_back({0, status(kMidiProgram), static_cast<std::uint8_t>(program)});
  for (const Key& key : keys) {
    const auto pitch = static_cast<std::uint8_t>(key.pitch);
    track.messages.push_back({tick(key.onset_sec), status(kMidiNoteOn), pitch, 80});
    track.messages.push_back({tick(key.offset_sec), status(kMidiNoteOff), pitch, 0});
  }
  for (const Pedal& pedal : pedals) {
    track.messages.push_back({tick(pedal.time_sec), status(kMidiControl), 64, static_cast<std::uint8_t>(pedal.value)});
  }
  std::stable_sort(track.messages.begin(), track.messages.end(),
                   [](const MidiMessage& a, const MidiMessage& b) { return a.tick < b.tick; });
  track.end_tick = track.messages.empty() ? 0 : track.messages.back().tick;
  MidiFile file;
  file.tracks.push_back(track);
  return file;
}

}  // namespace yourmt3::testing
