#include "score/midi_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "core/fail.h"
#include "core/lower_case.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

constexpr double kDefaultMicrosecondsPerQuarter = 500000;
constexpr std::uint8_t kSustainPedal = 64;
constexpr int kMostAtOnce = 256;  // Notes of one pitch that begin at one time on one channel.
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double tempo_of(const MidiMessage& message) {
  if (message.data.size() < 3) {
    fail(ErrorCode::kMalformed, "tempo at MIDI tick {} has {} bytes, expected 3", message.tick, message.data.size());
  }
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(message.data[i]); };
  return byte(0) << 16 | byte(1) << 8 | byte(2);
}

// A note and where it was written.
struct PlacedNote {
  Note note;
  int track = 0;
  int channel = 0;
};

struct Channel {
  std::optional<int> program;
  bool reserved = false;  // Program changes are ignored.
  bool sustain = false;
  // Indices of notes whose key is down, of all pitches and of each: a file with a million of them must end, too.
  std::set<std::size_t> open;
  std::map<int, std::set<std::size_t>> open_of_pitch;
  std::vector<std::size_t> sustained;  // Indices of notes held by the pedal.
};

class NoteCollector {
 public:
  NoteCollector(const MidiFile& file, const MidiNoteOptions& options) : file_(file), options_(options) {
    reserve_channels();
    for (const MidiTrack& track : file.tracks) singing_programs_.push_back(singing_program(track));
  }

  // Reads everything; the notes are in the order in which they ended.
  std::vector<PlacedNote> run() {
    std::vector<std::pair<const MidiMessage*, int>> merged;
    std::uint64_t end_tick = 0;
    for (std::size_t i = 0; i < file_.tracks.size(); ++i) {
      for (const MidiMessage& message : file_.tracks[i].messages) merged.emplace_back(&message, static_cast<int>(i));
      end_tick = std::max(end_tick, file_.tracks[i].end_tick);
    }
    std::stable_sort(merged.begin(), merged.end(),
                     [](const auto& a, const auto& b) { return a.first->tick < b.first->tick; });
    for (const auto& [message, track] : merged) {
      advance_to(message->tick);
      if (message->is_meta(kMidiMetaTempo)) {
        microseconds_per_quarter_ = tempo_of(*message);
      } else if (message->is_channel()) {
        read(*message, track);
      }
    }
    advance_to(end_tick);
    for (const Channel& channel : channels_) {
      end_all(channel.open);
      end_all(channel.sustained);
    }
    std::vector<PlacedNote> notes;
    for (const std::size_t index : finished_) notes.push_back(notes_[index]);
    return notes;
  }

  double time_sec() const { return time_sec_; }
  const std::array<Channel, 16>& channels() const { return channels_; }

 private:
  void reserve_channels() {
    if (options_.channel_10_is_drums) reserve(channels_[kDrumMidiChannel], kDrumProgram);
    for (const MidiTrack& track : file_.tracks) {
      for (const auto& [name, program] : options_.program_of_track_name) {
        if (lower_case(name) != lower_case(track.name())) continue;
        for (const MidiMessage& message : track.messages) {
          if (message.is_channel()) reserve(channels_[static_cast<std::size_t>(message.channel())], program);
        }
      }
    }
  }

  static void reserve(Channel& channel, int program) {
    channel.program = program;
    channel.reserved = true;
  }

  std::optional<int> singing_program(const MidiTrack& track) const {
    if (!options_.singing_by_track_name) return std::nullopt;
    const std::string name = lower_case(track.name());
    if (name == "singing voice") return kSingingProgram;
    if (name == "singing voice (chorus)") return kChorusProgram;
    return std::nullopt;
  }

  void advance_to(std::uint64_t tick) {
    const std::uint64_t delta = tick - tick_;
    tick_ = tick;
    if (delta == 0) return;
    const auto ticks = static_cast<double>(delta);
    if (file_.ticks_per_quarter > 0) {
      time_sec_ += ticks * (microseconds_per_quarter_ * 1e-6 / file_.ticks_per_quarter);
    } else {
      time_sec_ += ticks / file_.ticks_per_second;
    }
  }

  void read(const MidiMessage& message, int track) {
    Channel& channel = channels_[static_cast<std::size_t>(message.channel())];
    switch (message.kind()) {
      case kMidiProgram:
        if (!channel.reserved) channel.program = message.data1;
        break;
      case kMidiControl:
        if (message.data1 == kSustainPedal && !options_.ignore_pedal) pedal(channel, message.data2);
        break;
      case kMidiNoteOn:
        if (message.data2 > 0) {
          note_on(channel, message, track);
        } else {
          note_off(channel, message.data1);
        }
        break;
      case kMidiNoteOff:
        note_off(channel, message.data1);
        break;
      default:
        break;
    }
  }

  void pedal(Channel& channel, int value) {
    channel.sustain = value >= 64;
    if (channel.sustain) return;
    for (const std::size_t index : channel.sustained) finish(index, time_sec_);
    channel.sustained.clear();
  }

  void note_on(Channel& channel, const MidiMessage& message, int track) {
    std::optional<int> program = singing_programs_[static_cast<std::size_t>(track)];
    if (!program) {
      if (!channel.program) channel.program = options_.missing_program;
      program = channel.program;
    }
    if (!program) {
      fail(ErrorCode::kMalformed, "MIDI track {}: note at tick {} on channel {} before any program change", track,
           message.tick, message.channel() + 1);
    }
    const bool is_drum = *program == kDrumProgram || options_.all_drums;
    const std::size_t index = notes_.size();
    const Note note{is_drum, *program, time_sec_, kNone, message.data1, message.data2};
    notes_.push_back({note, track, message.channel()});
    if (is_drum) {
      finish(index, time_sec_ + kMinimumDurationSec);
    } else {
      open(channel, index, message);
    }
  }

  void open(Channel& channel, std::size_t index, const MidiMessage& message) {
    std::set<std::size_t>& same_pitch = channel.open_of_pitch[message.data1];
    if (same_pitch.size() >= kMostAtOnce &&
        notes_[*std::prev(same_pitch.end(), kMostAtOnce)].note.onset_sec == time_sec_) {
      fail(ErrorCode::kMalformed, "MIDI channel {}: more than {} notes of pitch {} begin at tick {}; this is no music",
           message.channel() + 1, kMostAtOnce, message.data1, message.tick);
    }
    channel.open.insert(index);
    same_pitch.insert(index);
  }

  void note_off(Channel& channel, int pitch) {
    const auto found = channel.open_of_pitch.find(pitch);
    if (found == channel.open_of_pitch.end() || found->second.empty()) return;
    std::set<std::size_t>& same_pitch = found->second;
    if (channel.sustain) {
      hold(channel, same_pitch);
      return;
    }
    const std::size_t first = *same_pitch.begin();
    finish(first, time_sec_);
    channel.open.erase(first);
    same_pitch.erase(first);
  }

  // As the reference: it removes from the list of open notes that it walks, so the note after a removed one is not
  // looked at, and it removes the first equal one.
  void hold(Channel& channel, std::set<std::size_t>& same_pitch) {
    for (auto at = same_pitch.begin(); at != same_pitch.end();) {
      const std::size_t index = *at;
      channel.sustained.push_back(index);
      const auto after = channel.open.upper_bound(index);
      const std::size_t passed_over = after == channel.open.end() ? notes_.size() : *after;  // The former is no note.
      const std::size_t equal = first_equal(same_pitch, at);
      channel.open.erase(equal);
      same_pitch.erase(equal);
      at = same_pitch.upper_bound(index);
      if (at != same_pitch.end() && *at == passed_over) ++at;
    }
  }

  // The first note that begins as that one does.
  std::size_t first_equal(const std::set<std::size_t>& same_pitch, std::set<std::size_t>::const_iterator at) const {
    const std::size_t index = *at;
    std::size_t equal = index;
    while (at != same_pitch.begin()) {
      --at;
      if (notes_[*at].note.onset_sec != notes_[index].note.onset_sec) break;
      if (same_beginning(*at, index)) equal = *at;
    }
    return equal;
  }

  bool same_beginning(std::size_t a, std::size_t b) const {
    const Note& x = notes_[a].note;
    const Note& y = notes_[b].note;
    return a == b || (std::isnan(x.offset_sec) && std::isnan(y.offset_sec) &&
                      std::tie(x.is_drum, x.program, x.onset_sec, x.pitch, x.velocity) ==
                          std::tie(y.is_drum, y.program, y.onset_sec, y.pitch, y.velocity));
  }

  void finish(std::size_t index, double offset_sec) {
    notes_[index].note.offset_sec = offset_sec;
    finished_.push_back(index);
  }

  template <class Indices>
  void end_all(const Indices& indices) {
    for (const std::size_t index : indices) {
      finish(index, std::min(time_sec_, notes_[index].note.onset_sec + kMinimumDurationSec));
    }
  }

  const MidiFile& file_;
  const MidiNoteOptions& options_;
  std::array<Channel, 16> channels_;
  std::vector<std::optional<int>> singing_programs_;  // By track.
  std::vector<PlacedNote> notes_;                     // In order of their onsets.
  std::vector<std::size_t> finished_;                 // Indices into notes_, in order of their ends.
  std::uint64_t tick_ = 0;
  double time_sec_ = 0;
  double microseconds_per_quarter_ = kDefaultMicrosecondsPerQuarter;
};

void require_playable(const MidiFile& file) {
  if (file.format == 2) {
    fail(ErrorCode::kUnsupported, "MIDI format 2 holds independent patterns; convert it to format 0 or 1");
  }
}

std::vector<Note> tidied(std::vector<Note> notes, const MidiNoteOptions& options) {
  if (options.binary_velocity) {
    for (Note& note : notes) note.velocity = note.velocity > 0 ? 1 : 0;
  }
  sort_in_note_order(notes);
  if (options.quantize) {
    for (Note& note : notes) {
      note.onset_sec = std::nearbyint(note.onset_sec * 100) / 100;
      note.offset_sec = std::nearbyint(note.offset_sec * 100) / 100;
    }
  }
  if (options.trim) notes = trim_overlaps(std::move(notes));
  if (options.validate) validate_notes(notes);
  return notes;
}

}  // namespace

MidiNoteOptions general_midi_options() {
  MidiNoteOptions options;
  options.channel_10_is_drums = true;
  options.missing_program = 0;
  options.singing_by_track_name = true;
  return options;
}

MidiNotes read_notes(const MidiFile& file, const MidiNoteOptions& options) {
  require_playable(file);
  NoteCollector collector(file, options);
  MidiNotes result;
  for (const PlacedNote& placed : collector.run()) result.notes.push_back(placed.note);
  result.notes = tidied(std::move(result.notes), options);
  result.duration_sec = collector.time_sec();
  for (std::size_t i = 0; i < result.programs.size(); ++i) result.programs[i] = collector.channels()[i].program;
  return result;
}

std::vector<MidiPart> read_parts(const MidiFile& file, const MidiNoteOptions& options) {
  require_playable(file);
  NoteCollector collector(file, options);
  std::map<std::tuple<int, int, int>, std::vector<Note>> notes_of;
  for (const PlacedNote& placed : collector.run()) {
    notes_of[{placed.track, placed.channel, placed.note.program}].push_back(placed.note);
  }
  std::vector<MidiPart> parts;
  for (auto& [key, notes] : notes_of) {
    const auto [track, channel, program] = key;
    parts.push_back({track, file.tracks[static_cast<std::size_t>(track)].name(), channel, program,
                     tidied(std::move(notes), options)});
  }
  return parts;
}

}  // namespace yourmt3
