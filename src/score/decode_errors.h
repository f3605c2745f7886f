#pragma once

#include <array>
#include <cstddef>

namespace yourmt3 {

/// What can be wrong in a token sequence or between two of them. Decoding goes on after each and counts it.
enum class DecodeError {
  kMissingProgramInTie,  ///< A pitch in the tie section before any program.
  kMissingTie,           ///< No tie token: the whole segment is lost.
  kShiftOutOfRange,      ///< A shift of zero.
  kMissingProgram,       ///< A pitch before any program.
  kMissingVelocity,      ///< A pitch before any velocity.
  kTieAtStart,           ///< A second tie token before any shift.
  kTieLater,             ///< A second tie token after a shift.
  kUnknownEvent,         ///< A task token among the notes.
  kOffWithoutOn,         ///< An end of a note that does not sound in this segment.
  kOnsetNotFound,        ///< An end of a note that does not sound at all.
  kForcedOff,            ///< A note that sounds at the end of a segment but is not tied over to the next.
  kLongNote,             ///< A note of more than ten seconds, cut to kMinimumDurationSec.
};
inline constexpr std::size_t kDecodeErrorKinds = 12;

/// The name in the logs of the reference implementation, such as "Err/Missing tie".
const char* reference_name(DecodeError error);

/// How often each error occurred.
class DecodeErrors {
 public:
  void add(DecodeError error, int n = 1) { counts_[static_cast<std::size_t>(error)] += n; }
  int count(DecodeError error) const { return counts_[static_cast<std::size_t>(error)]; }
  int total() const;
  DecodeErrors& operator+=(const DecodeErrors& other);
  friend bool operator==(const DecodeErrors&, const DecodeErrors&) = default;

 private:
  std::array<int, kDecodeErrorKinds> counts_{};
};

}  // namespace yourmt3
