#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// What a network sees at once, and what it should write down.
struct MixedSegment {
  std::vector<float> samples;  ///< 32767 at 16 kHz, within +-1; a pitch shift may go a little beyond.
  /// Notes that sound in the segment, in seconds from its start, sorted by onset; pitched ones may begin before 0 and
  /// any may end after it.
  std::vector<Note> notes;
  /// Programs whose notes are told, ascending, where something else sounds as well; nothing where all is told.
  std::optional<std::vector<int>> annotated;
};

/// Segments without end for training. All methods are const, safe for many threads, and pure functions of the source's
/// options and their arguments: whatever asks, in whatever order, gets the same.
class SegmentSource {
 public:
  static constexpr int kSegmentSamples = 32767;

  virtual ~SegmentSource() = default;

  /// The segments of one draw; there are bundle_size() of them.
  virtual std::vector<MixedSegment> make(std::uint64_t bundle) const = 0;
  /// Segments that are drawn together, because they are mixed from one another.
  virtual std::size_t bundle_size() const = 0;

  virtual std::size_t stem_count() const = 0;
  virtual double stem_hours() const = 0;
};

}  // namespace yourmt3
