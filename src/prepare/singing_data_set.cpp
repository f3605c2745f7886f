#include "prepare/singing_data_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string_view>

#include "core/fail.h"
#include "core/lower_case.h"
#include "prepare/recording.h"
#include "prepare/singing_annotation.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

// As the reference's packages and the makers' programs name them; upper and lower case are the same. The first is
// taken.
constexpr std::array<std::string_view, 3> kMixtureNames = {"converted_mixture", "mixture", "mix"};
constexpr std::array<std::string_view, 1> kVocalNames = {"vocals"};
constexpr std::array<std::string_view, 1> kAccompanimentNames = {"accompaniment"};
constexpr std::array<std::string_view, 7> kSoundExtensions = {".wav", ".flac", ".mp3", ".m4a",
                                                              ".ogg", ".opus", ".webm"};

/// Sound files by name without extension, in lower case; of several that differ in the extension the first.
std::map<std::string, fs::path> sounds_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::map<std::string, fs::path> sounds;
  for (const fs::path& file : files) {
    const std::string extension = lower_case(file.extension().string());
    if (std::find(kSoundExtensions.begin(), kSoundExtensions.end(), extension) == kSoundExtensions.end()) continue;
    sounds.emplace(lower_case(file.stem().string()), file);
  }
  return sounds;
}

fs::path named(const std::map<std::string, fs::path>& sounds, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto found = sounds.find(std::string(name)); found != sounds.end()) return found->second;
  }
  return {};
}

struct Recording {
  int number = 1;
  std::string part;                         // "train" or "test".
  fs::path mixture, vocals, accompaniment;  // Empty where they are missing.
  SungNotes sung;
};

/// Finds the sounds of recordings below train/, test/ and the folder itself, in folders or files that are their
/// numbers.
class SoundFinder {
 public:
  explicit SoundFinder(const fs::path& root) {
    for (const char* place : {"train", "test", "audio", ""}) {
      places_.push_back(*place ? root / place : root);
      loose_.push_back(sounds_in(places_.back()));
    }
  }

  void find(Recording& recording) const {
    const std::string number = std::to_string(recording.number);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto sounds = sounds_in(places_[i] / number);
      if (recording.mixture.empty()) recording.mixture = named(sounds, kMixtureNames);
      if (recording.vocals.empty()) recording.vocals = named(sounds, kVocalNames);
      if (recording.accompaniment.empty()) recording.accompaniment = named(sounds, kAccompanimentNames);
      const auto loose = loose_[i].find(number);
      if (recording.mixture.empty() && loose != loose_[i].end()) recording.mixture = loose->second;
    }
  }

 private:
  std::vector<fs::path> places_;
  std::vector<std::map<std::string, fs::path>> loose_;  // By place, sounds that are not in a folder of their own.
};

PreparedItem read(const Recording& recording) {
  if (!recording.sung.fault.empty()) fail(ErrorCode::kMalformed, "{}", recording.sung.fault);
  const std::vector<Note>& notes = recording.sung.notes;
  PreparedItem item;
  const auto load = [&item](const fs::path& path, const char* name) {
    if (!path.empty()) add_recording(item, name, path);
    return !path.empty();
  };
  const bool mixture = load(recording.mixture, "mixture");
  const bool vocals = load(recording.vocals, "vocals");
  const bool accompaniment = load(recording.accompaniment, "accompaniment");
  const auto add = [&](const std::string& variant, std::vector<PreparedTrack::Stem> stems) -> PreparedTrack& {
    PreparedTrack track;
    track.id = std::to_string(recording.number) + variant;
    track.split = recording.part + variant;
    track.lists = {"all" + variant};
    track.stems = std::move(stems);
    return item.tracks.emplace_back(std::move(track));
  };
  if (mixture) add("", {{kUnannotatedProgram, "mixture", notes, {kSingingProgram, kUnannotatedProgram}}});
  if (vocals) add("_vocal", {{kSingingProgram, "vocals", notes}});
  if (vocals && accompaniment) {
    PreparedTrack& track =
        add("_stem", {{kSingingProgram, "vocals", notes}, {kUnannotatedProgram, "accompaniment", {}}});
    if (mixture) track.mix = "mixture";
  }
  return item;
}

}  // namespace

std::string SingingDataSet::layout() const {
  return fmt::format(
      "{}\n"
      "train/1/ ... with converted_Mixture (or mixture), vocals and accompaniment, as .wav, .flac, .mp3, .m4a, .ogg,\n"
      "  .opus or .webm; folders may also be in test/, audio/ or the source folder itself, and a recording that\n"
      "  has not been separated may be a file such as train/1.mp3",
      fmt::join(description_.annotations, " or "));
}

std::vector<std::string> SingingDataSet::lists() const {
  std::vector<std::string> lists;
  for (const std::string variant : {"", "_vocal", "_stem"}) {
    lists.push_back("train" + variant);
    if (description_.n_training < description_.n_recordings) lists.push_back("test" + variant);
    lists.push_back("all" + variant);
  }
  return lists;
}

DataSetPlan SingingDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  fs::path root, annotation;
  for (const std::string& place : description_.annotations) {
    if (!annotation.empty()) break;
    root = source_folder(source, place);
    if (!root.empty()) annotation = root / place;
  }
  if (annotation.empty()) fail(ErrorCode::kNotFound, "{}: no {}, which has\n{}", source.string(), title(), layout());

  DataSetPlan plan;
  const SoundFinder finder(root);
  std::vector<int> silent, without_mixture, without_vocals, without_accompaniment, unknown;
  auto sung = parse_singing_annotation(read_text_file(annotation), annotation.string(), description_.lengthen_short);
  for (auto& [number, notes] : sung) {
    if (number < 1 || number > description_.n_recordings) {
      unknown.push_back(number);
      continue;
    }
    Recording recording{number, number <= description_.n_training ? "train" : "test", {}, {}, {}, std::move(notes)};
    finder.find(recording);
    if (recording.mixture.empty() && recording.vocals.empty()) {
      silent.push_back(number);
      continue;
    }
    if (recording.mixture.empty()) without_mixture.push_back(number);
    if (recording.vocals.empty()) without_vocals.push_back(number);
    if (recording.accompaniment.empty()) without_accompaniment.push_back(number);
    PlannedItem item;
    item.id = std::to_string(number);
    item.files = {annotation};
    for (const fs::path& file : {recording.mixture, recording.vocals, recording.accompaniment}) {
      if (!file.empty()) item.files.push_back(file);
    }
    item.read = [recording = std::move(recording)] { return read(recording); };
    plan.items.push_back(std::move(item));
  }
  if (plan.items.empty()) {
    fail(ErrorCode::kNotFound, "{}: notes of {} recordings, but no sound of any; expected\n{}", annotation.string(),
         sung.size(), layout());
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  const auto tell = [&](const std::vector<int>& numbers, const std::string& what) {
    if (numbers.empty()) return;
    plan.remarks.push_back(fmt::format("{}: {} of {} recordings {}: {}", annotation.string(), numbers.size(),
                                       sung.size(), what, number_ranges(numbers)));
  };
  tell(unknown, fmt::format("have a number that is not in 1-{} and are left out", description_.n_recordings));
  tell(silent, "have no sound");
  tell(without_mixture, "have no mixture");
  tell(without_vocals, "have no vocals, so that only their mixture is of use");
  tell(without_accompaniment, "have no accompaniment, so that they give no stems");
  return plan;
}

}  // namespace yourmt3
