#include "prepare/guitarset_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/lower_case.h"
#include "data/pitch_shift.h"
#include "data/random.h"
#include "prepare/jams_notes.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr int kGuitar = 24;
constexpr int kPlayers = 6;
constexpr std::size_t kRecordings = 360;
constexpr int kLowestShift = -5, kHighestShift = 5;  // Semitones; as the reference.
constexpr std::array<std::string_view, 5> kStyles = {"BN", "Funk", "Jazz", "Rock", "SS"};

struct Version {
  const char* name;
  const char* folder;
};
constexpr std::array<Version, 2> kVersions = {{{"mic", "audio_mono-mic"}, {"mix", "audio_mono-pickup_mix"}}};

/// What the name of a recording says: "00_BN1-129-Eb_comp" is player 0, style BN, progression 1.
struct Recording {
  std::string id;
  int player = 0;
  std::string part;  // The name without the player: "BN1-129-Eb_comp".
  std::string style;
  int progression = 1;
};

std::optional<Recording> recording_of(const std::string& id) {
  Recording recording;
  recording.id = id;
  if (id.size() < 4 || id[0] != '0' || id[1] < '0' || id[1] >= '0' + kPlayers || id[2] != '_') return std::nullopt;
  recording.player = id[1] - '0';
  recording.part = id.substr(3);
  for (const std::string_view style : kStyles) {
    if (!recording.part.starts_with(style)) continue;
    const char digit = recording.part.size() > style.size() ? recording.part[style.size()] : ' ';
    if (digit < '1' || digit > '3') return std::nullopt;
    recording.style = style;
    recording.progression = digit - '0';
    return recording;
  }
  return std::nullopt;
}

/// "train", "validation" or "test" for a player of a part.
std::string drawn_split(const Recording& recording, std::uint64_t seed) {
  std::uint64_t stream = 0xcbf29ce484222325ull;  // FNV-1a, so that parts that are missing change no others.
  for (const unsigned char c : recording.part) stream = (stream ^ c) * 0x100000001b3ull;
  std::array<int, kPlayers> players = {0, 1, 2, 3, 4, 5};
  Random(seed, stream).shuffle(players);
  return recording.player == players[4] ? "validation" : recording.player == players[5] ? "test" : "train";
}

/// All lists of a recording but its split.
std::vector<std::string> lists_of(const Recording& recording) {
  std::vector<std::string> lists = {"all", recording.style, fmt::format("progression_{}", recording.progression)};
  if (recording.progression < 3) lists.push_back("progression_1_2");
  for (const std::string_view style : kStyles) {
    if (style != recording.style) lists.push_back("minus_" + lower_case(std::string(style)));
  }
  return lists;
}

std::vector<std::string> shifted_lists(std::vector<std::string> lists) {
  for (std::string& list : lists) list += "_pshift";
  return lists;
}

std::vector<Note> shifted_notes(std::vector<Note> notes, int semitones) {
  for (Note& note : notes) note.pitch = shifted_pitch(note.is_drum, note.pitch, semitones);
  return notes;
}

struct Reading {
  Recording recording;
  std::string split;
  fs::path annotation;
  std::vector<std::pair<std::string, fs::path>> versions;  // "mic" and its file.
  std::shared_ptr<const PitchShifter> shifter;             // None: no shifted copies.
};

PreparedItem read(const Reading& reading) {
  PreparedItem item;
  const auto jams = parse_jams_notes(read_text_file(reading.annotation), reading.annotation.string(), kGuitar);
  if (jams.n_left_out > 0) {
    item.remarks.push_back(fmt::format("{}: {} observations of notes left out, with a confidence or without a fraction",
                                       reading.annotation.string(), jams.n_left_out));
  }
  const auto lists = lists_of(reading.recording);
  const auto add = [&](const std::string& sound, std::vector<float> samples,
                       std::vector<Note> notes) -> PreparedTrack& {
    PreparedTrack track;
    track.id = reading.recording.id + "_" + sound;
    track.stems = {{kGuitar, sound, std::move(notes)}};
    item.sounds.push_back({sound, std::move(samples)});
    return item.tracks.emplace_back(std::move(track));
  };
  for (const auto& [version, file] : reading.versions) {
    const auto samples = read_recording(file, item.remarks);
    if (jams.duration_sec) remark_on_length(item, file, samples.size(), *jams.duration_sec);
    PreparedTrack& plain = add(version, samples, jams.notes);
    plain.split = reading.split;
    plain.lists = lists;
    if (!reading.shifter) continue;
    plain.lists.push_back(reading.split + "_pshift");
    for (auto& list : shifted_lists(lists)) plain.lists.push_back(std::move(list));
    for (int semitones = kLowestShift; semitones <= kHighestShift; ++semitones) {
      if (semitones == 0) continue;
      PreparedTrack& copy = add(fmt::format("{}_pshift{}", version, semitones),
                                reading.shifter->shift(samples, semitones), shifted_notes(jams.notes, semitones));
      copy.split = reading.split + "_pshift";
      copy.lists = shifted_lists(lists);
    }
  }
  return item;
}

}  // namespace

std::string GuitarSetDataSet::layout() const {
  return "annotation/00_BN1-129-Eb_comp.jams ...\n"
         "audio_mono-mic/00_BN1-129-Eb_comp_mic.wav ...\n"
         "audio_mono-pickup_mix/00_BN1-129-Eb_comp_mix.wav ... (one of both is enough)";
}

std::vector<std::string> GuitarSetDataSet::lists() const {
  std::vector<std::string> lists = {"train",         "validation",    "test",          "all",
                                    "progression_1", "progression_2", "progression_3", "progression_1_2"};
  for (const std::string_view style : kStyles) {
    lists.emplace_back(style);
    lists.push_back("minus_" + lower_case(std::string(style)));
  }
  for (const std::string& list : shifted_lists(lists)) lists.push_back(list);
  return lists;
}

DataSetPlan GuitarSetDataSet::plan(const fs::path& source, const DataSetOptions& options) const {
  const fs::path root = source_folder(source, "annotation");
  const auto annotations = files_with_extension(root / "annotation", ".jams");
  std::vector<Version> versions;
  std::error_code error;
  for (const Version& version : kVersions) {
    if (fs::is_directory(root / version.folder, error)) versions.push_back(version);
  }
  if (root.empty() || annotations.empty() || versions.empty()) {
    fail(ErrorCode::kNotFound, "{}: no GuitarSet, which has\n{}", source.string(), layout());
  }
  DataSetPlan plan;
  for (const Version& version : kVersions) {
    if (!fs::is_directory(root / version.folder, error)) {
      plan.remarks.push_back((root / version.folder).string() + ": no such folder; its recordings are left out");
    }
  }
  std::shared_ptr<const PitchShifter> shifter;
  if (options.shifted_copies) shifter = std::make_shared<const PitchShifter>(kLowestShift, kHighestShift);
  for (const fs::path& annotation : annotations) {
    auto recording = recording_of(annotation.stem().string());
    if (!recording) {
      plan.remarks.push_back(annotation.string() + ": left out, its name is not like 00_BN1-129-Eb_comp");
      continue;
    }
    Reading reading{.recording = *recording,
                    .split = drawn_split(*recording, options.seed),
                    .annotation = annotation,
                    .versions = {},
                    .shifter = shifter};
    PlannedItem item;
    item.id = recording->id;
    item.files = {annotation};
    for (const Version& version : versions) {
      const fs::path file = root / version.folder / fmt::format("{}_{}.wav", recording->id, version.name);
      item.files.push_back(file);
      reading.versions.emplace_back(version.name, file);
    }
    item.read = [reading = std::move(reading)] { return read(reading); };
    plan.items.push_back(std::move(item));
  }
  if (plan.items.size() != kRecordings) {
    plan.remarks.push_back(
        fmt::format("{}: {} of {} recordings", (root / "annotation").string(), plan.items.size(), kRecordings));
  }
  return plan;
}

}  // namespace yourmt3
