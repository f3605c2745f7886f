#include "score/midi_writer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/fail.h"
#include "score/note_event.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

constexpr int kTicksPerQuarter = 480;
constexpr double kSecondsPerTick = 500000 * 1e-6 / kTicksPerQuarter;
constexpr int kWrittenVelocity = 100;
constexpr int kLastMidiChannel = 15;
constexpr double kLatestSec = 100000;  // More than a day; far below the 2^28 ticks between two messages.

// What a track has to play: in the reference's order, ends before beginnings.
struct Stroke {
  std::uint64_t tick = 0;
  int program = 0;
  bool on = true;
  int pitch = 60;
  int velocity = kWrittenVelocity;
};

std::uint64_t to_tick(double time_sec) {
  if (!(time_sec >= 0 && time_sec <= kLatestSec)) {
    fail(ErrorCode::kInvalidArgument, "a note at {} s cannot be written, expected 0 to {} s", time_sec, kLatestSec);
  }
  return static_cast<std::uint64_t>(std::nearbyint(time_sec / kSecondsPerTick));
}

std::vector<NoteEvent> sorted_events(std::span<const Note> notes) {
  std::vector<NoteEvent> events = notes_to_events(notes);
  std::vector<NoteEvent> drum_ends;
  for (NoteEvent& event : events) {
    if (!event.is_drum) continue;
    event.program = kDrumProgram;
    if (event.velocity > 0) {
      drum_ends.push_back({true, kDrumProgram, event.time_sec + kMinimumDurationSec, 0, event.pitch});
    }
  }
  events.insert(events.end(), drum_ends.begin(), drum_ends.end());
  sort_events(events);
  return events;
}

MidiMessage channel_message(std::uint64_t tick, std::uint8_t kind, int channel, int data1, int data2 = 0) {
  if (data1 < 0 || data1 > 127 || data2 < 0 || data2 > 127) {
    fail(ErrorCode::kInvalidArgument, "program, pitch or velocity {} {} cannot be written, expected 0 to 127", data1,
         data2);
  }
  return {.tick = tick,
          .status = static_cast<std::uint8_t>(kind | channel),
          .data1 = static_cast<std::uint8_t>(data1),
          .data2 = static_cast<std::uint8_t>(data2)};
}

// Drums on channel 10; the others 1 to 9, 11 to 16 in order, all that are left over on 16.
std::map<int, int> channels_in_order(const std::set<int>& programs) {
  std::map<int, int> channels;
  int next = 0;
  for (const int program : programs) {
    if (program == kDrumProgram) {
      channels[program] = kDrumMidiChannel;
      continue;
    }
    channels[program] = next;
    next = std::min(next == kDrumMidiChannel - 1 ? next + 2 : next + 1, kLastMidiChannel);
  }
  return channels;
}

// As above, but those with the fewest notes share channel 16.
std::map<int, int> channels_by_use(const std::map<int, int>& note_counts) {
  std::vector<std::pair<int, int>> by_use;  // (-notes, program)
  for (const auto& [program, count] : note_counts) {
    if (program != kDrumProgram) by_use.emplace_back(-count, program);
  }
  std::set<int> programs;
  for (const auto& [program, count] : note_counts) programs.insert(program);
  if (by_use.size() <= static_cast<std::size_t>(kLastMidiChannel)) return channels_in_order(programs);

  std::sort(by_use.begin(), by_use.end());
  std::map<int, int> channels;
  for (std::size_t i = kLastMidiChannel - 1; i < by_use.size(); ++i) {
    channels[by_use[i].second] = kLastMidiChannel;
    programs.erase(by_use[i].second);
  }
  channels.merge(channels_in_order(programs));
  return channels;
}

// On a shared channel one key cannot sound twice: the earlier note ends a tick before the later one begins, since at
// equal ticks the order of the tracks would decide which of them is ended.
void separate_shared_keys(std::vector<Note>& notes, const std::map<int, int>& channels) {
  std::map<int, std::vector<std::size_t>> by_pitch;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (!notes[i].is_drum && channels.at(notes[i].program) == kLastMidiChannel) by_pitch[notes[i].pitch].push_back(i);
  }
  for (const auto& [pitch, members] : by_pitch) {
    for (std::size_t k = 1; k < members.size(); ++k) {
      Note& previous = notes[members[k - 1]];
      const double onset_sec = notes[members[k]].onset_sec;
      if (previous.onset_sec < onset_sec)
        previous.offset_sec = std::min(previous.offset_sec, onset_sec - kSecondsPerTick);
    }
  }
}

MidiTrack named_track(int program, const ProgramVocabulary* instruments) {
  static const ProgramVocabulary& fallback = program_vocabulary("gm_ext_plus");
  const std::string name = (instruments != nullptr ? *instruments : fallback).instrument_name(program);
  MidiTrack track;
  track.messages.push_back({.status = kMidiMeta, .data1 = kMidiMetaTrackName, .data = name});
  return track;
}

MidiMessage program_change(std::uint64_t tick, int channel, int program) {
  return channel_message(tick, kMidiProgram, channel, midi_program(program));
}

MidiFile empty_file() {
  MidiFile file;
  file.ticks_per_quarter = kTicksPerQuarter;
  file.tracks.emplace_back();
  return file;
}

void close_tracks(MidiFile& file) {
  for (MidiTrack& track : file.tracks) {
    if (!track.messages.empty()) track.end_tick = track.messages.back().tick;
  }
}

MidiFile as_reference_writes(std::span<const Note> notes, const ProgramVocabulary* instruments) {
  const std::vector<NoteEvent> events = sorted_events(notes);
  std::set<int> programs;
  for (const NoteEvent& event : events) programs.insert(event.program);
  const std::map<int, int> channels = channels_in_order(programs);

  MidiFile file = empty_file();
  std::map<int, std::size_t> track_of;
  for (const auto& [program, channel] : channels) {
    track_of[program] = file.tracks.size();
    file.tracks.push_back(named_track(program, instruments));
    file.tracks.back().messages.push_back(program_change(0, channel, program));
  }
  for (const NoteEvent& event : events) {
    const bool on = event.velocity > 0;
    file.tracks[track_of[event.program]].messages.push_back(
        channel_message(to_tick(event.time_sec), on ? kMidiNoteOn : kMidiNoteOff, channels.at(event.program),
                        event.pitch, on ? kWrittenVelocity : 0));
  }
  close_tracks(file);
  return file;
}

std::vector<Stroke> strokes_of(std::span<const Note> notes) {
  std::vector<Stroke> strokes;
  for (const Note& note : notes) {
    const std::uint64_t begin = to_tick(note.onset_sec);
    const double offset_sec = note.is_drum ? note.onset_sec + kMinimumDurationSec : note.offset_sec;
    const int velocity = note.velocity > 1 ? note.velocity : kWrittenVelocity;
    strokes.push_back({begin, note.program, true, note.pitch, velocity});
    // At least one tick: a note without length would end before it begins.
    strokes.push_back({std::max(to_tick(offset_sec), begin + 1), note.program, false, note.pitch, 0});
  }
  // Players take equal ticks track by track, so a program change stays next to its note.
  std::stable_sort(strokes.begin(), strokes.end(), [](const Stroke& a, const Stroke& b) {
    return std::tie(a.tick, a.program, a.on, a.pitch) < std::tie(b.tick, b.program, b.on, b.pitch);
  });
  return strokes;
}

}  // namespace

// As the reference.
int midi_program(int program) {
  switch (program) {
    case kDrumProgram:
      return 0;
    case kSingingProgram:
      return 65;
    case kChorusProgram:
      return 53;
    default:
      return program;
  }
}

MidiFile notes_to_midi(std::span<const Note> notes, const MidiWriteOptions& options) {
  std::vector<Note> mapped = options.instruments != nullptr ? to_representatives(notes, *options.instruments)
                                                            : std::vector<Note>(notes.begin(), notes.end());
  if (options.as_reference) return as_reference_writes(mapped, options.instruments);

  for (Note& note : mapped) {
    if (note.is_drum) note.program = kDrumProgram;
  }
  std::erase_if(mapped, [](const Note& note) { return note.velocity == 0; });
  mapped = trim_overlaps(std::move(mapped));
  std::map<int, int> note_counts;
  for (const Note& note : mapped) ++note_counts[note.program];
  const std::map<int, int> channels = channels_by_use(note_counts);
  separate_shared_keys(mapped, channels);

  MidiFile file = empty_file();
  std::map<int, std::size_t> track_of;
  std::map<int, int> users;  // Programs by channel.
  for (const auto& [program, channel] : channels) ++users[channel];
  std::map<int, int> playing;  // By channel: the program that a player has set.
  for (const auto& [program, channel] : channels) {
    track_of[program] = file.tracks.size();
    file.tracks.push_back(named_track(program, options.instruments));
    if (users[channel] > 1) continue;
    file.tracks.back().messages.push_back(program_change(0, channel, program));
    playing[channel] = program;
  }
  for (const Stroke& stroke : strokes_of(mapped)) {
    const int channel = channels.at(stroke.program);
    MidiTrack& track = file.tracks[track_of[stroke.program]];
    const auto [current, first] = playing.try_emplace(channel, stroke.program);
    if (stroke.on && (first || current->second != stroke.program)) {
      track.messages.push_back(program_change(stroke.tick, channel, stroke.program));
      current->second = stroke.program;
    }
    track.messages.push_back(
        channel_message(stroke.tick, stroke.on ? kMidiNoteOn : kMidiNoteOff, channel, stroke.pitch, stroke.velocity));
  }
  close_tracks(file);
  return file;
}

}  // namespace yourmt3
