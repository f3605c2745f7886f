#include "prepare/musicnet_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/lower_case.h"
#include "prepare/annotated_notes.h"
#include "prepare/files_below.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

/// Of the label files, whatever the rate of the audio is.
constexpr double kLabelRate = 44100;
constexpr std::size_t kRecordings = 330;

/// What is there of one recording; empty paths for what is not.
struct Files {
  fs::path audio, labels, em, synth, midi;
};

/// "1727" of "1727.wav" and "1727_schubert_op114_2.mid".
std::optional<int> id_of(const fs::path& file) {
  const std::string name = file.filename().string();
  int id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  const std::string_view rest = std::string_view(name).substr(static_cast<std::size_t>(end - name.data()));
  if (error != std::errc() || id < 1000 || id > 9999 || !(rest.starts_with('.') || rest.starts_with('_'))) return {};
  return id;
}

class Search {
 public:
  explicit Search(const fs::path& source) {
    for (const fs::path& file : files_below(source, remarks)) {
      if (const auto id = id_of(file)) place(*id, file, file.lexically_relative(source).parent_path());
    }
  }

  std::map<int, Files> recordings;
  std::vector<std::string> remarks;

 private:
  void place(int id, const fs::path& file, const fs::path& folder) {
    const std::string extension = lower_case(file.extension().string());
    const std::string parent = lower_case(file.parent_path().filename().string());
    if (extension == ".wav" || extension == ".flac") {
      if (parent.ends_with("_data")) set(recordings[id].audio, file);
      if (parent.ends_with("_synth")) set(recordings[id].synth, file);
    } else if (extension == ".csv" && parent.ends_with("_labels")) {
      set(recordings[id].labels, file);
    } else if (extension == ".mid" || extension == ".midi") {
      place_midi(id, file, folder);
    }
  }

  void place_midi(int id, const fs::path& file, const fs::path& folder) {
    const std::string names = lower_case(folder.generic_string()) + "/";
    if (names.find("_em/") != std::string::npos || names.find("musicnetem/") != std::string::npos ||
        names.find("-em/") != std::string::npos) {
      set(recordings[id].em, file);
    } else if (names.find("midi") != std::string::npos) {
      // As the reference: these two are also among the MIDI of the training part.
      const bool discarded = (id == 1759 || id == 1819) && names.ends_with("test_labels_midi/");
      if (!discarded) set(recordings[id].midi, file);
    }
  }

  void set(fs::path& place, const fs::path& file) {
    if (place.empty()) {
      place = file;
    } else {
      remarks.push_back(fmt::format("{} is there twice, {} is taken", file.filename().string(), place.string()));
    }
  }
};

PreparedTrack make_track(int id, MusicNetKind kind, std::string sound, std::vector<Note> notes) {
  PreparedTrack track;
  track.id = fmt::format("{}{}", id, kind == MusicNetKind::kEm ? "_em" : kind == MusicNetKind::kSynth ? "_synth" : "");
  track.split = musicnet_split(id, kind);
  track.lists = musicnet_lists(id, kind);
  auto programs = programs_of(notes);
  track.stems.push_back({0, std::move(sound), std::move(notes), std::move(programs)});
  return track;
}

PreparedItem read_recording_of(int id, const Files& files, bool as_reference) {
  PreparedItem item;
  if (!files.labels.empty()) {
    item.tracks.push_back(
        make_track(id, MusicNetKind::kLabels, "recording", read_musicnet_labels(files.labels, as_reference)));
  }
  if (!files.em.empty()) {
    item.tracks.push_back(make_track(id, MusicNetKind::kEm, "recording", read_midi_notes(files.em, {})));
  }
  if (!item.tracks.empty()) add_recording(item, "recording", files.audio);
  if (!files.synth.empty() && !files.midi.empty()) {
    item.tracks.push_back(make_track(id, MusicNetKind::kSynth, "synth", read_midi_notes(files.midi, {})));
    add_recording(item, "synth", files.synth);
  }
  return item;
}

/// "3 recordings have no labels: 1727-1729".
void remark_on(std::vector<std::string>& remarks, const std::vector<int>& ids, std::string_view what) {
  if (!ids.empty())
    remarks.push_back(fmt::format("{} recordings have no {}: {}", ids.size(), what, number_ranges(ids)));
}

}  // namespace

std::vector<Note> read_musicnet_labels(const fs::path& path, bool as_reference) {
  const TextTable table = TextTable::read(path, {});
  const std::size_t start = table.column("start_time"), end = table.column("end_time");
  const std::size_t instrument = table.column("instrument"), pitch = table.column("note");
  std::vector<Note> notes;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const long program = table.integer(row, instrument) - (as_reference ? 0 : 1);
    const long key = table.integer(row, pitch);
    if (program < 0 || program > 127 || key < 0 || key > 127) {
      fail(ErrorCode::kMalformed, "{}, line {}: instrument {}, note {}; expected 1-128 and 0-127", path.string(),
           table.line(row), table.text(row, instrument), key);
    }
    notes.push_back({false, static_cast<int>(program), table.number(row, start) / kLabelRate,
                     table.number(row, end) / kLabelRate, static_cast<int>(key), 1});
  }
  if (notes.empty()) fail(ErrorCode::kMalformed, "{}: no notes in it", path.string());
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.onset_sec < b.onset_sec; });
  return notes;
}

std::string MusicNetDataSet::layout() const {
  return "train_data/1727.wav ..., train_labels/1727.csv ..., test_data/..., test_labels/... (in any folder)\n"
         "optional, aligned labels: musicnet_em/1727.mid ...\n"
         "optional, scores: a folder with 'midi' in its name, 1727.mid or 1727_NAME.mid ...,\n"
         "  and their sound: train_synth/1727.wav ...";
}

DataSetPlan MusicNetDataSet::plan(const fs::path& source, const DataSetOptions& options) const {
  const Search search(source);
  DataSetPlan plan;
  plan.remarks = search.remarks;
  std::vector<int> without_audio, without_labels, without_em, without_midi;
  std::size_t n_audio = 0, n_em = 0, n_synth = 0;
  for (const auto& [id, files] : search.recordings) {
    const bool usable_synth = !files.synth.empty() && !files.midi.empty();
    n_audio += files.audio.empty() ? 0 : 1;
    n_em += files.em.empty() ? 0 : 1;
    n_synth += files.synth.empty() ? 0 : 1;
    if (files.audio.empty() && (!files.labels.empty() || !files.em.empty())) without_audio.push_back(id);
    if (!files.audio.empty() && files.labels.empty()) without_labels.push_back(id);
    if (!files.audio.empty() && files.em.empty() && !musicnet_lacks_em(id)) without_em.push_back(id);
    if (!files.synth.empty() && files.midi.empty()) without_midi.push_back(id);
    if (files.audio.empty() && files.labels.empty() && !usable_synth) continue;  // MIDI alone is no recording.
    PlannedItem item;
    item.id = std::to_string(id);
    if (!files.labels.empty() || !files.em.empty()) {
      // Named as missing where it is not there.
      item.files.push_back(files.audio.empty() ? source / "train_data" / (item.id + ".wav") : files.audio);
    }
    for (const fs::path& file : {files.labels, files.em}) {
      if (!file.empty()) item.files.push_back(file);
    }
    if (item.files.empty() && !usable_synth) item.files.push_back(source / "train_labels" / (item.id + ".csv"));
    if (usable_synth) item.files.insert(item.files.end(), {files.synth, files.midi});
    item.read = [id = id, files = files, as_reference = options.as_reference] {
      return read_recording_of(id, files, as_reference);
    };
    plan.items.push_back(std::move(item));
  }
  if (n_audio + n_synth == 0) {
    fail(ErrorCode::kNotFound, "{}: no recording of MusicNet in it; expected is\n{}", source.string(), layout());
  }
  remark_on(plan.remarks, without_labels, "labels");
  if (n_em > 0) remark_on(plan.remarks, without_em, "aligned labels (EM)");
  remark_on(plan.remarks, without_midi, "MIDI for their synthesized sound");
  if (n_em == 0) plan.remarks.push_back("no aligned labels (musicnet_em): the lists that end in _em have none of them");
  if (n_synth == 0) {
    plan.remarks.push_back("no synthesized scores (train_synth): train_mt3 and train_thickstun have recordings only");
  }
  if (n_audio != kRecordings) {
    plan.remarks.push_back(fmt::format("{} recordings, the whole of MusicNet has {}", n_audio, kRecordings));
  }
  return plan;
}

}  // namespace yourmt3
