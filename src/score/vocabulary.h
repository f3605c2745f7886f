#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "score/drum_groups.h"
#include "score/program_groups.h"

namespace yourmt3 {

/// What a token means; the order is that of the ids.
enum class EventType : std::uint8_t {
  kPad,
  kEos,
  kUnknown,
  kTask,      ///< Value: position among the task's own tokens.
  kShift,     ///< Value: ticks of 10 ms since the start of the segment.
  kPitch,     ///< Begins or ends a note, as the running velocity says; in the tie section, one that still sounds.
  kVelocity,  ///< 1: pitches begin, 0: pitches end.
  kTie,       ///< End of the tie section.
  kProgram,
  kDrum,  ///< Value: key of the drum kit.
};

/// One token as type and value.
struct Event {
  EventType type = EventType::kPad;
  int value = 0;

  friend bool operator==(const Event&, const Event&) = default;
};

inline constexpr std::int32_t kPadId = 0;
inline constexpr std::int32_t kEosId = 1;
inline constexpr int kShiftValues = 206;  ///< 0 to 205: 2.0479375 s in ticks of 10 ms, and two more.

/// Ids of one event type: first_id .. first_id + count - 1 for the values 0 .. count - 1.
struct EventRange {
  EventType type = EventType::kPad;
  std::int32_t first_id = 0;
  int count = 0;

  bool contains(std::int32_t id) const { return id >= first_id && id < first_id + count; }
};

/// Events and their ids, and which programs and drum keys are one for the network.
class Vocabulary {
 public:
  /// The vocabularies must outlive this one; those of program_vocabulary() and drum_vocabulary() do.
  Vocabulary(std::vector<std::string> task_tokens, const ProgramVocabulary& programs, const DrumVocabulary& drums);

  int size() const { return size_; }

  /// Throws Error(kInvalidArgument) for a value that has no id.
  std::int32_t id(EventType type, int value = 0) const;

  /// Throws Error(kInvalidArgument) for an id outside [0, size()).
  Event event(std::int32_t id) const;

  const EventRange& range(EventType type) const { return ranges_[static_cast<std::size_t>(type)]; }
  std::span<const EventRange> ranges() const { return ranges_; }

  /// Names of the task tokens, in the order of their ids.
  std::span<const std::string> task_tokens() const { return task_tokens_; }

  /// Id of a program or drum token after grouping: the first of its class stands for all of them.
  std::int32_t program_id(int program) const { return id(EventType::kProgram, programs_->representative(program)); }
  std::int32_t drum_id(int pitch) const { return id(EventType::kDrum, drums_->representative(pitch)); }

  const ProgramVocabulary& programs() const { return *programs_; }
  const DrumVocabulary& drums() const { return *drums_; }

 private:
  std::vector<std::string> task_tokens_;
  const ProgramVocabulary* programs_;
  const DrumVocabulary* drums_;
  std::vector<EventRange> ranges_;  // By EventType.
  int size_ = 0;
};

/// Lower-case name of a type, such as "shift"; "PAD", "EOS" and "UNK" for the special ones.
const char* to_string(EventType type);

}  // namespace yourmt3
