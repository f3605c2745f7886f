#include "prepare/drum_performance_data_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string_view>

#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

struct Performance {
  std::string id, split;
  std::vector<std::string> lists;
  fs::path midi, sound;
  double duration_sec = 0;  // As the table tells.
};

MidiNoteOptions all_drums() {
  MidiNoteOptions options;
  options.channel_10_is_drums = true;
  options.all_drums = true;
  options.missing_program = kDrumProgram;
  options.ignore_pedal = true;
  return options;
}

PreparedItem read(const Performance& performance) {
  PreparedItem item;
  PreparedTrack track;
  track.id = performance.id;
  track.split = performance.split;
  track.lists = performance.lists;
  track.stems = {{kDrumProgram, "drums", read_midi_notes(performance.midi, all_drums())}};
  add_recording(item, "drums", performance.sound);
  remark_on_length(item, performance.sound, item.sounds[0].samples.size(), performance.duration_sec);
  item.tracks.push_back(std::move(track));
  return item;
}

/// Reads rows of the table; a row that makes no sense throws Error(kMalformed).
class PerformanceTable {
 public:
  explicit PerformanceTable(const fs::path& path)
      : table_(TextTable::read(path, {})),
        name_(path.string()),
        root_(path.parent_path()),
        midi_(table_.column("midi_filename")),
        sound_(table_.column("audio_filename")),
        duration_(table_.column("duration")),
        split_(table_.column("split")) {}

  std::size_t size() const { return table_.n_rows(); }
  const std::string& midi_name(std::size_t row) const { return table_.text(row, midi_); }
  bool has_sound(std::size_t row) const { return !table_.text(row, sound_).empty(); }

  Performance performance(std::size_t row) const {
    static constexpr std::array<std::string_view, 3> kSplits = {"train", "validation", "test"};
    Performance performance;
    performance.split = table_.text(row, split_);
    if (std::find(kSplits.begin(), kSplits.end(), performance.split) == kSplits.end()) {
      fail(ErrorCode::kMalformed, "{}, line {}: split '{}', expected train, validation or test", name_,
           table_.line(row), performance.split);
    }
    performance.midi = inside(row, midi_);
    performance.sound = inside(row, sound_);
    performance.duration_sec = table_.number(row, duration_);
    performance.id = fs::path(midi_name(row)).replace_extension().generic_string();
    std::replace(performance.id.begin(), performance.id.end(), '/', '_');
    return performance;
  }

 private:
  fs::path inside(std::size_t row, std::size_t column) const {
    const fs::path path = table_.text(row, column);
    if (path.empty() || path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end()) {
      fail(ErrorCode::kMalformed, "{}, line {}: '{}' is no file of the data set", name_, table_.line(row),
           path.string());
    }
    return root_ / path;
  }

  TextTable table_;
  std::string name_;
  fs::path root_;
  std::size_t midi_, sound_, duration_, split_;
};

}  // namespace

std::string DrumPerformanceDataSet::layout() const {
  return fmt::format("{}\n{} ... and its sound, where the table tells them", table_, example_);
}

DataSetPlan DrumPerformanceDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const fs::path root = source_folder(source, table_);
  if (root.empty()) fail(ErrorCode::kNotFound, "{}: no {}, which has\n{}", source.string(), title(), layout());
  DataSetPlan plan;
  const PerformanceTable table(root / table_);
  std::set<std::string> ids;
  std::size_t silent = 0;
  for (std::size_t row = 0; row < table.size(); ++row) {
    Performance performance;
    try {
      if (!table.has_sound(row)) {
        ++silent;
        continue;
      }
      performance = table.performance(row);
    } catch (const Error& error) {
      plan.remarks.push_back(fmt::format("{}; left out", error.what()));
      continue;
    }
    if (!ids.insert(performance.id).second) {
      plan.remarks.push_back(fmt::format("{}: {} is there twice; the later one is left out", (root / table_).string(),
                                         table.midi_name(row)));
      continue;
    }
    performance.lists = lists_of(performance.split, table.midi_name(row));
    PlannedItem item;
    item.id = performance.id;
    item.files = {performance.midi, performance.sound};
    item.context =
        fmt::format("{} {} {}", performance.split, fmt::join(performance.lists, " "), performance.duration_sec);
    item.read = [performance = std::move(performance)] { return read(performance); };
    plan.items.push_back(std::move(item));
  }
  if (silent > 0) {
    plan.remarks.push_back(fmt::format("{}: {} of {} performances have no sound and are left out",
                                       (root / table_).string(), silent, table.size()));
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  return plan;
}

}  // namespace yourmt3
