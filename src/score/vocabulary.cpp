#include "score/vocabulary.h"

#include <utility>

#include "core/fail.h"

namespace yourmt3 {

Vocabulary::Vocabulary(std::vector<std::string> task_tokens, const ProgramVocabulary& programs,
                       const DrumVocabulary& drums)
    : task_tokens_(std::move(task_tokens)), programs_(&programs), drums_(&drums) {
  const std::pair<EventType, int> counts[] = {
      {EventType::kPad, 1},
      {EventType::kEos, 1},
      {EventType::kUnknown, 1},
      {EventType::kTask, static_cast<int>(task_tokens_.size())},
      {EventType::kShift, kShiftValues},
      {EventType::kPitch, 128},
      {EventType::kVelocity, 2},
      {EventType::kTie, 1},
      {EventType::kProgram, 128},
      {EventType::kDrum, 128},
  };
  for (const auto& [type, count] : counts) {
    ranges_.push_back({type, size_, count});
    size_ += count;
  }
}

std::int32_t Vocabulary::id(EventType type, int value) const {
  const EventRange& ids = range(type);
  if (value < 0 || value >= ids.count) {
    fail(ErrorCode::kInvalidArgument, "there is no token for {} {}: values go from 0 to {}", to_string(type), value,
         ids.count - 1);
  }
  return ids.first_id + value;
}

Event Vocabulary::event(std::int32_t id) const {
  for (const EventRange& ids : ranges_) {
    if (ids.contains(id)) return {ids.type, id - ids.first_id};
  }
  fail(ErrorCode::kInvalidArgument, "token {} is outside the vocabulary of {} ids", id, size_);
}

const char* to_string(EventType type) {
  switch (type) {
    case EventType::kPad:
      return "PAD";
    case EventType::kEos:
      return "EOS";
    case EventType::kUnknown:
      return "UNK";
    case EventType::kTask:
      return "task";
    case EventType::kShift:
      return "shift";
    case EventType::kPitch:
      return "pitch";
    case EventType::kVelocity:
      return "velocity";
    case EventType::kTie:
      return "tie";
    case EventType::kProgram:
      return "program";
    case EventType::kDrum:
      return "drum";
  }
  return "";
}

}  // namespace yourmt3
