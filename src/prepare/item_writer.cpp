#include "prepare/item_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/printable_text.h"
#include "data/store.h"
#include "data/synthesizer.h"
#include "data/wav.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

double seconds_of(std::size_t samples) {
  return static_cast<double>(samples) / kRenderRate;
}

/// Notes of one stem that can be stored, and how many of the others there were and why.
struct NoteSieve {
  double end_sec = 0;  ///< Of the sound.
  bool keep_late = false;
  std::size_t taken = 0, without_time = 0, beyond_pitch = 0, late = 0;
  double last_onset_sec = 0;

  std::vector<Note> pass(std::vector<Note> notes) {
    std::erase_if(notes, [&](const Note& note) {
      const bool timed = std::isfinite(note.onset_sec) && std::isfinite(note.offset_sec) && note.onset_sec >= 0 &&
                         note.offset_sec >= note.onset_sec;
      const bool playable = note.pitch >= 0 && note.pitch <= 127;
      const bool is_late = timed && note.onset_sec >= end_sec;
      if (!timed) ++without_time;
      if (timed && !playable) ++beyond_pitch;
      if (is_late) {
        ++late;
        last_onset_sec = std::max(last_onset_sec, note.onset_sec);
      }
      return !timed || !playable || (is_late && !keep_late);
    });
    taken += notes.size();
    return notes;
  }
};

class ItemWriter {
 public:
  ItemWriter(const fs::path& folder, const std::string& item_id, PreparedItem item, const ItemOrigin& origin)
      : folder_(folder), item_id_(item_id), item_(std::move(item)), origin_(origin) {
    for (const PreparedSound& sound : item_.sounds) {
      if (!is_plain_name(sound.name) || !samples_.emplace(sound.name + ".wav", sound.samples.size()).second) {
        fail(ErrorCode::kMalformed,
             "'{}' is the name of two sounds, or cannot be a file's: no UTF-8, hidden, or too long",
             printable_text(sound.name));
      }
      if (sound.samples.empty()) fail(ErrorCode::kMalformed, "{}: no sound in it", sound.name);
    }
    if (item_.tracks.empty()) fail(ErrorCode::kMalformed, "no track in it");
  }

  ItemRecord write(const std::string& key) {
    ItemRecord record;
    record.key = key;
    // Notes first: what makes no sense is then known before minutes of sound are written.
    for (PreparedTrack& track : item_.tracks) record.index_lines.push_back(write_track(track));
    for (const PreparedSound& sound : item_.sounds) write_stem_wav(folder_ / (sound.name + ".wav"), sound.samples);
    record.samples = samples_;
    record.remarks = item_.remarks;
    write_file_atomically(folder_ / kItemRecordName, item_record_text(record));
    return record;
  }

 private:
  std::size_t samples_of(const std::string& sound) const {
    const auto found = samples_.find(sound + ".wav");
    if (found == samples_.end()) fail(ErrorCode::kMalformed, "a track uses the sound '{}', which is not there", sound);
    return found->second;
  }

  std::string stored(const std::string& file) const { return (fs::path(item_id_) / file).generic_string(); }

  std::string write_track(PreparedTrack& track) {
    if (!is_plain_name(track.id) || track.stems.empty() || track.split.empty()) {
      fail(ErrorCode::kMalformed, "track '{}' has no stems, no split, or a name that cannot be a file's", track.id);
    }
    TrackInfo info;
    info.id = track.id;
    info.source = origin_.title + " " + item_id_;
    info.licence = origin_.licence;
    info.split = track.split;
    info.lists = track.lists;
    std::set<int> annotated;
    std::vector<std::vector<Note>> notes;
    std::size_t found = 0, taken = 0, longest = 0;
    if (!track.mix.empty()) {
      longest = samples_of(track.mix);
      info.mix_file = stored(track.mix + ".wav");
    }
    for (PreparedTrack::Stem& stem : track.stems) {
      const std::size_t samples = samples_of(stem.sound);
      longest = std::max(longest, samples);
      StemInfo& stored_stem = info.stems.emplace_back();
      stored_stem.file = stored(stem.sound + ".wav");
      stored_stem.program = stem.program;
      std::set<int> programs(stem.programs.begin(), stem.programs.end());
      for (Note& note : stem.notes) {
        if (note.is_drum) note.program = kDrumProgram;
        if (!programs.empty()) programs.insert(note.program);
      }
      if (!programs.empty()) stored_stem.program = kUnannotatedProgram;
      stored_stem.programs.assign(programs.begin(), programs.end());
      annotated.insert(programs.begin(), programs.end());
      if (programs.empty()) annotated.insert(stem.program);
      found += stem.notes.size();
      NoteSieve sieve{seconds_of(samples), origin_.keep_late_notes};
      notes.push_back(sieve.pass(std::move(stem.notes)));
      taken += sieve.taken;
      remark(track, stem, sieve);
    }
    if (found > 0 && taken == 0) {
      fail(ErrorCode::kMalformed, "{}: none of its {} notes lies in the {:.1f} s of its sound", track.id, found,
           seconds_of(longest));
    }
    annotated.erase(kUnannotatedProgram);
    info.annotated.assign(annotated.begin(), annotated.end());
    info.seconds = seconds_of(longest);
    const std::string notes_name = track.id + ".notes.json";
    info.notes_file = stored(notes_name);
    write_file_atomically(folder_ / notes_name, stem_notes_text(notes, info.stems));
    return index_line(info);
  }

  void remark(const PreparedTrack& track, const PreparedTrack::Stem& stem, const NoteSieve& sieve) {
    // As much of a name as tells it from others; the item's own is added later.
    std::string name = item_.tracks.size() > 1 ? track.id : "";
    if (track.stems.size() > 1) name += (name.empty() ? "" : ", ") + stem.sound;
    if (!name.empty()) name += ": ";
    const std::size_t all = sieve.taken + sieve.without_time + sieve.beyond_pitch;
    if (sieve.without_time > 0) {
      item_.remarks.push_back(
          fmt::format("{}{} notes without a time or length that can be are left out", name, sieve.without_time));
    }
    if (sieve.beyond_pitch > 0) {
      item_.remarks.push_back(
          fmt::format("{}{} notes with a pitch beyond 0-127 are left out", name, sieve.beyond_pitch));
    }
    if (sieve.late > 0) {
      item_.remarks.push_back(
          fmt::format("{}{} of {} notes begin after the end of the sound at {:.2f} s, the last at {:.2f} s{}", name,
                      sieve.late, origin_.keep_late_notes ? all : all + sieve.late, sieve.end_sec, sieve.last_onset_sec,
                      origin_.keep_late_notes ? "" : "; they are left out"));
    }
  }

  fs::path folder_;
  std::string item_id_;
  PreparedItem item_;
  const ItemOrigin& origin_;
  std::map<std::string, std::size_t> samples_;  ///< By name of file.
};

}  // namespace

ItemRecord write_item(const fs::path& folder, const std::string& item_id, PreparedItem item, const std::string& key,
                      const ItemOrigin& origin) {
  return ItemWriter(folder, item_id, std::move(item), origin).write(key);
}

bool is_plain_name(std::string_view name) {
  // Most file systems take 255 bytes; ".notes.json" and the name of a temporary file come on top.
  return !name.empty() && name.size() <= 180 && name.front() != '.' &&
         name.find_first_of("/\\") == std::string_view::npos && printable_text(name) == name;
}

}  // namespace yourmt3
