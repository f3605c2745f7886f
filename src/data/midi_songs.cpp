#include "data/midi_songs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/fail.h"
#include "score/midi_file.h"
#include "score/midi_reader.h"
#include "score/note_file.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

}  // namespace

Song read_song(const fs::path& file) {
  std::array<char, 4> head{};
  if (std::ifstream start(file, std::ios::binary); start) {
    start.read(head.data(), head.size());
    const std::string_view kind(head.data(), static_cast<std::size_t>(start.gcount()));
    if (kind != "MThd") return song_of_notes(read_note_file(file));
  }
  auto options = general_midi_options();
  options.binary_velocity = false;
  options.quantize = false;
  options.trim = false;
  Song song;
  for (const auto& from : read_parts(read_midi_file(file), options)) {
    Part part;
    part.program = from.program;
    for (const auto& note : from.notes) {
      part.notes.push_back({note.onset_sec, note.offset_sec, note.pitch, std::clamp(note.velocity, 1, 127)});
      song.seconds = std::max(song.seconds, note.offset_sec);
    }
    tidy_notes(part);
    if (!part.notes.empty()) song.parts.push_back(std::move(part));
  }
  return song;
}

std::vector<Note> song_notes(const Song& song) {
  std::vector<Note> notes;
  for (const auto& part : song.parts) {
    auto labels = to_notes(part);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i].velocity = part.notes[i].velocity;
    notes.insert(notes.end(), labels.begin(), labels.end());
  }
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.onset_sec < b.onset_sec; });
  return notes;
}

std::vector<bool> held_out(std::span<const fs::path> files, std::span<const std::string> always, int period) {
  std::vector<bool> out;
  int others = 0;
  for (const auto& file : files) {
    const bool named = std::find(always.begin(), always.end(), file.stem().string()) != always.end();
    if (!named) ++others;
    out.push_back(named || (period > 0 && others % period == 0));
  }
  return out;
}

std::vector<NamedSong> load_midi_collection(const MidiCollectionOptions& options, const LogSink& log) {
  std::vector<fs::path> files;
  for (const auto& folder : options.folders) {
    if (!fs::is_directory(folder)) fail(ErrorCode::kNotFound, "{}: no such folder", folder.string());
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const auto extension = entry.path().extension();
      if (entry.is_regular_file() && (extension == ".mid" || extension == ".midi")) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  const auto out = held_out(files, options.held_out, options.held_out_period);
  std::vector<NamedSong> songs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!options.split.empty() && out[i] != (options.split == "validation")) continue;
    try {
      auto song = read_song(files[i]);
      if (!song.parts.empty()) songs.push_back({files[i].stem().string(), options.licence, std::move(song)});
    } catch (const Error& error) {
      if (log) log(LogLevel::kWarning, error.what());
    }
  }
  if (songs.empty())
    fail(ErrorCode::kNotFound, "no MIDI files of split '{}' in {} folders", options.split, options.folders.size());
  return songs;
}

}  // namespace yourmt3
