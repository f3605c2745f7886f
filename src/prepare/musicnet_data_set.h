#pragma once

#include <filesystem>
#include <vector>

#include "prepare/data_set.h"
#include "prepare/musicnet_lists.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// The notes in a label file of MusicNet, sorted by onset and otherwise as they are: neither repaired nor trimmed. The
/// files count instruments from 1; with `as_reference` they are taken for programs, which count from 0. Throws
/// Error(kMalformed) with the line.
std::vector<Note> read_musicnet_labels(const std::filesystem::path& path, bool as_reference);

/// MusicNet: recordings of chamber music and piano with labels; optionally labels that were aligned anew (MusicNet-EM),
/// and the scores played by a synthesizer.
class MusicNetDataSet : public DataSet {
 public:
  std::string name() const override { return "musicnet"; }
  std::string title() const override { return "MusicNet"; }
  std::string licence() const override { return "CC BY 4.0; recordings public domain or Creative Commons"; }
  std::string layout() const override;
  std::vector<std::string> lists() const override { return musicnet_list_names(); }
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
};

}  // namespace yourmt3
