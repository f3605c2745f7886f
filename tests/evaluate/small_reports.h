#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "evaluate/report.h"
#include "evaluate/small_sets.h"

namespace yourmt3::testing {

/// A set that was transcribed by somebody who gets half of the notes right, and of track "b" a quarter.
inline SetResult half_right(EvaluationSet options) {
  const OpenedSet set(std::move(options));
  SetResult result{set, {}, {}};
  MetricAverage average;
  for (const EvaluationTrack& item : set.tracks()) {
    TimedTranscription heard;
    const std::vector<Note> reference = set.reference(item);
    const std::size_t part = item.track->info.id == "b" ? 4 : 2;
    heard.heard.notes = partly_right(reference, reference.size() / part);
    heard.seconds = 0.5;
    result.tracks.push_back(score_track(set, item, std::move(heard)));
    result.tracks.back().kept_as = item.track->info.id + ".json";
    average.add(result.tracks.back().metrics);
  }
  result.means = average.result();
  return result;
}

/// A folder with a store of three complete tracks and one with a partly annotated one, and reports on them.
class SmallReports {
 public:
  SmallReports() {
    {
      StoreWriter writer(folder_ / "band");
      add_track(writer, "a", {0, 33, kDrumProgram}, 5);
      add_track(writer, "b", {0, 48}, 9);
      add_track(writer, "c", {33, kDrumProgram}, 3);
      writer.commit();
    }
    StoreWriter writer(folder_ / "voice");
    add_track(writer, "d", {kSingingProgram, kUnannotatedProgram}, 4);
    writer.commit();
  }

  EvaluationSet band() const {
    EvaluationSet set;
    set.name = "slakh";
    set.store = folder_ / "band";
    set.classes = "GM_INSTR_CLASS";
    set.drums = "ksh";
    return set;
  }
  EvaluationSet voice(bool score_unannotated) const {
    EvaluationSet set;
    set.name = "mir_st500";
    set.store = folder_ / "voice";
    set.classes = "SINGING_SOLO_CLASS";
    set.score_unannotated = score_unannotated;
    return set;
  }
  EvaluationReport report(const std::string& title = "Small sets") const {
    return {title, "models/tiny.safetensors", "0123456789abcdef", {half_right(band()), half_right(voice(true))}};
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

}  // namespace yourmt3::testing
