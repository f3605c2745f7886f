#include "score/decode_errors.h"

#include <numeric>

namespace yourmt3 {

const char* reference_name(DecodeError error) {
  // Source: the event decoder and the metric logger of the reference implementation.
  switch (error) {
    case DecodeError::kMissingProgramInTie:
      return "Err/Missing prg in tie";
    case DecodeError::kMissingTie:
      return "Err/Missing tie";
    case DecodeError::kShiftOutOfRange:
      return "Err/Shift out of range";
    case DecodeError::kMissingProgram:
      return "Err/Missing prg";
    case DecodeError::kMissingVelocity:
      return "Err/Missing vel";
    case DecodeError::kTieAtStart:
      return "Err/Multi-tie type 1";
    case DecodeError::kTieLater:
      return "Err/Multi-tie type 2";
    case DecodeError::kUnknownEvent:
      return "Err/Unknown event";
    case DecodeError::kOffWithoutOn:
      return "Err/Note off without note on";
    case DecodeError::kOnsetNotFound:
      return "Err/onset not found";
    case DecodeError::kForcedOff:
      return "Err/merging segment tie";
    case DecodeError::kLongNote:
      return "Err/long note > 10s";
  }
  return "";
}

int DecodeErrors::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), 0);
}

DecodeErrors& DecodeErrors::operator+=(const DecodeErrors& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  return *this;
}

}  // namespace yourmt3
