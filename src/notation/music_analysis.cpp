#include "notation/music_analysis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/fail.h"
#include "notation/bar_tracker.h"
#include "notation/musicxml.h"
#include "notation/onset_events.h"
#include "notation/sheet_builder.h"
#include "score/note_ops.h"
#include "score/note_text.h"
#include "score/program_groups.h"
#include "yourmt3/notation.h"

namespace yourmt3 {
namespace {

constexpr double kLatestSec = 100000;  // As the MIDI writer.

/// The notes that are played, checked and sorted, with ends not before beginnings.
std::vector<Note> played_notes(std::span<const Note> notes) {
  std::vector<Note> played;
  for (Note note : notes) {
    if (note.velocity == 0) continue;
    if (!(note.onset_sec >= 0 && note.onset_sec <= kLatestSec && note.offset_sec <= kLatestSec)) {
      fail(ErrorCode::kInvalidArgument, "a note from {} to {} s cannot be written, expected 0 to {} s", note.onset_sec,
           note.offset_sec, kLatestSec);
    }
    if (note.pitch < 0 || note.pitch > 127 || (!note.is_drum && (note.program < 0 || note.program > kDrumProgram))) {
      fail(ErrorCode::kInvalidArgument, "pitch {} of program {} cannot be written, expected 0 to 127", note.pitch,
           note.program);
    }
    note.is_drum = note.is_drum || note.program == kDrumProgram;
    note.offset_sec = std::max(note.offset_sec, note.onset_sec);
    played.push_back(note);
  }
  sort_notes(played);
  return played;
}

/// Adds beats and bars so that all notes lie between the first beat and the last.
void cover(BeatGrid& grid, std::span<const Note> notes) {
  double first_sec = kLatestSec, last_sec = 0;
  for (const Note& note : notes) {
    first_sec = std::min(first_sec, note.onset_sec);
    last_sec = std::max(last_sec, note.offset_sec);
  }
  std::vector<double>& beats = grid.beat_sec;
  std::vector<double> before;
  const double first_beat_sec = beats[1] - beats[0];
  for (double time = beats.front(); time > first_sec;) before.push_back(time -= first_beat_sec);
  beats.insert(beats.begin(), before.rbegin(), before.rend());
  for (int& downbeat : grid.downbeats) downbeat += static_cast<int>(before.size());
  const double last_beat_sec = beats.back() - beats[beats.size() - 2];
  while (beats.back() <= last_sec) beats.push_back(beats.back() + last_beat_sec);

  const int bar = grid.metre.beats_per_bar;
  std::vector<int> earlier;
  for (int beat = grid.downbeats.front() - bar; beat >= 0; beat -= bar) earlier.push_back(beat);
  grid.downbeats.insert(grid.downbeats.begin(), earlier.rbegin(), earlier.rend());
  while (grid.downbeats.back() + bar < static_cast<int>(beats.size())) {
    grid.downbeats.push_back(grid.downbeats.back() + bar);
  }
}

}  // namespace

MusicAnalysis analyse_music(std::span<const Note> notes) {
  const std::vector<Note> played = played_notes(notes);
  MusicAnalysis analysis;
  analysis.key = find_key(played);
  if (played.empty()) return analysis;
  analysis.grid = track_bars(played, find_onset_events(played));
  cover(analysis.grid, played);
  return analysis;
}

std::string notes_to_musicxml(std::span<const Note> notes, const std::string& title) {
  const MusicAnalysis analysis = analyse_music(notes);
  return sheet_to_musicxml(build_sheet(played_notes(notes), analysis.grid, analysis.key, title));
}

std::string notes_to_json_with_beats(std::span<const Note> notes) {
  const Beats found = find_beats(notes);
  std::vector<std::string> beats, downbeats;
  for (const Beat& beat : found.beats) {
    beats.push_back(fmt::format("{:.4f}", beat.time_sec));
    if (beat.begins_bar) downbeats.push_back(beats.back());
  }
  const std::string members = fmt::format(
      "\"tempo\": {:.2f}, \"time_signature\": \"{}/{}\", \"key\": {{\"tonic\": \"{}\", \"mode\": \"{}\", "
      "\"fifths\": {}}},\n\"beats\": [{}],\n\"downbeats\": [{}],\n",
      found.quarters_per_minute, found.numerator, found.denominator, found.tonic, found.is_minor ? "minor" : "major",
      found.fifths, fmt::join(beats, ","), fmt::join(downbeats, ","));
  return notes_to_json(notes, program_vocabulary("gm_ext_plus"), members);
}

}  // namespace yourmt3
