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
#include "core/json_depth.h"
#include "core/json_int.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

double to_microseconds(double seconds) {
  return std::round(seconds * 1e6) / 1e6;
}

json to_json(const TrackInfo& track) {
  json stems = json::array();
  for (const auto& stem : track.stems) {
    json item = {{"file", stem.file}, {"gain", stem.gain}};
    if (stem.is_mix()) {
      item["programs"] = stem.programs;
    } else {
      item["program"] = stem.program;
    }
    stems.push_back(std::move(item));
  }
  json line = {{"id", track.id},
               {"source", track.source},
               {"licence", track.licence},
               {"split", track.split},
               {"seconds", track.seconds},
               {"stems", stems},
               {"annotated", track.annotated},
               {"notes", track.notes_file}};
  if (!track.lists.empty()) line["lists"] = track.lists;
  if (!track.mix_file.empty()) line["mix"] = track.mix_file;
  return line;
}

json note_lists(std::span<const Part> parts, bool with_program) {
  json notes = json::array();
  for (const auto& part : parts) {
    const auto labels = to_notes(part);
    for (std::size_t n = 0; n < labels.size(); ++n) {
      json note = {to_microseconds(labels[n].onset_sec), to_microseconds(labels[n].offset_sec), labels[n].pitch,
                   part.notes[n].velocity};
      if (with_program) note.push_back(part.program);
      notes.push_back(std::move(note));
    }
  }
  return notes;
}

void check_program(int program) {
  if (program < 0 || program > kUnannotatedProgram) {
    throw std::invalid_argument(fmt::format("program {} is not in 0-129", program));
  }
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

std::vector<int> whole_numbers(const json& list) {
  if (!list.is_array()) throw std::invalid_argument(fmt::format("{} is no list", list.dump()));
  std::vector<int> numbers;
  for (const json& item : list) numbers.push_back(whole_number<int>(item));
  return numbers;
}

}  // namespace

TrackInfo parse_index_line(std::string_view text) {
  const auto line = json::parse(shallow_json(text));
  TrackInfo track;
  track.id = line.at("id").get<std::string>();
  track.source = line.value("source", "");
  track.licence = line.value("licence", "");
  track.split = line.at("split").get<std::string>();
  track.lists = line.value("lists", std::vector<std::string>{});
  track.seconds = line.at("seconds").get<double>();
  track.notes_file = checked_path(line.at("notes").get<std::string>());
  if (line.contains("mix")) track.mix_file = checked_path(line.at("mix").get<std::string>());
  for (const auto& item : line.at("stems")) {
    StemInfo stem;
    if (item.contains("programs")) stem.programs = whole_numbers(item.at("programs"));
    stem.program = stem.is_mix() ? kUnannotatedProgram : whole_number<int>(item.at("program"));
    stem.file = checked_path(item.at("file").get<std::string>());
    stem.gain = item.value("gain", 1.0);
    check_program(stem.program);
    for (const int program : stem.programs) check_program(program);
    if (!(stem.gain > 0)) throw std::invalid_argument(fmt::format("gain {} is not positive", stem.gain));
    track.stems.push_back(std::move(stem));
  }
  if (track.stems.size() > 1 &&
      std::any_of(track.stems.begin(), track.stems.end(), [](const StemInfo& stem) { return stem.is_mix(); })) {
    throw std::invalid_argument("a mix (a stem with \"programs\") beside other stems");
  }
  std::set<int> annotated;
  if (line.contains("annotated")) {
    const std::vector<int> listed = whole_numbers(line.at("annotated"));
    annotated.insert(listed.begin(), listed.end());
  } else {
    for (const auto& stem : track.stems) {
      annotated.insert(stem.programs.begin(), stem.programs.end());
      if (!stem.is_mix()) annotated.insert(stem.program);
    }
  }
  annotated.erase(kUnannotatedProgram);
  track.annotated.assign(annotated.begin(), annotated.end());
  return track;
}

std::vector<std::vector<Note>> parse_stem_notes(std::string_view text, std::span<const StemInfo> stems) {
  const auto parsed = json::parse(shallow_json(text));
  const auto& lists = parsed.at("stems");
  if (lists.size() != stems.size()) {
    throw std::invalid_argument(fmt::format("notes of {} stems, expected {}", lists.size(), stems.size()));
  }
  std::vector<std::vector<Note>> all;
  for (std::size_t i = 0; i < stems.size(); ++i) {
    auto& notes = all.emplace_back();
    for (const auto& item : lists.at(i)) {
      Note note;
      note.program = stems[i].is_mix() ? whole_number<int>(item.at(4)) : stems[i].program;
      const auto& programs = stems[i].programs;
      if (stems[i].is_mix() && std::find(programs.begin(), programs.end(), note.program) == programs.end()) {
        throw std::invalid_argument(
            fmt::format("note {} has program {}, which the mix lacks", notes.size(), note.program));
      }
      note.is_drum = note.program == kDrumProgram;
      note.onset_sec = item.at(0).get<double>();
      note.offset_sec = item.at(1).get<double>();
      note.pitch = whole_number<int>(item.at(2));
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

std::string index_line(const TrackInfo& track) {
  return to_json(track).dump();
}

std::string stem_notes_text(std::span<const std::vector<Note>> notes, std::span<const StemInfo> stems) {
  YOURMT3_ASSERT(notes.size() == stems.size());
  json lists = json::array();
  for (std::size_t i = 0; i < notes.size(); ++i) {
    json& list = lists.emplace_back(json::array());
    for (const Note& note : notes[i]) {
      json item = {note.onset_sec, note.offset_sec, note.pitch, note.velocity};
      if (stems[i].is_mix()) item.push_back(note.program);
      list.push_back(std::move(item));
    }
  }
  return json{{"stems", std::move(lists)}}.dump() + "\n";
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
  const fs::path inside = make_folder(track);
  std::set<int> annotated;
  json lists = json::array();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    track.stems[i].file = (inside / fmt::format("{:02}-{}.wav", i, track.stems[i].program)).string();
    write_stem_wav(folder_ / track.stems[i].file, samples[i]);
    lists.push_back(note_lists(parts.subspan(i, 1), false));
    if (track.stems[i].program != kUnannotatedProgram) annotated.insert(track.stems[i].program);
  }
  track.annotated.assign(annotated.begin(), annotated.end());
  track.notes_file = (inside / "notes.json").string();
  write_file_atomically(folder_ / track.notes_file, json{{"stems", lists}}.dump() + "\n");
  add_line(track);
}

void StoreWriter::add_mix(TrackInfo track, std::span<const int> programs, std::span<const float> samples,
                          std::span<const Part> parts) {
  std::set<int> sounding(programs.begin(), programs.end());
  for (const auto& part : parts) {
    if (!sounding.contains(part.program)) {
      fail(ErrorCode::kInvalidArgument, "{}: a part of program {}, which does not sound in the mix", track.id,
           part.program);
    }
  }
  const fs::path inside = make_folder(track);
  StemInfo mix{kUnannotatedProgram, (inside / "mix.wav").string(), 1.0, {sounding.begin(), sounding.end()}};
  write_stem_wav(folder_ / mix.file, samples);
  track.stems = {std::move(mix)};
  sounding.erase(kUnannotatedProgram);
  track.annotated.assign(sounding.begin(), sounding.end());
  track.notes_file = (inside / "notes.json").string();
  const auto lists = json::array({note_lists(parts, true)});
  write_file_atomically(folder_ / track.notes_file, json{{"stems", lists}}.dump() + "\n");
  add_line(track);
}

fs::path StoreWriter::make_folder(const TrackInfo& track) const {
  fs::path inside = track.id;
  std::error_code error;
  fs::create_directories(folder_ / inside, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", (folder_ / inside).string(), error.message());
  return inside;
}

void StoreWriter::add_line(const TrackInfo& track) {
  auto line = index_line(track) + "\n";
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
    splits_.insert(info.split);
    splits_.insert(info.lists.begin(), info.lists.end());
    if (!split.empty() && info.split != split && !std::count(info.lists.begin(), info.lists.end(), split)) continue;
    auto notes = read_notes(folder / info.notes_file, info.stems);
    std::vector<Stem> stems;
    for (std::size_t i = 0; i < info.stems.size(); ++i) {
      stems.push_back({info.stems[i], StemWav(folder / info.stems[i].file), std::move(notes[i])});
    }
    std::optional<StemWav> mix;
    if (!info.mix_file.empty()) mix.emplace(folder / info.mix_file);
    tracks_.push_back({std::move(info), std::move(stems), std::move(mix)});
  }
}

}  // namespace yourmt3
