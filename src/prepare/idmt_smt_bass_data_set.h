#pragma once

#include <span>

#include "prepare/data_set.h"

namespace yourmt3 {

/// IDMT-SMT-Bass: 2342 single notes of electric basses, with 1.8 s of silence before and after as in the reference.
/// What is played and how stands in the names of the files, when it sounds is found in the sound.
class IdmtSmtBassDataSet : public DataSet {
 public:
  std::string name() const override { return "idmt-smt-bass"; }
  std::string title() const override { return "IDMT-SMT-Bass"; }
  std::string licence() const override { return "CC BY-NC-ND 4.0"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override { return {"train", "validation"}; }
};

/// Where a single plucked note begins and ends in a recording at 16 kHz.
struct PluckedNote {
  double onset_sec = 0;
  double offset_sec = 0;
};

/// By the envelope of the reference (guess_onset_offset_by_amp_envelope): the highest sample of every 256, of which the
/// last is not looked at; from the first above 0.05 to the last above 0.02. Rounded to the grid of a MIDI file of 960
/// ticks a second, then to 10 ms, as there. Throws Error(kMalformed) when nothing is as loud.
PluckedNote find_plucked_note(std::span<const float> samples);

}  // namespace yourmt3
