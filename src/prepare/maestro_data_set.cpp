#include "prepare/maestro_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "core/json_depth.h"
#include "data/synthesizer.h"
#include "prepare/piano_performance.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Real files agree to a few milliseconds.
constexpr double kDurationToleranceSec = 0.1;

MaestroRecording parse_row(const json& midi, const json& audio, const json& split, const json& duration) {
  return {midi.get<std::string>(), audio.get<std::string>(), split.get<std::string>(), duration.get<double>()};
}

std::vector<MaestroRecording> parse_columns(const json& table) {
  const json& midi = table.at("midi_filename");
  std::map<long, MaestroRecording> rows;
  for (const auto& [row, file] : midi.items()) {
    rows[std::stol(row)] =
        parse_row(file, table.at("audio_filename").at(row), table.at("split").at(row), table.at("duration").at(row));
  }
  std::vector<MaestroRecording> recordings;
  for (auto& [row, recording] : rows) recordings.push_back(std::move(recording));
  return recordings;
}

fs::path find_table(const fs::path& source) {
  std::vector<fs::path> folders = {source};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(source, error)) {
    if (entry.is_directory(error)) folders.push_back(entry.path());
  }
  std::vector<fs::path> tables;
  for (const fs::path& folder : folders) {
    for (const fs::path& file : files_with_extension(folder, ".json")) {
      if (file.filename().string().starts_with("maestro-v")) tables.push_back(file);
    }
    if (!tables.empty()) break;
  }
  // The latest of several versions.
  return tables.empty() ? fs::path() : tables.back();
}

/// Distributions at 16 kHz have renamed `.midi` to `.mid`.
fs::path midi_file(const fs::path& told) {
  const fs::path renamed = fs::path(told).replace_extension(".mid");
  std::error_code error;
  return !fs::exists(told, error) && fs::exists(renamed, error) ? renamed : told;
}

PreparedItem read_performance(const fs::path& midi, const fs::path& audio, const MaestroRecording& told,
                              const std::string& id) {
  PreparedItem item;
  std::vector<Note> notes = read_piano_notes(midi);
  add_recording(item, "mix", audio);
  std::vector<float>& samples = item.sounds.back().samples;
  const double seconds = static_cast<double>(samples.size()) / kRenderRate;
  if (std::abs(seconds - told.duration_sec) > kDurationToleranceSec) {
    item.remarks.push_back(fmt::format("the recording lasts {:.2f} s, {:.2f} s are told", seconds, told.duration_sec));
  }
  // As the reference: what lies beyond the told duration is not used.
  const auto longest = static_cast<std::size_t>(told.duration_sec * kRenderRate);
  if (longest > 0 && samples.size() > longest) samples.resize(longest);
  PreparedTrack track;
  track.id = id;
  track.split = told.split;
  track.lists = {"all"};
  track.stems.push_back({0, "mix", std::move(notes)});
  item.tracks.push_back(std::move(track));
  return item;
}

}  // namespace

std::vector<MaestroRecording> parse_maestro_table(std::string_view text, std::string_view name) {
  std::vector<MaestroRecording> recordings;
  try {
    const json table = json::parse(shallow_json(text));
    if (table.is_object()) {
      recordings = parse_columns(table);
    } else {
      for (const json& row : table) {
        recordings.push_back(
            parse_row(row.at("midi_filename"), row.at("audio_filename"), row.at("split"), row.at("duration")));
      }
    }
  } catch (const std::exception& error) {
    fail(ErrorCode::kMalformed, "{}: not the table of MAESTRO: {}", name, error.what());
  }
  constexpr std::array kSplits = {"train", "validation", "test"};
  for (const MaestroRecording& recording : recordings) {
    if (std::find(kSplits.begin(), kSplits.end(), recording.split) == kSplits.end()) {
      fail(ErrorCode::kMalformed, "{}: '{}' is of split '{}', expected train, validation or test", name,
           recording.audio_file, recording.split);
    }
    if (!(recording.duration_sec > 0) || recording.duration_sec > 1e6) {
      fail(ErrorCode::kMalformed, "{}: '{}' lasts {} s", name, recording.audio_file, recording.duration_sec);
    }
  }
  return recordings;
}

std::string MaestroDataSet::layout() const {
  return "maestro-v3.0.0.json\n"
         "2018/NAME.wav and 2018/NAME.midi ..., as the table names them (version 2 as well)";
}

DataSetPlan MaestroDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const fs::path table = find_table(source);
  if (table.empty()) {
    fail(ErrorCode::kNotFound, "{}: no maestro-v*.json in it; expected is\n{}", source.string(), layout());
  }
  DataSetPlan plan;
  const fs::path folder = table.parent_path();
  for (MaestroRecording& recording : parse_maestro_table(read_text_file(table), table.string())) {
    PlannedItem item;
    const fs::path midi = midi_file(folder / recording.midi_file), audio = folder / recording.audio_file;
    item.id = audio.stem().string();
    item.files = {midi, audio};
    item.context = fmt::format("{} {}", recording.split, recording.duration_sec);
    item.read = [midi, audio, told = std::move(recording), id = item.id] {
      return read_performance(midi, audio, told, id);
    };
    plan.items.push_back(std::move(item));
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  return plan;
}

}  // namespace yourmt3
