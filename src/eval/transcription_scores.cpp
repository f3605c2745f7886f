#include "eval/transcription_scores.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "eval/scorable_notes.h"

namespace yourmt3 {

namespace {

constexpr double kLatestSec = 100000;
constexpr double kShortestHopSec = 0.001;
constexpr int kPitches = 128;

struct Sides {
  std::vector<Note> reference;
  std::vector<Note> estimate;
};

// First k with k * hop at `time_sec` or later.
std::size_t first_frame(double time_sec, double hop_sec) {
  auto k = static_cast<std::size_t>(std::max(std::ceil(time_sec / hop_sec), 0.0));
  // The quotient may be off by a rounding.
  while (k > 0 && static_cast<double>(k - 1) * hop_sec >= time_sec) --k;
  while (static_cast<double>(k) * hop_sec < time_sec) ++k;
  return k;
}

TrackScores score_track(std::string name, const Sides& sides, const MatchOptions& options) {
  double end_sec = 0;
  for (const auto* side : {&sides.reference, &sides.estimate}) {
    for (const Note& note : *side) end_sec = std::max(end_sec, note.offset_sec);
  }
  const PitchFrames reference = pitch_frames(sides.reference, kMultipitchHopSec, end_sec);
  const PitchFrames estimate = pitch_frames(sides.estimate, kMultipitchHopSec, end_sec);
  return {std::move(name), score_transcription(to_sounding(sides.reference), to_sounding(sides.estimate), options),
          score_multipitch(reference, estimate, false), score_multipitch(reference, estimate, true)};
}

void write_match(nlohmann::ordered_json& json, const MatchScore& score, const std::string& prefix,
                 const std::string& suffix) {
  json[prefix + "Precision" + suffix] = score.precision();
  json[prefix + "Recall" + suffix] = score.recall();
  json[prefix + "F-measure" + suffix] = score.f1();
}

nlohmann::ordered_json json_of(const TranscriptionScores& scores) {
  nlohmann::ordered_json json;
  write_match(json, scores.onset_offset, "", "");
  json["Average_Overlap_Ratio"] = scores.overlap;
  write_match(json, scores.no_offset, "", "_no_offset");
  json["Average_Overlap_Ratio_no_offset"] = scores.overlap_no_offset;
  write_match(json, scores.onset, "Onset_", "");
  write_match(json, scores.offset, "Offset_", "");
  return json;
}

void write_multipitch(nlohmann::ordered_json& json, const MultipitchScore& score, const std::string& prefix) {
  json[prefix + "Precision"] = score.precision;
  json[prefix + "Recall"] = score.recall;
  json[prefix + "Accuracy"] = score.accuracy;
  json[prefix + "Substitution Error"] = score.substitution_error;
  json[prefix + "Miss Error"] = score.miss_error;
  json[prefix + "False Alarm Error"] = score.false_alarm_error;
  json[prefix + "Total Error"] = score.total_error;
}

}  // namespace

TranscriptionScores score_transcription(std::span<const SoundingPitch> reference,
                                        std::span<const SoundingPitch> estimate, const MatchOptions& options) {
  TranscriptionScores scores;
  const auto count = [&](const std::vector<std::pair<int, int>>& pairs) {
    return MatchScore{static_cast<int>(reference.size()), static_cast<int>(estimate.size()),
                      static_cast<int>(pairs.size())};
  };
  const auto with_offset = match_notes(reference, estimate, options);
  scores.onset_offset = count(with_offset);
  scores.overlap = average_overlap_ratio(reference, estimate, with_offset);
  MatchOptions onset_only = options;
  onset_only.offset_ratio.reset();
  const auto without = match_notes(reference, estimate, onset_only);
  scores.no_offset = count(without);
  scores.overlap_no_offset = average_overlap_ratio(reference, estimate, without);
  scores.onset = score_onset_times(reference, estimate, options);
  scores.offset = score_offset_times(reference, estimate, options);
  return scores;
}

PitchFrames pitch_frames(std::span<const Note> notes, double hop_sec, double end_sec) {
  if (!(hop_sec >= kShortestHopSec) || !(end_sec <= kLatestSec)) {
    fail(ErrorCode::kInvalidArgument, "cannot make frames every {} s until {} s, expected at least {} s and at most {}",
         hop_sec, end_sec, kShortestHopSec, kLatestSec);
  }
  const std::size_t n_frames = first_frame(end_sec, hop_sec);
  std::vector<std::bitset<kPitches>> sounding(n_frames);
  for (const Note& note : notes) {
    if (note.pitch < 0 || note.pitch >= kPitches) {
      fail(ErrorCode::kInvalidArgument, "a note of pitch {} cannot be scored, expected 0 to {}", note.pitch,
           kPitches - 1);
    }
    const std::size_t end = std::min(first_frame(std::min(note.offset_sec, end_sec), hop_sec), n_frames);
    for (std::size_t t = first_frame(std::min(note.onset_sec, end_sec), hop_sec); t < end; ++t) {
      sounding[t].set(static_cast<std::size_t>(note.pitch));
    }
  }
  std::array<double, kPitches> hz;
  for (std::size_t pitch = 0; pitch < hz.size(); ++pitch) hz[pitch] = midi_to_hz(static_cast<double>(pitch));
  PitchFrames frames;
  frames.times_sec.reserve(n_frames);
  frames.frequencies_hz.reserve(n_frames);
  for (std::size_t t = 0; t < n_frames; ++t) {
    frames.times_sec.push_back(static_cast<double>(t) * hop_sec);
    if (t > 0 && sounding[t] == sounding[t - 1]) {
      frames.frequencies_hz.push_back(frames.frequencies_hz.back());
      continue;
    }
    std::vector<double>& frequencies = frames.frequencies_hz.emplace_back();
    frequencies.reserve(sounding[t].count());
    for (std::size_t pitch = 0; pitch < hz.size(); ++pitch) {
      if (sounding[t][pitch]) frequencies.push_back(hz[pitch]);
    }
  }
  return frames;
}

std::vector<TrackScores> score_tracks(std::span<const Note> reference, std::span<const Note> estimate,
                                      const ProgramVocabulary& classes, const MatchOptions& options) {
  Sides all;
  // Classes in their order, then programs of no class, then drums.
  std::map<std::pair<int, int>, std::pair<std::string, Sides>> tracks;
  const auto sort_out = [&](std::span<const Note> notes, std::vector<Note> Sides::*side) {
    for (const Note& note : scorable_notes(notes)) {
      std::pair<int, int> key{2, 0};
      std::string name = "Drums";
      if (!note.is_drum) {
        (all.*side).push_back(note);
        const int index = classes.class_of(note.program);
        key = index >= 0 ? std::pair{0, index} : std::pair{1, note.program};
        name = classes.instrument_name(note.program);
      }
      auto& track = tracks[key];
      track.first = name;
      (track.second.*side).push_back(note);
    }
  };
  sort_out(reference, &Sides::reference);
  sort_out(estimate, &Sides::estimate);
  std::vector<TrackScores> scores{score_track("all", all, options)};
  for (const auto& [key, track] : tracks) scores.push_back(score_track(track.first, track.second, options));
  return scores;
}

std::string to_json(std::span<const TrackScores> tracks) {
  nlohmann::ordered_json json;
  for (const TrackScores& track : tracks) {
    nlohmann::ordered_json& item = json[track.name];
    item["reference"] = track.notes.onset.n_reference;
    item["estimate"] = track.notes.onset.n_estimate;
    item["transcription"] = json_of(track.notes);
    write_multipitch(item["multipitch"], track.multipitch, "");
    write_multipitch(item["multipitch"], track.chroma, "Chroma ");
  }
  return json.dump(2) + "\n";
}

}  // namespace yourmt3
