#include "eval/note_analysis.h"

#include <cstddef>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "eval/distribution.h"
#include "eval/note_pairing.h"
#include "eval/scorable_notes.h"

namespace yourmt3 {

namespace {

using Json = nlohmann::ordered_json;  // Writes NaN as null.

constexpr std::pair<const char*, std::vector<ScoreLine> ScoreBlocks::*> kLines[] = {
    {"onset_f1", &ScoreBlocks::onset},           {"onset_offset_f1", &ScoreBlocks::onset_offset},
    {"multi_f1", &ScoreBlocks::multi},           {"multi_onset_f1", &ScoreBlocks::multi_onset},
    {"drum_onset_f1", &ScoreBlocks::drum_onset},
};

Json json_of(const InstrumentDetection& detection) {
  return {{"f1", detection.f1()},
          {"precision", detection.precision()},
          {"recall", detection.recall()},
          {"leakage_ratio", detection.leakage_ratio()},
          {"reference", detection.n_reference},
          {"estimate", detection.n_estimate},
          {"matched", detection.n_matched}};
}

Json json_of(const MatchScore& score) {
  return {{"f1", score.f1()},
          {"precision", score.precision()},
          {"recall", score.recall()},
          {"reference", score.n_reference},
          {"estimate", score.n_estimate},
          {"matched", score.n_matched}};
}

Json json_of(std::span<const double> values) {
  const Distribution where = summarise(values);
  return {{"n", where.n},   {"mean", where.mean}, {"median", where.median}, {"std_dev", where.std_dev},
          {"p5", where.p5}, {"p95", where.p95}};
}

Json json_of(const PitchErrors& errors) {
  Json json{{"false_positives", errors.n_false_positives()}};
  for (std::size_t i = 0; i < kWrongNoteKinds; ++i) {
    Json& kind = json["kinds"][std::string(wrong_note_names()[i])];
    kind["n"] = errors.n_wrong[i];
    kind["instead"] = errors.n_instead[i];
    kind["share"] = errors.share(static_cast<WrongNote>(i));
  }
  json["missed"] = errors.n_missed;
  json["missed_doublings"] = errors.n_missed_doublings;
  return json;
}

Json json_of(const InstrumentConfusion& confusion) {
  return {{"instruments", confusion.names}, {"notes", confusion.n_notes},
          {"missed", confusion.n_missed},   {"invented", confusion.n_invented},
          {"paired", confusion.n_paired()}, {"wrong_share", confusion.wrong_share()}};
}

// A block for each recording: the stretches of a single one are added up.
std::vector<ScoreLine> by_recording(const std::vector<ScoreLine>& blocks, int n_recordings) {
  if (n_recordings != 1) return blocks;
  ScoreLine sum;
  for (const ScoreLine& block : blocks) sum += block;
  return {sum};
}

}  // namespace

NoteAnalysis& NoteAnalysis::operator+=(const NoteAnalysis& other) {
  programs += other.programs;
  classes += other.classes;
  if (other.velocity) {
    if (!velocity) velocity.emplace();
    velocity->onset_offset += other.velocity->onset_offset;
    velocity->no_offset += other.velocity->no_offset;
  }
  timing += other.timing;
  pitches += other.pitches;
  confusion += other.confusion;
  for (const auto& [name, line] : kLines) {
    if (n_recordings == 0) {
      blocks.*line = other.blocks.*line;
    } else if (other.n_recordings > 0) {
      blocks.*line = by_recording(blocks.*line, n_recordings);
      const std::vector<ScoreLine> added = by_recording(other.blocks.*line, other.n_recordings);
      (blocks.*line).insert((blocks.*line).end(), added.begin(), added.end());
    }
  }
  n_recordings += other.n_recordings;
  return *this;
}

NoteAnalysis analyse_notes(std::span<const Note> reference, std::span<const Note> estimate,
                           const ScoreReportOptions& options, double block_sec) {
  const std::vector<Note> r = scorable_notes(reference);
  const std::vector<Note> e = scorable_notes(estimate);
  const ProgramVocabulary& classes = options.class_vocabulary();
  NoteAnalysis analysis;
  // First, because it refuses times that cannot be.
  analysis.blocks = score_blocks(r, e, options, block_sec);
  analysis.n_recordings = 1;
  analysis.programs = detect_instruments(r, e);
  analysis.classes = detect_instruments(r, e, &classes);
  analysis.velocity = score_velocities(r, e, {.onset_tolerance_sec = options.onset_tolerance_sec});
  const std::vector<NotePair> pairs = pair_notes(r, e, classes, options.onset_tolerance_sec);
  analysis.timing = timing_errors(r, e, pairs);
  analysis.pitches = pitch_errors(r, e, pairs, options.onset_tolerance_sec);
  analysis.confusion = confuse_instruments(r, e, pairs, classes);
  return analysis;
}

std::string to_json(const NoteAnalysis& analysis, const BootstrapOptions& options) {
  Json json{{"programs", json_of(analysis.programs)}, {"classes", json_of(analysis.classes)}, {"velocity", nullptr}};
  if (analysis.velocity) {
    json["velocity"] = {{"onset_offset", json_of(analysis.velocity->onset_offset)},
                        {"onset", json_of(analysis.velocity->no_offset)}};
  }
  json["timing"] = {{"onset_ms", json_of(analysis.timing.onset_ms)},
                    {"offset_ms", json_of(analysis.timing.offset_ms)},
                    {"offset_ratio", json_of(analysis.timing.offset_ratio)}};
  json["wrong_notes"] = json_of(analysis.pitches);
  json["confusion"] = json_of(analysis.confusion);
  Json& intervals = json["intervals"];
  intervals["confidence"] = options.confidence;
  intervals["resamples"] = options.n_resamples;
  intervals["recordings"] = analysis.n_recordings;
  intervals["units"] = analysis.blocks.onset.size();
  for (const auto& [name, line] : kLines) {
    const Interval interval = bootstrap_f1(std::span<const ScoreLine>(analysis.blocks.*line), options);
    intervals[name] = {interval.low, interval.high};
  }
  return json.dump(2) + "\n";
}

}  // namespace yourmt3
