#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// Drumming as MIDI with its sound, told by one table with a row for each performance: Groove MIDI and what was made of
/// it. All notes are drums, whatever their channel; pedals do not prolong them.
class DrumPerformanceDataSet : public DataSet {
 public:
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;

 protected:
  /// `table` is its file below the source folder; `example` the name of a performance's MIDI there.
  DrumPerformanceDataSet(std::string table, std::string example)
      : table_(std::move(table)), example_(std::move(example)) {}

 private:
  /// Lists beside its split that have a performance; `midi_name` is the file's as the table has it.
  virtual std::vector<std::string> lists_of(const std::string& split, const std::string& midi_name) const = 0;

  std::string table_;
  std::string example_;
};

}  // namespace yourmt3
