#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/store.h"
#include "evaluate/evaluate_set.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"

namespace yourmt3::testing {

inline constexpr int kRate = 16000;

/// A note every half second: from middle C upwards, or kick, snare and hi-hat in turn.
inline Part scale(int program, double seconds, double step_sec = 0.5) {
  Part part{program, {}};
  for (int n = 0; 0.1 + n * step_sec + 0.2 < seconds; ++n) {
    const double onset = 0.1 + n * step_sec;
    constexpr int kKeys[] = {36, 38, 42};
    part.notes.push_back({onset, onset + 0.2, program == kDrumProgram ? kKeys[n % 3] : 60 + n % 12, 90});
  }
  return part;
}

/// Not silence, and other for other seeds.
inline std::vector<float> sound(double seconds, unsigned seed = 1) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kRate));
  for (float& sample : samples) {
    seed = seed * 1664525u + 1013904223u;
    sample = static_cast<float>(seed >> 8) / static_cast<float>(1u << 24) - 0.5f;
  }
  return samples;
}

/// A track with a stem for each program; 129 is sound without notes.
inline void add_track(StoreWriter& writer, const std::string& id, const std::vector<int>& programs, double seconds,
                      const std::string& split = "test") {
  TrackInfo track;
  track.id = id;
  track.split = split;
  track.seconds = seconds;
  std::vector<Part> parts;
  std::vector<std::vector<float>> samples;
  for (const int program : programs) {
    track.stems.push_back({program, "", 1.0});
    parts.push_back(program == kUnannotatedProgram ? Part{program, {}} : scale(program, seconds));
    samples.push_back(sound(seconds, static_cast<unsigned>(1 + program + id.front())));
  }
  writer.add(std::move(track), samples, parts);
}

/// Shifted notes: the first `right` of them agree with the reference, the others come half a second late.
inline std::vector<Note> partly_right(std::vector<Note> notes, std::size_t right) {
  for (std::size_t i = right; i < notes.size(); ++i) {
    notes[i].onset_sec += 0.27;
    notes[i].offset_sec += 0.27;
  }
  return notes;
}

}  // namespace yourmt3::testing
