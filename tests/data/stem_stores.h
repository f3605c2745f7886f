#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "data/stem_mixer.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
inline constexpr double kStep = 0.25;  // From one note to the next.

/// Sound of a part: one sample of 0.5 at each onset.
inline std::vector<float> clicks(const Part& part, double seconds) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * 16000));
  for (const auto& note : part.notes) sound[static_cast<std::size_t>(std::lround(note.onset_sec * 16000))] = 0.5f;
  return sound;
}

/// Notes on a grid that is shifted for each track and part, so that clicks tell who plays.
inline Part part_of(int program, double offset, double seconds) {
  Part part{program, {}};
  for (int n = 0; offset + n * kStep < seconds; ++n) {
    const double onset = offset + n * kStep;
    part.notes.push_back({onset, onset + 0.2, 40 + n % 40, 90});
  }
  return part;
}

struct TrackPlan {
  std::string id;
  std::vector<int> programs;
  double seconds = 12;
  double gain = 1;
};

class StemMixerTest : public ::testing::Test {
 protected:
  void add(StoreWriter& writer, const TrackPlan& plan, const std::string& split = "train") {
    TrackInfo track;
    track.id = plan.id;
    track.split = split;
    track.seconds = plan.seconds;
    std::vector<Part> parts;
    std::vector<std::vector<float>> samples;
    for (const int program : plan.programs) {
      auto part = part_of(program, 0.001 * next_++, plan.seconds);
      samples.push_back(clicks(part, plan.seconds));
      if (program == kUnannotatedProgram) part.notes.clear();
      parts.push_back(std::move(part));
      track.stems.push_back({program, "", plan.gain});
    }
    writer.add(track, samples, parts);
  }

  StemDataSet store(const std::string& name, const std::vector<TrackPlan>& tracks, double weight = 1) {
    StoreWriter writer(folder_ / name);
    for (const auto& track : tracks) add(writer, track);
    writer.commit();
    return {name, {folder_ / name}, weight};
  }

  StemDataSet mix_store(const std::string& name, const std::vector<int>& programs, double weight = 1) {
    StoreWriter writer(folder_ / name);
    for (int t = 0; t < 4; ++t) {
      TrackInfo track;
      track.id = std::to_string(t);
      track.split = "train";
      track.seconds = 12;
      std::vector<Part> parts;
      std::vector<float> sound(12 * 16000);
      for (const int program : programs) {
        const auto part = part_of(program, 0.001 * next_++, 12);
        const auto one = clicks(part, 12);
        for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += one[i];
        if (program != kUnannotatedProgram) parts.push_back(part);
      }
      writer.add_mix(track, programs, sound, parts);
    }
    writer.commit();
    return {name, {folder_ / name}, weight};
  }

  std::vector<StemDataSet> bands() {
    return {store("bands", {{"a", {0, 33, 48, kDrumProgram}}, {"b", {0, 33, 56}}, {"c", {24, 33, kDrumProgram}}}),
            store("solos", {{"d", {73}}, {"e", {65}}, {"f", {kSingingProgram}}, {"g", {kDrumProgram}}})};
  }

  testing::TemporaryFolder folder_;
  int next_ = 1;
};

inline std::set<long> click_places(const MixedSegment& segment) {
  std::set<long> places;
  for (std::size_t i = 0; i < segment.samples.size(); ++i) {
    if (std::abs(segment.samples[i]) > 1e-3f) places.insert(static_cast<long>(i));
  }
  return places;
}

inline std::set<long> onset_places(const MixedSegment& segment) {
  std::set<long> places;
  for (const auto& note : segment.notes) {
    const long place = std::lround(note.onset_sec * 16000);
    if (place >= 0 && place < SegmentSource::kSegmentSamples) places.insert(place);
  }
  return places;
}

inline std::set<int> programs_of(const MixedSegment& segment) {
  std::set<int> programs;
  for (const auto& note : segment.notes) programs.insert(note.program);
  return programs;
}

inline float peak_of(const MixedSegment& segment) {
  float peak = 0;
  for (const float sample : segment.samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

inline std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace yourmt3
