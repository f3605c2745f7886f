#include "prepare/folder_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "audio/recording_names.h"
#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/files_below.h"
#include "prepare/item_writer.h"
#include "prepare/recording.h"
#include "score/note_file.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

// Most names that are not written in lower case are those of MIDI.
constexpr std::array kNoteExtensions = {".mid", ".midi", ".MID", ".MIDI", ".json", ".csv"};
constexpr std::string_view kMix = "mix";

/// A recording, or a stem of one, and its notes.
struct Pair {
  fs::path audio;
  fs::path notes;  ///< Empty where there are none.
};

/// Pairs of one folder by their common name.
using Pairs = std::map<std::string, Pair>;

/// "00-piano", as `synth --stems` names them.
bool is_numbered(const std::string& name) {
  return name.size() > 3 && std::isdigit(static_cast<unsigned char>(name[0])) != 0 &&
         std::isdigit(static_cast<unsigned char>(name[1])) != 0 && name[2] == '-';
}

/// Whether the pairs of a folder are stems of one song.
bool are_stems(const fs::path& folder, const Pairs& pairs) {
  if (folder.filename() == "stems") return true;
  if (pairs.contains(std::string(kMix)) && pairs.size() > 1) return true;
  // From zero: the songs of an album are called 01-NAME, 02-NAME ...
  return pairs.size() > 1 && pairs.begin()->first.starts_with("00") &&
         std::all_of(pairs.begin(), pairs.end(), [](const auto& pair) { return is_numbered(pair.first); });
}

fs::path notes_beside(const fs::path& audio) {
  std::error_code error;
  for (const char* extension : kNoteExtensions) {
    fs::path notes = fs::path(audio).replace_extension(extension);
    if (fs::is_regular_file(notes, error)) return notes;
  }
  return {};
}

/// By folder.
std::map<fs::path, Pairs> find_pairs(const fs::path& source, std::vector<std::string>& remarks) {
  std::map<fs::path, Pairs> pairs;
  for (const fs::path& audio : files_below(source, remarks)) {
    // What `transcribe --format wav` wrote is no recording.
    if (!has_recording_extension(audio) || audio.stem().extension() == ".transcribed") continue;
    const auto [place, is_new] =
        pairs[audio.parent_path()].emplace(audio.stem().string(), Pair{audio, notes_beside(audio)});
    if (!is_new) {
      remarks.push_back(fmt::format("{}: left out, there is {} of the same name",
                                    audio.lexically_relative(source).string(),
                                    place->second.audio.filename().string()));
    }
  }
  return pairs;
}

std::string split_named_in(const fs::path& path) {
  static const std::map<std::string, std::string> kNames = {
      {"train", "train"},      {"training", "train"}, {"validation", "validation"},
      {"valid", "validation"}, {"val", "validation"}, {"dev", "validation"},
      {"test", "test"}};
  for (const fs::path& part : path) {
    if (const auto found = kNames.find(part.string()); found != kNames.end()) return found->second;
  }
  return {};
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  // FNV-1a, then the finalizer of SplitMix64, without which similar names would fall close to each other.
  std::uint64_t hash = 14695981039346656037u ^ (seed * 0x9E3779B97F4A7C15u);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

/// A path below the source as the name of one folder.
std::string id_of(const fs::path& name) {
  std::string id;
  for (const fs::path& part : name) id += (id.empty() ? "" : "__") + part.string();
  return is_plain_name(id) ? id : fmt::format("recording-{:016x}", hash_of(id, 0));
}

PreparedItem read_pair(const Pair& pair, const std::string& id, const std::string& split) {
  if (pair.notes.empty()) {
    fail(ErrorCode::kNotFound, "{}: no notes beside it ({} with .mid, .midi, .json or .csv)", pair.audio.string(),
         pair.audio.stem().string());
  }
  PreparedItem item;
  PreparedTrack track;
  track.id = id;
  track.split = split;
  std::vector<Note> notes = read_note_file(pair.notes);
  if (notes.empty()) fail(ErrorCode::kMalformed, "{}: no notes in it", pair.notes.string());
  std::vector<int> programs = programs_of(notes);
  track.stems.push_back({0, "mix", std::move(notes), std::move(programs)});
  add_recording(item, "mix", pair.audio);
  item.tracks.push_back(std::move(track));
  return item;
}

/// The program with the most notes.
int main_program(const std::vector<Note>& notes) {
  std::map<int, int> counts;
  for (const Note& note : notes) ++counts[note.program];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

/// A stem; the instrument is that of its notes.
PreparedTrack::Stem read_stem(const std::string& name, const Pair& pair, std::vector<std::string>& remarks) {
  PreparedTrack::Stem stem{kUnannotatedProgram, name, {}};
  if (!pair.notes.empty()) stem.notes = read_note_file(pair.notes);
  if (stem.notes.empty()) {
    remarks.push_back(fmt::format("{}: no notes {}; it is taken for sound that is not annotated", name,
                                  pair.notes.empty() ? "beside it" : "in its file"));
    return stem;
  }
  stem.program = main_program(stem.notes);
  const std::size_t programs = programs_of(stem.notes).size();
  if (programs > 1) {
    remarks.push_back(
        fmt::format("{}: notes of {} programs, all are taken for program {}", name, programs, stem.program));
  }
  for (Note& note : stem.notes) {
    note.program = stem.program;
    note.is_drum = stem.program == kDrumProgram;
  }
  return stem;
}

PreparedItem read_song(const Pairs& pairs, const fs::path& mix, const std::string& id, const std::string& split) {
  PreparedItem item;
  PreparedTrack track;
  track.id = id;
  track.split = split;
  bool annotated = false;
  for (const auto& [name, pair] : pairs) {
    track.stems.push_back(read_stem(name, pair, item.remarks));
    annotated = annotated || !track.stems.back().notes.empty();
  }
  if (!annotated) {
    fail(ErrorCode::kNotFound, "{}: no notes beside any stem (NAME.mid, .midi, .json or .csv)",
         pairs.begin()->second.audio.parent_path().string());
  }
  for (const auto& [name, pair] : pairs) add_recording(item, name, pair.audio);
  if (!mix.empty()) {
    track.mix = kMix;
    add_recording(item, track.mix, mix);
  }
  item.tracks.push_back(std::move(track));
  return item;
}

std::vector<fs::path> files_of(const Pair& pair) {
  return pair.notes.empty() ? std::vector{pair.audio} : std::vector{pair.audio, pair.notes};
}

class Planner {
 public:
  Planner(const fs::path& source, std::uint64_t seed) : source_(source), seed_(seed) {}

  DataSetPlan plan() {
    auto folders = find_pairs(source_, plan_.remarks);
    // A folder "stems" has its mix, if any, in the folder that it lies in.
    std::map<fs::path, fs::path> mixes;
    for (auto& [folder, pairs] : folders) {
      if (folder.filename() != "stems" || folder == source_) continue;
      const auto song = folders.find(folder.parent_path());
      if (song == folders.end()) continue;
      if (const auto mix = song->second.find(std::string(kMix)); mix != song->second.end()) {
        mixes[folder] = mix->second.audio;
        song->second.erase(mix);
      }
    }
    for (auto& [folder, pairs] : folders) {
      if (pairs.empty()) continue;
      if (are_stems(folder, pairs)) {
        add_song(folder, std::move(pairs), mixes[folder]);
      } else {
        for (const auto& [name, pair] : pairs) add_pair(folder / name, pair);
      }
    }
    std::sort(plan_.items.begin(), plan_.items.end(),
              [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
    for (const char* split : {"train", "validation", "test"}) {
      if (drawn_ && !splits_.contains(split)) {
        plan_.remarks.push_back(fmt::format(
            "no recording was drawn for {}; lay them into folders train, validation and test, or take another --seed",
            split));
      }
    }
    return std::move(plan_);
  }

 private:
  std::string split_of(const fs::path& name) {
    std::string split = split_named_in(name.parent_path());
    if (split.empty()) {
      split = drawn_split(name.generic_string(), seed_);
      drawn_ = true;
    }
    splits_.insert(split);
    return split;
  }

  void add(const fs::path& name, PlannedItem item, const std::string& split) {
    item.id = id_of(name);
    item.context = split;
    plan_.items.push_back(std::move(item));
  }

  void add_pair(const fs::path& without_extension, const Pair& pair) {
    const fs::path name = without_extension.lexically_relative(source_);
    const std::string split = split_of(name);
    PlannedItem item;
    item.files = files_of(pair);
    item.read = [pair, id = id_of(name), split] { return read_pair(pair, id, split); };
    add(name, std::move(item), split);
  }

  void add_song(const fs::path& folder, Pairs pairs, fs::path mix) {
    if (const auto found = pairs.find(std::string(kMix)); found != pairs.end()) {
      mix = found->second.audio;
      pairs.erase(found);
    }
    const bool inside = folder.filename() == "stems" && folder != source_;
    fs::path name = (inside ? folder.parent_path() : folder).lexically_relative(source_);
    if (name == ".") name = "song";
    const std::string split = split_of(name);
    PlannedItem item;
    for (const auto& [stem, pair] : pairs) {
      for (const fs::path& file : files_of(pair)) item.files.push_back(file);
    }
    if (!mix.empty()) item.files.push_back(mix);
    item.read = [pairs = std::move(pairs), mix, id = id_of(name), split] { return read_song(pairs, mix, id, split); };
    add(name, std::move(item), split);
  }

  const fs::path source_;
  std::uint64_t seed_;
  DataSetPlan plan_;
  std::set<std::string> splits_;
  bool drawn_ = false;
};

}  // namespace

std::string drawn_split(std::string_view name, std::uint64_t seed) {
  const std::uint64_t tenth = hash_of(name, seed) % 10;
  return tenth == 8 ? "validation" : tenth == 9 ? "test" : "train";
}

std::string FolderDataSet::layout() const {
  return "NAME.wav (.flac, .mp3, .m4a ...) beside NAME.mid (.midi, or .json or .csv of this program), in any folders\n"
         "or a folder for each song: stems A.wav and A.mid, B.wav and B.mid ..., and mix.wav; without mix.wav the\n"
         "  stems lie in a folder 'stems' of the song's folder, or are called 00-A.wav, 01-B.wav ...\n"
         "below folders train, validation and test, or else drawn, eight to one to one";
}

DataSetPlan FolderDataSet::plan(const fs::path& source, const DataSetOptions& options) const {
  DataSetPlan plan = Planner(source, options.seed).plan();
  if (plan.items.empty()) {
    fail(ErrorCode::kNotFound, "{}: no recordings in it; expected is\n{}", source.string(), layout());
  }
  return plan;
}

}  // namespace yourmt3
