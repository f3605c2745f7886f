#include "prepare/enst_drums_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include "core/fail.h"
#include "prepare/enst_annotation.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

// Parts of the recordings with accompaniment that were drawn once, as places in their order by drummer and name.
// Source: preprocess_enstdrums.py of the reference; all others are for training.
constexpr int kWithAccompaniment = 64;
constexpr int kDrawnValidation[] = {39, 4, 19, 59, 61, 17, 56, 36, 29, 0};
constexpr int kDrawnTest[] = {18, 7, 42, 25, 40, 8, 30, 21, 13, 35};

constexpr std::size_t kRecordings[] = {97, 105, 116};  // Of each drummer, with an annotation.

struct Recording {
  int drummer = 1;
  std::string id;                             // "1_036": drummer and number, as the reference has it.
  fs::path annotation, drums, accompaniment;  // The last is empty without one.
  std::string drawn;                          // "train", "validation", "test", or empty: no such part.
};

std::string drawn_part(int place) {
  const auto has = [place](std::span<const int> places) {
    return std::find(places.begin(), places.end(), place) != places.end();
  };
  return has(kDrawnValidation) ? "validation" : has(kDrawnTest) ? "test" : "train";
}

float peak_of(const std::vector<float>& samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

/// Each part scaled to its peak and weighted; the sum has the peak 1. Silence stays silence.
std::vector<float> mix_of_peaks(const std::vector<float>& drums, const std::vector<float>& accompaniment,
                                float drum_share) {
  std::vector<float> mix(std::max(drums.size(), accompaniment.size()));
  const auto add = [&mix](const std::vector<float>& part, float share) {
    const float peak = peak_of(part);
    if (peak == 0) return;
    for (std::size_t i = 0; i < part.size(); ++i) mix[i] += part[i] / peak * share;
  };
  add(drums, drum_share);
  add(accompaniment, 1 - drum_share);
  const float peak = peak_of(mix);
  if (peak > 0) {
    for (float& sample : mix) sample /= peak;
  }
  return mix;
}

/// Lists of the track of drums alone.
std::vector<std::string> drum_lists(const Recording& recording) {
  const bool accompanied = !recording.accompaniment.empty();
  std::vector<std::string> lists = {"all_dtp"};
  if (recording.drummer < 3 || accompanied) lists.push_back(fmt::format("drummer_{}_dtp", recording.drummer));
  if (recording.drummer < 3) lists.push_back("drummer_1_2_dtp");
  if (accompanied) {
    if (!recording.drawn.empty()) lists.push_back(recording.drawn + "_dtp");
    return lists;
  }
  // Where there is no accompaniment, the lists of mixes have the drums.
  lists.insert(lists.end(), {"all_dtd", "all_dtm"});
  if (recording.drummer == 3) {
    lists.push_back("drummer_3_dtd");
  } else {
    lists.insert(lists.end(), {fmt::format("drummer_{}_dtm", recording.drummer), "drummer_1_2_dtm"});
  }
  return lists;
}

/// Lists of a track with accompaniment; `ratio` is "r1" or "r2". None: the track is not needed.
std::vector<std::string> mix_lists(const Recording& recording, const std::string& ratio) {
  std::vector<std::string> lists;
  if (recording.drummer == 3) lists.push_back("drummer_3_dtm_" + ratio);
  if (ratio == "r2") {
    lists.push_back("all_dtm");
    if (recording.drummer < 3) {
      lists.insert(lists.end(), {fmt::format("drummer_{}_dtm", recording.drummer), "drummer_1_2_dtm"});
    }
  }
  if (!recording.drawn.empty() && (ratio == "r2" || recording.drawn != "train")) {
    lists.push_back(recording.drawn + "_dtm");
  }
  return lists;
}

PreparedItem read(const Recording& recording) {
  PreparedItem item;
  const auto notes = parse_enst_annotation(read_text_file(recording.annotation), recording.annotation.string());
  add_recording(item, "drums", recording.drums);
  const bool accompanied = !recording.accompaniment.empty();

  PreparedTrack drums;
  drums.id = accompanied ? recording.id + "_dtp" : recording.id;
  drums.split = recording.drummer == 3 ? "test" : "train";
  drums.lists = drum_lists(recording);
  drums.stems = {{kDrumProgram, "drums", notes}};
  item.tracks.push_back(std::move(drums));
  if (!accompanied) return item;

  add_recording(item, "accompaniment", recording.accompaniment);
  for (const auto& [ratio, drum_share] : {std::pair{"r2", 0.6F}, std::pair{"r1", 0.75F}}) {
    PreparedTrack mixed;
    mixed.lists = mix_lists(recording, ratio);
    if (mixed.lists.empty()) continue;
    mixed.id = fmt::format("{}_dtm_{}", recording.id, ratio);
    // Not "train" and "test", where the same drums would be found twice.
    mixed.split = fmt::format("{}_dtm_{}", recording.drummer == 3 ? "test" : "train", ratio);
    mixed.stems = {{kDrumProgram, "drums", notes}, {kUnannotatedProgram, "accompaniment", {}}};
    mixed.mix = fmt::format("mix_{}", ratio);
    auto samples = mix_of_peaks(item.sounds[0].samples, item.sounds[1].samples, drum_share);
    item.sounds.push_back({mixed.mix, std::move(samples)});
    item.tracks.push_back(std::move(mixed));
  }
  return item;
}

bool begins_with_number(const std::string& name) {
  return name.size() > 3 &&
         std::all_of(name.begin(), name.begin() + 3, [](unsigned char c) { return std::isdigit(c); });
}

}  // namespace

std::string EnstDrumsDataSet::layout() const {
  return "drummer_1/annotation/*.txt\n"
         "drummer_1/audio/wet_mix/*.wav (the same names)\n"
         "drummer_1/audio/accompaniment/*.wav (of those with minus-one in the name)\n"
         "drummer_2/ and drummer_3/ likewise";
}

std::vector<std::string> EnstDrumsDataSet::lists() const {
  return {"train",         "test",          "train_dtm_r1",     "train_dtm_r2",     "test_dtm_r1",   "test_dtm_r2",
          "drummer_1_dtp", "drummer_2_dtp", "drummer_1_2_dtp",  "drummer_1_dtm",    "drummer_2_dtm", "drummer_1_2_dtm",
          "drummer_3_dtd", "drummer_3_dtp", "drummer_3_dtm_r1", "drummer_3_dtm_r2", "all_dtd",       "all_dtp",
          "all_dtm",       "train_dtp",     "validation_dtp",   "test_dtp",         "train_dtm",     "validation_dtm",
          "test_dtm"};
}

DataSetPlan EnstDrumsDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  DataSetPlan plan;
  std::vector<Recording> recordings;
  std::set<std::string> ids;
  fs::path root;
  for (int drummer = 1; drummer <= 3 && root.empty(); ++drummer) {
    root = source_folder(source, fmt::format("drummer_{}/annotation", drummer));
  }
  if (root.empty()) fail(ErrorCode::kNotFound, "{}: no ENST-Drums, which has\n{}", source.string(), layout());

  for (int drummer = 1; drummer <= 3; ++drummer) {
    const fs::path folder = root / fmt::format("drummer_{}", drummer);
    const auto annotations = files_with_extension(folder / "annotation", ".txt");
    const std::size_t expected = kRecordings[drummer - 1];
    if (annotations.size() != expected) {
      plan.remarks.push_back(
          fmt::format("{}: {} of {} annotations", (folder / "annotation").string(), annotations.size(), expected));
    }
    for (const fs::path& annotation : annotations) {
      const std::string name = annotation.stem().string();
      if (!begins_with_number(name)) {
        plan.remarks.push_back(annotation.string() + ": left out, its name does not begin with three digits");
        continue;
      }
      Recording recording;
      recording.drummer = drummer;
      recording.id = fmt::format("{}_{}", drummer, name.substr(0, 3));
      recording.annotation = annotation;
      recording.drums = folder / "audio" / "wet_mix" / (name + ".wav");
      if (!ids.insert(recording.id).second) {
        plan.remarks.push_back(annotation.string() + ": left out, another annotation has this number");
        continue;
      }
      if (name.find("minus-one") != std::string::npos) {
        recording.accompaniment = folder / "audio" / "accompaniment" / (name + ".wav");
      }
      recordings.push_back(std::move(recording));
    }
  }

  const auto accompanied = std::count_if(recordings.begin(), recordings.end(),
                                         [](const Recording& recording) { return !recording.accompaniment.empty(); });
  if (accompanied == kWithAccompaniment) {
    int place = 0;
    for (Recording& recording : recordings) {
      if (!recording.accompaniment.empty()) recording.drawn = drawn_part(place++);
    }
  } else {
    plan.remarks.push_back(fmt::format(
        "{}: {} recordings with accompaniment, of {}; the lists train_dtp, validation_dtp, test_dtp, train_dtm, "
        "validation_dtm and test_dtm, which count through all of them, are left out",
        root.string(), accompanied, kWithAccompaniment));
  }
  for (Recording& recording : recordings) {
    PlannedItem item;
    item.id = recording.id;
    item.files = {recording.annotation, recording.drums};
    if (!recording.accompaniment.empty()) item.files.push_back(recording.accompaniment);
    item.context = recording.drawn;
    item.read = [recording = std::move(recording)] { return read(recording); };
    plan.items.push_back(std::move(item));
  }
  return plan;
}

}  // namespace yourmt3
