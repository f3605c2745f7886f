#include "prepare/verify_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "core/fail.h"
#include "core/parallel.h"
#include "data/store.h"
#include "data/synthesizer.h"
#include "data/wav.h"
#include "prepare/item_record.h"
#include "prepare/manifest.h"
#include "prepare/store_index.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

class StoreVerification {
 public:
  StoreVerification(const fs::path& folder, int threads, const ProgressCallback& progress)
      : folder_(folder), threads_(threads), progress_(progress) {}

  std::vector<std::string> run() {
    read_manifest_and_index();
    std::atomic<std::size_t> done = 0;
    parallel_for(tracks_.size(), threads_, [&](std::size_t i) {
      check_track(tracks_[i]);
      report_progress(progress_, static_cast<double>(++done), static_cast<double>(tracks_.size()));
    });
    check_files();
    std::sort(problems_.begin(), problems_.end());
    return std::move(problems_);
  }

 private:
  void add(const std::string& file, std::string_view problem) {
    const std::lock_guard lock(mutex_);
    problems_.push_back(fmt::format("{}: {}", file, problem));
  }

  /// Without the folder's own name, which errors of readers begin with.
  std::string below(std::string message) const {
    const std::string prefix = folder_.string() + "/";
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  }

  void read_manifest_and_index() {
    try {
      const auto manifest = read_manifest(folder_);
      if (manifest && !manifest->complete) add(kManifestName, "the run that wrote this was not finished");
      late_notes_are_right_ = manifest && manifest->options.as_reference;
      if (manifest && manifest->complete) told_tracks_ = manifest->tracks;
    } catch (const Error& error) {
      problems_.push_back(below(error.what()));
    }
    tracks_ = read_store_index(folder_, [this](std::size_t line, std::string_view problem) {
      add("index.jsonl", fmt::format("line {}: {}", line, problem));
    });
    std::set<std::string> ids;
    for (const TrackInfo& track : tracks_) {
      if (!ids.insert(track.id).second) add("index.jsonl", fmt::format("a second track '{}'", track.id));
    }
    if (told_tracks_ && *told_tracks_ != tracks_.size()) {
      add("index.jsonl", fmt::format("{} tracks, expected {}", tracks_.size(), *told_tracks_));
    }
    for (const TrackInfo& track : tracks_) {
      referred_.insert(track.notes_file);
      if (!track.mix_file.empty()) referred_.insert(track.mix_file);
      for (const StemInfo& stem : track.stems) referred_.insert(stem.file);
    }
  }

  /// Samples of a sound, 0 for one that is broken, which is added to the problems once.
  std::size_t samples_of(const std::string& file) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = samples_.find(file); found != samples_.end()) return found->second;
    }
    std::size_t samples = 0;
    std::string problem;
    try {
      samples = StemWav(folder_ / file).samples().size();
      if (samples == 0) problem = file + ": no sound in it";
    } catch (const Error& error) {
      problem = below(error.what());
    }
    const std::lock_guard lock(mutex_);
    if (samples_.emplace(file, samples).second && !problem.empty()) problems_.push_back(problem);
    return samples;
  }

  void check_track(const TrackInfo& track) {
    std::vector<std::size_t> samples;
    for (const StemInfo& stem : track.stems) samples.push_back(samples_of(stem.file));
    std::size_t longest = track.mix_file.empty() ? 0 : samples_of(track.mix_file);
    bool whole = track.mix_file.empty() || longest > 0;
    for (const std::size_t count : samples) {
      longest = std::max(longest, count);
      whole = whole && count > 0;
    }
    const double seconds = static_cast<double>(longest) / kRenderRate;
    // A stem may be shorter than its track, so a track without its longest one says nothing of the others.
    if (whole && std::abs(seconds - track.seconds) > 1.0 / kRenderRate && told_tracks_) {
      add(track.stems.empty() ? track.mix_file : track.stems.front().file,
          fmt::format("the sounds of track '{}' last {:.4f} s, expected {:.4f} s", track.id, seconds, track.seconds));
    }
    try {
      const auto lists = parse_stem_notes(read_text_file(folder_ / track.notes_file), track.stems);
      for (std::size_t i = 0; i < lists.size(); ++i) {
        if (samples[i] == 0 || late_notes_are_right_) continue;
        const double end_sec = static_cast<double>(samples[i]) / kRenderRate;
        const auto late = std::count_if(lists[i].begin(), lists[i].end(),
                                        [&](const Note& note) { return !(note.onset_sec < end_sec); });
        const auto early =
            std::count_if(lists[i].begin(), lists[i].end(), [](const Note& note) { return note.onset_sec < 0; });
        if (late + early > 0) {
          add(track.notes_file,
              fmt::format("{} notes of {} begin outside its {:.2f} s", late + early, track.stems[i].file, end_sec));
        }
      }
    } catch (const Error& error) {
      const std::lock_guard lock(mutex_);
      problems_.push_back(below(error.what()));
    } catch (const std::exception& error) {
      add(track.notes_file, error.what());
    }
  }

  /// Files on the disk against those that are referred to, and against the records of items.
  void check_files() {
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_directory()) continue;
      const fs::path relative = entry.path().lexically_relative(folder_);
      const std::string name = relative.generic_string();
      if (name == "index.jsonl" || name == kManifestName || referred_.contains(name)) continue;
      if (relative.filename() == kItemRecordName && relative.has_parent_path()) {
        check_record(relative);
      } else {
        add(name, "nothing refers to it");
      }
    }
  }

  void check_record(const fs::path& relative) {
    try {
      const ItemRecord record = parse_item_record(read_text_file(folder_ / relative));
      for (const auto& [file, told] : record.samples) {
        const std::string name = (relative.parent_path() / file).generic_string();
        const auto found = samples_.find(name);
        if (found != samples_.end() && found->second != 0 && found->second != told) {
          add(name, fmt::format("{} samples, expected {}", found->second, told));
        }
      }
    } catch (const std::exception& error) {
      add(relative.generic_string(), error.what());
    }
  }

  const fs::path& folder_;
  int threads_;
  const ProgressCallback& progress_;
  std::vector<TrackInfo> tracks_;
  std::optional<std::size_t> told_tracks_;  ///< Of a store that was prepared from a data set.
  bool late_notes_are_right_ = false;
  std::set<std::string> referred_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> samples_;  ///< By file.
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> verify_store(const fs::path& folder, int threads, const ProgressCallback& progress) {
  return StoreVerification(folder, threads, progress).run();
}

}  // namespace yourmt3
