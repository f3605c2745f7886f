#include "prepare/slakh_data_set.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/recording.h"
#include "prepare/slakh_metadata.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSplits = {"train", "validation", "test"};
/// Its samples sound where they are written; all other basses of Slakh sound an octave lower.
constexpr std::string_view kBassAtPitch = "scarbee_jay_bass_slap_both.nkm";

bool is_track(const fs::path& folder) {
  std::error_code error;
  return folder.filename().string().starts_with("Track") && fs::is_directory(folder, error);
}

std::vector<fs::path> track_folders(const fs::path& folder) {
  std::vector<fs::path> tracks;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_track(entry.path())) tracks.push_back(entry.path());
  }
  std::sort(tracks.begin(), tracks.end());
  return tracks;
}

bool is_root(const fs::path& folder) {
  return !track_folders(folder).empty() || std::any_of(kSplits.begin(), kSplits.end(), [&](const char* split) {
    return !track_folders(folder / split).empty();
  });
}

/// Of tracks that lie in the root itself: one of the splits alone, or babyslakh_16k, the first twenty for training.
std::string split_of_tracks_in(const fs::path& root) {
  fs::path folder = fs::absolute(root).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const auto* split = std::find(kSplits.begin(), kSplits.end(), folder.filename());
  return split == kSplits.end() ? "train" : *split;
}

/// The folder itself or those in it that are a distribution.
std::vector<fs::path> find_roots(const fs::path& source) {
  if (is_root(source)) return {source};
  std::vector<fs::path> roots;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(source, error)) {
    if (entry.is_directory(error) && is_root(entry.path())) roots.push_back(entry.path());
  }
  std::sort(roots.begin(), roots.end());
  return roots;
}

/// The file of that name with whichever extension the distribution has; FLAC where there is none.
fs::path sound_file(const fs::path& without_extension) {
  const fs::path wav = without_extension.string() + ".wav";
  std::error_code error;
  return fs::exists(wav, error) ? wav : fs::path(without_extension.string() + ".flac");
}

std::vector<Note> stem_notes(const SlakhStem& stem, const fs::path& file, std::vector<std::string>& remarks) {
  MidiNoteOptions options;
  options.all_drums = stem.is_drum();
  options.missing_program = stem.program;
  std::vector<Note> notes = read_midi_notes(file, options);
  const bool octave_lower = stem.program >= 32 && stem.program <= 39 && stem.plugin != kBassAtPitch;
  std::set<int> others;
  for (Note& note : notes) {
    if (octave_lower) note.pitch -= 12;
    if (note.program != stem.program) others.insert(note.program);
    note.program = stem.program;
  }
  if (!others.empty()) {
    remarks.push_back(fmt::format("{}: program {} in its MIDI, {} in metadata.yaml, which is taken", stem.id,
                                  fmt::join(others, ", "), stem.program));
  }
  return notes;
}

PreparedItem read_track(const fs::path& folder, const std::string& split) {
  const fs::path metadata = folder / "metadata.yaml";
  const auto stems = parse_slakh_metadata(read_text_file(metadata), metadata.string());
  PreparedItem item;
  PreparedTrack track;
  track.id = folder.filename().string();
  track.split = split;
  track.mix = "mix";
  // Broken annotation is then known before the sound is read, which takes a hundred times as long.
  std::vector<std::pair<std::string, fs::path>> sounds = {{"mix", sound_file(folder / "mix")}};
  for (const SlakhStem& stem : stems) {
    const fs::path sound = sound_file(folder / "stems" / stem.id), midi = folder / "MIDI" / (stem.id + ".mid");
    const bool has_sound = fs::exists(sound), has_midi = fs::exists(midi);
    if (has_sound && has_midi) {
      track.stems.push_back({stem.program, stem.id, stem_notes(stem, midi, item.remarks)});
      sounds.emplace_back(stem.id, sound);
    } else if (has_sound || has_midi || (stem.has_audio && stem.has_midi)) {
      item.remarks.push_back(fmt::format("{}: {} missing; the stem is left out", stem.id,
                                         has_sound  ? "its MIDI is"
                                         : has_midi ? "its sound is"
                                                    : "its sound and MIDI are"));
    }
  }
  if (track.stems.empty()) fail(ErrorCode::kNotFound, "{}: no stem with sound and MIDI in it", folder.string());
  for (const auto& [name, file] : sounds) add_recording(item, name, file);
  item.tracks.push_back(std::move(track));
  return item;
}

PlannedItem plan_track(const fs::path& folder, const std::string& split) {
  PlannedItem item;
  item.id = folder.filename().string();
  item.files = {folder / "metadata.yaml", sound_file(folder / "mix")};
  std::error_code error;
  for (const char* name : {"stems", "MIDI"}) {
    for (const auto& entry : fs::directory_iterator(folder / name, error)) item.files.push_back(entry.path());
  }
  std::sort(item.files.begin(), item.files.end());
  item.context = split;
  item.read = [folder, split] { return read_track(folder, split); };
  return item;
}

}  // namespace

std::string SlakhDataSet::layout() const {
  return "slakh2100_flac_redux/train/Track00001/metadata.yaml, mix.flac, stems/S00.flac ..., MIDI/S00.mid ...\n"
         "  likewise validation and test\n"
         "or the original slakh2100_flac, or babyslakh_16k/Track00001/... with .wav, all of which is split train";
}

DataSetPlan SlakhDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const auto roots = find_roots(source);
  if (roots.empty()) {
    fail(ErrorCode::kNotFound, "{}: no Slakh2100 in it; expected is\n{}", source.string(), layout());
  }
  if (roots.size() > 1) {
    fail(ErrorCode::kNotFound, "{}: {} distributions of Slakh2100 in it, such as {}; name one of them", source.string(),
         roots.size(), roots.front().string());
  }
  DataSetPlan plan;
  for (const char* split : kSplits) {
    for (const fs::path& folder : track_folders(roots.front() / split)) {
      plan.items.push_back(plan_track(folder, split));
    }
  }
  if (plan.items.empty()) {
    const std::string split = split_of_tracks_in(roots.front());
    for (const fs::path& folder : track_folders(roots.front())) plan.items.push_back(plan_track(folder, split));
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  return plan;
}

}  // namespace yourmt3
