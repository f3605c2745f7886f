#include "data/song.h"

#include <algorithm>
#include <array>
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

}  // namespace yourmt3
