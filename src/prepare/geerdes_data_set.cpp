#include "prepare/geerdes_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTable = "geerdes_data_final.csv";

struct Song {
  std::string id;
  std::string split;
  fs::path sound;
  fs::path midi;
  fs::path vocals, accompaniment;  ///< Separated; both empty where one is not there.
};

/// "x.wav" with "x_vocals.wav".
fs::path beside(const fs::path& sound, const char* ending) {
  return sound.parent_path() / (sound.stem().string() + ending + sound.extension().string());
}

/// Source: preprocess_geerdes.py of the reference.
MidiNoteOptions midi_options() {
  MidiNoteOptions options;
  options.channel_10_is_drums = true;
  options.program_of_track_name = {{"vocal", kSingingProgram},
                                   {"vocalist", kSingingProgram},
                                   {"2nd Vocals/backings/harmony", kChorusProgram},
                                   {"backvocals", kChorusProgram}};
  return options;
}

bool is_sung(const Note& note) {
  return note.program == kSingingProgram || note.program == kChorusProgram;
}

/// Adds a track of one sound, unless nothing plays in it.
void add_track(PreparedItem& item, std::string id, std::string split, std::string list, const std::string& sound,
               std::vector<Note> notes) {
  if (notes.empty()) return;
  std::vector<int> programs = programs_of(notes);
  PreparedTrack track;
  track.id = std::move(id);
  track.split = std::move(split);
  track.lists = {std::move(list)};
  track.stems.push_back({programs.front(), sound, std::move(notes), std::move(programs)});
  item.tracks.push_back(std::move(track));
}

PreparedItem read_song(const Song& song) {
  PreparedItem item;
  const std::vector<Note> notes = read_midi_notes(song.midi, midi_options());
  if (notes.empty()) fail(ErrorCode::kMalformed, "{}: no notes", song.midi.string());
  add_recording(item, "mix", song.sound);
  add_track(item, song.id, song.split, "all", "mix", notes);
  if (song.vocals.empty()) return item;
  std::vector<Note> sung, played;
  std::partition_copy(notes.begin(), notes.end(), std::back_inserter(sung), std::back_inserter(played), is_sung);
  add_recording(item, "vocals", song.vocals);
  add_recording(item, "accompaniment", song.accompaniment);
  add_track(item, song.id + "_vocals", song.split + "_sep", "all_sep", "vocals", std::move(sung));
  add_track(item, song.id + "_accompaniment", song.split + "_sep", "all_sep", "accompaniment", std::move(played));
  return item;
}

}  // namespace

std::string GeerdesDataSet::layout() const {
  return fmt::format(
      "{} (columns id, split_half, audio_file, midi_file)\n"
      "the files that it names\n"
      "..._vocals.wav and ..._accompaniment.wav beside each recording (for the lists _sep)",
      kTable);
}

DataSetPlan GeerdesDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const fs::path folder = source_folder(source, kTable);
  if (folder.empty()) fail(ErrorCode::kNotFound, "{}: no {}; expected\n{}", source.string(), title(), layout());
  const TextTable table = TextTable::read(folder / kTable, {});
  const std::size_t id = table.column("id"), split = table.column("split_half"), sound = table.column("audio_file"),
                    midi = table.column("midi_file");
  DataSetPlan plan;
  std::size_t n_separated = 0;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    Song song{table.text(row, id),
              table.text(row, split),
              folder / table.text(row, sound),
              folder / table.text(row, midi),
              {},
              {}};
    if (song.split != "train" && song.split != "validation") {
      fail(ErrorCode::kMalformed, "{}, line {}: split_half is '{}', expected train or validation",
           (folder / kTable).string(), table.line(row), song.split);
    }
    PlannedItem item;
    item.id = song.id;
    item.context = song.split;
    item.files = {song.sound, song.midi};
    const fs::path vocals = beside(song.sound, "_vocals"), accompaniment = beside(song.sound, "_accompaniment");
    std::error_code error;
    if (fs::exists(vocals, error) && fs::exists(accompaniment, error)) {
      ++n_separated;
      song.vocals = vocals;
      song.accompaniment = accompaniment;
      item.files.insert(item.files.end(), {vocals, accompaniment});
    }
    item.read = [song] { return read_song(song); };
    plan.items.push_back(std::move(item));
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  if (n_separated < plan.items.size()) {
    plan.remarks.push_back(
        fmt::format("{} of {} songs have separated voices and accompaniment", n_separated, plan.items.size()));
  }
  return plan;
}

}  // namespace yourmt3
