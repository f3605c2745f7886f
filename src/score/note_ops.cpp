#include "score/note_ops.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>

#include "core/fail.h"

namespace yourmt3 {

namespace {

bool note_order(const Note& a, const Note& b) {
  if (const int order = compare_times(a.onset_sec, b.onset_sec)) return order < 0;
  return std::tie(a.is_drum, a.program, a.velocity, a.pitch) < std::tie(b.is_drum, b.program, b.velocity, b.pitch);
}

bool note_order_with_offset(const Note& a, const Note& b) {
  if (note_order(a, b)) return true;
  if (note_order(b, a)) return false;
  return compare_times(a.offset_sec, b.offset_sec) < 0;
}

}  // namespace

int compare_times(double a_sec, double b_sec) {
  if (std::isnan(a_sec) != std::isnan(b_sec)) {
    fail(ErrorCode::kInvalidArgument, "a note without a time cannot be ordered; validate the notes first");
  }
  return a_sec < b_sec ? -1 : a_sec > b_sec ? 1 : 0;
}

void sort_in_note_order(std::vector<Note>& notes) {
  std::stable_sort(notes.begin(), notes.end(), note_order);
}

void sort_notes(std::vector<Note>& notes) {
  std::stable_sort(notes.begin(), notes.end(), note_order_with_offset);
}

void validate_notes(std::vector<Note>& notes) {
  std::erase_if(notes, [](const Note& note) { return std::isnan(note.onset_sec); });
  for (Note& note : notes) {
    const double shortest_offset_sec = note.onset_sec + kMinimumDurationSec;
    if (std::isnan(note.offset_sec)) {
      note.offset_sec = shortest_offset_sec;
    } else if (note.onset_sec > note.offset_sec) {
      note.offset_sec = std::max(note.offset_sec, shortest_offset_sec);
    } else if (!note.is_drum && note.offset_sec - note.onset_sec < kMinimumDurationSec) {
      // As the reference: decided on doubles, so (0.05, 0.06) is lengthened by one bit and (0.41, 0.42) is not.
      note.offset_sec = shortest_offset_sec;
    }
  }
}

std::vector<Note> trim_overlaps(std::vector<Note> notes) {
  // As the reference: a single note escapes the filter below, even without length.
  if (notes.size() <= 1) return notes;

  std::map<std::tuple<int, int, bool>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    groups[{notes[i].pitch, notes[i].program, notes[i].is_drum}].push_back(i);
  }
  for (auto& [key, members] : groups) {
    std::stable_sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return compare_times(notes[a].onset_sec, notes[b].onset_sec) < 0;
    });
    for (std::size_t k = 1; k < members.size(); ++k) {
      Note& previous = notes[members[k - 1]];
      const double next_onset_sec = notes[members[k]].onset_sec;
      if (compare_times(previous.offset_sec, next_onset_sec) > 0) previous.offset_sec = next_onset_sec;
    }
  }
  std::erase_if(notes, [](const Note& note) { return compare_times(note.onset_sec, note.offset_sec) >= 0; });
  sort_in_note_order(notes);
  return notes;
}

std::vector<Note> mix_notes(std::span<const std::vector<Note>> lists) {
  std::vector<Note> mixed;
  for (const std::vector<Note>& list : lists) mixed.insert(mixed.end(), list.begin(), list.end());
  sort_notes(mixed);
  mixed = trim_overlaps(std::move(mixed));
  validate_notes(mixed);
  return mixed;
}

std::vector<Note> fold_octaves(std::span<const Note> notes) {
  std::vector<Note> folded(notes.begin(), notes.end());
  for (Note& note : folded) note.pitch = note.pitch % 12 + 64;
  return folded;
}

std::vector<Note> select_programs(std::span<const Note> notes, std::span<const int> programs) {
  std::vector<Note> selected;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(selected), [&](const Note& note) {
    return std::find(programs.begin(), programs.end(), note.program) != programs.end();
  });
  sort_in_note_order(selected);
  return selected;
}

}  // namespace yourmt3
