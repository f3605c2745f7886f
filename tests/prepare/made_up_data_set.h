#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "core/fail.h"
#include "prepare/data_set.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"

namespace yourmt3::testing {

/// Every NAME.wav of a folder is a piano playing one note of half a second at its start.
class MadeUpDataSet : public DataSet {
 public:
  std::string name() const override { return set_name; }
  std::string title() const override { return "Made up"; }
  std::string licence() const override { return "CC0-1.0"; }
  std::string layout() const override { return "NAME.wav"; }
  int version() const override { return set_version; }

  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions&) const override {
    DataSetPlan plan;
    plan.remarks = remarks;
    for (const auto& file : files_with_extension(source, ".wav")) plan.items.push_back(item(file));
    for (const std::string& name : absent) plan.items.push_back(item(source / name));
    return plan;
  }

  std::string set_name = "made-up";
  int set_version = 1;
  std::vector<Note> notes = {{false, 0, 0, 0.5, 60, 1}};
  std::vector<std::string> absent;
  std::vector<std::string> remarks;
  std::string context;
  mutable std::atomic<int> n_read = 0;

 private:
  PlannedItem item(const std::filesystem::path& file) const {
    PlannedItem item;
    item.id = file.stem().string();
    item.files = {file};
    item.context = context;
    item.read = [this, file] {
      ++n_read;
      PreparedItem read;
      add_recording(read, "mix", file);
      PreparedTrack track;
      track.id = file.stem().string();
      track.split = "train";
      track.lists = {"all"};
      track.stems = {{0, "mix", notes}};
      read.tracks.push_back(track);
      return read;
    };
    return item;
  }
};

}  // namespace yourmt3::testing
