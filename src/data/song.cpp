#include "data/song.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace yourmt3 {
namespace {

constexpr double kShortestNoteSec = 0.01;

}  // namespace

void tidy_notes(Part& part) {
  auto& notes = part.notes;
  std::stable_sort(notes.begin(), notes.end(), [](const PlayedNote& a, const PlayedNote& b) {
    return std::tie(a.onset_sec, a.pitch) < std::tie(b.onset_sec, b.pitch);
  });
  std::array<PlayedNote*, 128> sounding{};
  for (auto& note : notes) {
    note.offset_sec = std::max(note.offset_sec, note.onset_sec + kShortestNoteSec);
    auto*& earlier = sounding[static_cast<std::size_t>(note.pitch)];
    if (earlier != nullptr) earlier->offset_sec = std::min(earlier->offset_sec, note.onset_sec);
    earlier = &note;
  }
  std::erase_if(notes, [](const PlayedNote& note) { return note.offset_sec - note.onset_sec < kShortestNoteSec / 2; });
}

std::vector<Note> to_notes(const Part& part) {
  std::vector<Note> notes;
  notes.reserve(part.notes.size());
  for (const auto& played : part.notes) {
    Note note;
    note.is_drum = part.is_drum();
    note.program = part.program;
    note.onset_sec = played.onset_sec;
    note.offset_sec = std::max(played.offset_sec, played.onset_sec + kShortestNoteSec);
    note.pitch = played.pitch;
    note.velocity = 1;
    notes.push_back(note);
  }
  return notes;
}

Song song_of_notes(std::span<const Note> notes) {
  std::map<int, Part> parts;
  for (const auto& note : notes) {
    const int program = note.is_drum ? kDrumProgram : note.program;
    const bool playable = note.onset_sec >= 0 && std::isfinite(note.onset_sec) && std::isfinite(note.offset_sec) &&
                          note.pitch >= 0 && note.pitch <= 127 && program >= 0 && program <= kDrumProgram &&
                          note.velocity > 0;
    if (!playable) continue;
    parts[program].notes.push_back(
        {note.onset_sec, note.offset_sec, note.pitch, note.velocity == 1 ? 90 : std::min(note.velocity, 127)});
  }
  Song song;
  for (auto& [program, part] : parts) {
    part.program = program;
    tidy_notes(part);
    for (const auto& note : part.notes) song.seconds = std::max(song.seconds, note.offset_sec);
    song.parts.push_back(std::move(part));
  }
  return song;
}

}  // namespace yourmt3
