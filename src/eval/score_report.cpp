#include "eval/score_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "eval/class_sets.h"
#include "eval/frame_scores.h"
#include "eval/note_matching.h"
#include "eval/scorable_notes.h"
#include "score/drum_groups.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

ScoreLine line_of(const MatchScore& score) {
  return {score.n_reference, score.n_estimate, score.n_matched};
}

ScoreLine frame_line(const PianoRoll& reference, const PianoRoll& estimate) {
  const FrameScore frames = score_frames(reference, estimate);
  ScoreLine line{static_cast<long>(frames.n_reference), static_cast<long>(frames.n_estimate),
                 static_cast<long>(frames.n_matched)};
  if (line.n_reference == 0) {
    // Without a reference there is no end after which the estimate would not count.
    line.n_estimate = 0;
    for (const auto& frame : estimate) line.n_estimate += static_cast<long>(frame.count());
  }
  return line;
}

long count_unclassed(std::span<const Note> pitched, const ProgramVocabulary& classes) {
  return std::count_if(pitched.begin(), pitched.end(),
                       [&](const Note& note) { return classes.class_of(note.program) < 0; });
}

void write_line(nlohmann::ordered_json& json, const std::string& name, const ScoreLine& line) {
  json[name + "_f1"] = line.f1();  // NaN becomes null.
  json[name + "_precision"] = line.precision();
  json[name + "_recall"] = line.recall();
  json[name + "_reference"] = line.n_reference;
  json[name + "_estimate"] = line.n_estimate;
  json[name + "_matched"] = line.n_matched;
}

}  // namespace

ScoreLine& ScoreLine::operator+=(const ScoreLine& other) {
  n_reference += other.n_reference;
  n_estimate += other.n_estimate;
  n_matched += other.n_matched;
  return *this;
}

double ScoreLine::precision() const {
  return n_estimate == 0 ? 0 : static_cast<double>(n_matched) / static_cast<double>(n_estimate);
}

double ScoreLine::recall() const {
  return n_reference == 0 ? 0 : static_cast<double>(n_matched) / static_cast<double>(n_reference);
}

double ScoreLine::f1() const {
  if (empty()) return std::numeric_limits<double>::quiet_NaN();
  return 2 * static_cast<double>(n_matched) / static_cast<double>(n_reference + n_estimate);
}

const ProgramVocabulary& ScoreReportOptions::class_vocabulary() const {
  return classes == nullptr ? class_set("GM_INSTR_CLASS_PLUS") : *classes;
}

const DrumVocabulary& ScoreReportOptions::drums_vocabulary() const {
  return drums == nullptr ? drum_vocabulary("gm") : *drums;
}

ScoreReport score_notes(std::span<const Note> reference, std::span<const Note> estimate, double onset_tolerance_sec) {
  return score_notes(reference, estimate, ScoreReportOptions{.onset_tolerance_sec = onset_tolerance_sec});
}

ScoreReport score_notes(std::span<const Note> reference, std::span<const Note> estimate,
                        const ScoreReportOptions& report_options) {
  const MatchOptions with_offset{.onset_tolerance_sec = report_options.onset_tolerance_sec};
  MatchOptions onset_only = with_offset;
  onset_only.offset_ratio.reset();
  const auto matched = [](std::span<const Note> r, std::span<const Note> e, const MatchOptions& options) {
    return line_of(score_matches(r, e, options));
  };

  const std::vector<Note> all_r = scorable_notes(reference);
  const std::vector<Note> all_e = scorable_notes(estimate);
  const std::vector<Note> r = pitched_notes(all_r);
  const std::vector<Note> e = pitched_notes(all_e);
  ScoreReport report;
  report.onset_tolerance_sec = report_options.onset_tolerance_sec;
  report.onset = matched(r, e, onset_only);
  report.onset_offset = matched(r, e, with_offset);
  report.frame = frame_line(piano_roll(r), piano_roll(e));
  const auto drums = [&](const DrumVocabulary& vocabulary) {
    return matched(reduce_drums(all_r, vocabulary), reduce_drums(all_e, vocabulary), onset_only);
  };
  report.drum_onset = drums(report_options.drums_vocabulary());
  report.drum_onset_ksh = drums(drum_vocabulary("ksh"));

  const ProgramVocabulary& classes = report_options.class_vocabulary();
  for (const ProgramClass& one : classes.classes()) {
    const std::vector<Note> r_class = select_programs(r, one.programs);
    const std::vector<Note> e_class = select_programs(e, one.programs);
    if (r_class.empty() && e_class.empty()) continue;
    report.instruments.push_back(
        {one.name, matched(r_class, e_class, onset_only), matched(r_class, e_class, with_offset)});
  }
  if (!report.drum_onset.empty()) report.instruments.push_back({"Drums", report.drum_onset, report.drum_onset});
  for (const InstrumentScore& instrument : report.instruments) {
    report.multi += instrument.onset_offset;
    report.multi_onset += instrument.onset;
  }
  report.n_reference_unclassed = count_unclassed(r, classes);
  report.n_estimate_unclassed = count_unclassed(e, classes);
  return report;
}

std::string to_json(const ScoreReport& report) {
  nlohmann::ordered_json json;
  write_line(json, "onset", report.onset);
  write_line(json, "onset_offset", report.onset_offset);
  write_line(json, "multi", report.multi);
  write_line(json, "multi_onset", report.multi_onset);
  write_line(json, "drum_onset", report.drum_onset);
  write_line(json, "drum_onset_ksh", report.drum_onset_ksh);
  write_line(json, "frame", report.frame);
  json["onset_tolerance_sec"] = report.onset_tolerance_sec;
  json["reference_unclassed"] = report.n_reference_unclassed;
  json["estimate_unclassed"] = report.n_estimate_unclassed;
  nlohmann::ordered_json instruments = nlohmann::ordered_json::array();
  for (const InstrumentScore& instrument : report.instruments) {
    nlohmann::ordered_json item{{"name", instrument.name}};
    write_line(item, "onset", instrument.onset);
    write_line(item, "onset_offset", instrument.onset_offset);
    instruments.push_back(item);
  }
  json["instruments"] = instruments;
  return json.dump(2) + "\n";
}

}  // namespace yourmt3
