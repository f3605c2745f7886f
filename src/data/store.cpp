#include "data/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

double to_microseconds(double seconds) {
  return std::round(seconds * 1e6) / 1e6;
}

json to_json(const TrackInfo& track) {
  json stems = json::array();
  for (const auto& stem : track.stems)
    stems.push_back({{"program", stem.program}, {"file", stem.file}, {"gain", stem.gain}});
  return {{"id", track.id},
          {"source", track.source},
          {"licence", track.licence},
          {"split", track.split},
          {"seconds", track.seconds},
          {"stems", stems},
          {"annotated", track.annotated},
          {"notes", track.notes_file}};
}

/// A path from an index must stay inside the data set.
std::string checked_path(const std::string& path) {
  const fs::path relative(path);
  if (path.empty() || relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end()) {
    throw std::invalid_argument("path '" + path + "' leaves the data set");
  }
  return path;
}

std::vector<std::vector<Note>> read_notes(const fs::path& path, const std::vector<StemInfo>& stems) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorCode::kNotFound, "{}: no such file", path.string());
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  try {
    return parse_stem_notes(text, stems);
  } catch (const std::exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}", path.string(), error.what());
  }
}

}  // namespace

TrackInfo parse_index_line(std::string_view text) {
  const auto line = json::parse(text);
  TrackInfo track;
  track.id = line.at("id").get<std::string>();
  track.source = line.value("source", "");
  track.licence = line.value("licence", "");
  track.split = line.at("split").get<std::string>();
  track.seconds = line.at("seconds").get<double>();
  track.annotated = line.value("annotated", std::vector<int>{});
  track.notes_file = checked_path(line.at("notes").get<std::string>());
  for (const auto& item : line.at("stems")) {
    StemInfo stem;
    stem.program = item.at("program").get<int>();
    stem.file = checked_path(item.at("file").get<std::string>());
    stem.gain = item.value("gain", 1.0);
    if (stem.program < 0 || stem.program > kUnannotatedProgram) {
      throw std::invalid_argument(fmt::format("program {} is not in 0-129", stem.program));
    }
    track.stems.push_back(std::move(stem));
  }
  return track;
}

std::vector<std::vector<Note>> parse_stem_notes(std::string_view text, std::span<const StemInfo> stems) {
  const auto parsed = json::parse(text);
  const auto& lists = parsed.at("stems");
  if (lists.size() != stems.size()) {
    throw std::invalid_argument(fmt::format("notes of {} stems, expected {}", lists.size(), stems.size()));
  }
  std::vector<std::vector<Note>> all;
  for (std::size_t i = 0; i < stems.size(); ++i) {
    auto& notes = all.emplace_back();
    for (const auto& item : lists.at(i)) {
      Note note;
      note.program = stems[i].program;
      note.is_drum = note.program == kDrumProgram;
      note.onset_sec = item.at(0).get<double>();
      note.offset_sec = item.at(1).get<double>();
      note.pitch = item.at(2).get<int>();
      if (note.pitch < 0 || note.pitch > 127 || !(note.offset_sec >= note.onset_sec)) {
        throw std::invalid_argument(fmt::format("note {} of stem {} is out of range", notes.size(), i));
      }
      notes.push_back(note);
    }
    std::stable_sort(notes.begin(), notes.end(),
                     [](const Note& a, const Note& b) { return a.onset_sec < b.onset_sec; });
  }
  return all;
}

StoreWriter::StoreWriter(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (fs::exists(folder_ / "index.jsonl")) {
    fail(ErrorCode::kInvalidArgument, "{}: already holds a data set", folder_.string());
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", folder_.string(), error.message());
}

StoreWriter::~StoreWriter() = default;

void StoreWriter::add(TrackInfo track, std::span<const std::vector<float>> samples, std::span<const Part> parts) {
  if (samples.size() != track.stems.size() || parts.size() != track.stems.size()) {
    fail(ErrorCode::kInvalidArgument, "{}: {} stems with {} sounds and {} parts", track.id, track.stems.size(),
         samples.size(), parts.size());
  }
  const fs::path inside = track.id;
  std::error_code error;
  fs::create_directories(folder_ / inside, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", (folder_ / inside).string(), error.message());
  std::set<int> annotated;
  json lists = json::array();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    track.stems[i].file = (inside / fmt::format("{:02}-{}.wav", i, track.stems[i].program)).string();
    write_stem_wav(folder_ / track.stems[i].file, samples[i]);
    json notes = json::array();
    for (const auto& note : to_notes(parts[i])) {
      notes.push_back({to_microseconds(note.onset_sec), to_microseconds(note.offset_sec), note.pitch});
    }
    for (std::size_t n = 0; n < notes.size(); ++n) notes[n].push_back(parts[i].notes[n].velocity);
    lists.push_back(std::move(notes));
    if (track.stems[i].program != kUnannotatedProgram) annotated.insert(track.stems[i].program);
  }
  track.annotated.assign(annotated.begin(), annotated.end());
  track.notes_file = (inside / "notes.json").string();
  write_file_atomically(folder_ / track.notes_file, json{{"stems", lists}}.dump() + "\n");
  auto line = to_json(track).dump() + "\n";
  const std::lock_guard lock(mutex_);
  lines_[track.id] = std::move(line);
}

void StoreWriter::commit() {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& [id, line] : lines_) text += line;
  write_file_atomically(folder_ / "index.jsonl", text);
}

Store::Store(const std::filesystem::path& folder, std::string_view split) {
  const auto index = folder / "index.jsonl";
  std::ifstream file(index);
  if (!file) fail(ErrorCode::kNotFound, "{}: no such file; is this the folder of a prepared data set?", index.string());
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    TrackInfo info;
    try {
      info = parse_index_line(line);
    } catch (const std::exception& error) {
      fail(ErrorCode::kMalformed, "{}, line {}: {}", index.string(), number, error.what());
    }
    if (!split.empty() && info.split != split) continue;
    auto notes = read_notes(folder / info.notes_file, info.stems);
    std::vector<Stem> stems;
    for (std::size_t i = 0; i < info.stems.size(); ++i) {
      stems.push_back({info.stems[i], StemWav(folder / info.stems[i].file), std::move(notes[i])});
    }
    tracks_.push_back({std::move(info), std::move(stems)});
  }
}

}  // namespace yourmt3
