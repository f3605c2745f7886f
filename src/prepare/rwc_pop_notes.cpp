#include "prepare/rwc_pop_notes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/fail.h"
#include "prepare/rwc_track_names.h"
#include "score/midi_reader.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

bool has_notes(const MidiTrack& track) {
  return std::any_of(track.messages.begin(), track.messages.end(), [](const MidiMessage& message) {
    return message.is_channel() && message.kind() == kMidiNoteOn && message.data2 > 0;
  });
}

/// A role of kOwnProgram as one of kProgram, or of kUnknown when the track has no program change.
RwcTrackRole resolve(RwcTrackRole role, const MidiTrack& track) {
  if (role.kind != RwcTrackRole::Kind::kOwnProgram) return role;
  for (const MidiMessage& message : track.messages) {
    if (message.is_channel() && message.kind() == kMidiProgram) {
      return {RwcTrackRole::Kind::kProgram, rwc_own_program(message.data1)};
    }
  }
  return {};
}

/// The track on the first channel, without program changes.
MidiTrack on_first_channel(const MidiTrack& track) {
  MidiTrack moved = track;
  std::erase_if(moved.messages,
                [](const MidiMessage& message) { return message.is_channel() && message.kind() == kMidiProgram; });
  for (MidiMessage& message : moved.messages) {
    if (message.is_channel()) message.status = message.kind();
  }
  return moved;
}

}  // namespace

RwcPopNotes rwc_pop_notes(const MidiFile& file) {
  RwcPopNotes result;
  if (file.tracks.empty()) return result;
  MidiTrack conductor = file.tracks.front();
  std::erase_if(conductor.messages, [](const MidiMessage& message) { return message.is_channel(); });
  std::map<int, MidiFile> of_program;
  for (std::size_t i = 0; i < file.tracks.size(); ++i) {
    const MidiTrack& track = file.tracks[i];
    conductor.end_tick = std::max(conductor.end_tick, track.end_tick);
    if (i == 0 || !has_notes(track)) continue;
    const RwcTrackRole role = resolve(rwc_track_role(track.name()), track);
    if (role.kind == RwcTrackRole::Kind::kUnknown) result.unknown.push_back(track.name());
    if (role.kind == RwcTrackRole::Kind::kProgram) {
      of_program[role.program].tracks.push_back(on_first_channel(track));
    }
  }
  for (auto& [program, part] : of_program) {
    part.format = 1;
    part.ticks_per_quarter = file.ticks_per_quarter;
    part.ticks_per_second = file.ticks_per_second;
    part.tracks.insert(part.tracks.begin(), conductor);
    MidiNoteOptions options;
    options.missing_program = program;
    const std::vector<Note> notes = read_notes(part, options).notes;
    result.notes.insert(result.notes.end(), notes.begin(), notes.end());
  }
  sort_in_note_order(result.notes);
  return result;
}

}  // namespace yourmt3
