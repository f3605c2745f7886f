#pragma once

#include <filesystem>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// Bach10: ten chorales played by violin, clarinet, saxophone and bassoon, each recorded by itself. Not in the
/// reference.
class Bach10DataSet : public DataSet {
 public:
  std::string name() const override { return "bach10"; }
  std::string title() const override { return "Bach10"; }
  std::string licence() const override { return "for research, on request (Duan and Pardo 2010)"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override { return {"test"}; }
};

/// The notes of the four players from a file NN-Title-GTNotes.mat: cells of players, of notes, of frame numbers with
/// the pitch in each, as a MIDI number with fractions. Frame n, counted from one, is 10 ms long around
/// 0.023 s + (n - 1) * 0.01 s; the pitch of a note is the nearest to its median. Throws Error(kMalformed).
std::vector<std::vector<Note>> read_bach10_notes(const std::filesystem::path& file);

}  // namespace yourmt3
