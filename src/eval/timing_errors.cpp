#include "eval/timing_errors.h"

#include <cstddef>

namespace yourmt3 {

TimingErrors& TimingErrors::operator+=(const TimingErrors& other) {
  onset_ms.insert(onset_ms.end(), other.onset_ms.begin(), other.onset_ms.end());
  offset_ms.insert(offset_ms.end(), other.offset_ms.begin(), other.offset_ms.end());
  offset_ratio.insert(offset_ratio.end(), other.offset_ratio.begin(), other.offset_ratio.end());
  return *this;
}

TimingErrors timing_errors(std::span<const Note> reference, std::span<const Note> estimate,
                           std::span<const NotePair> pairs) {
  TimingErrors errors;
  for (const NotePair& pair : pairs) {
    const Note& r = reference[static_cast<std::size_t>(pair.reference)];
    const Note& e = estimate[static_cast<std::size_t>(pair.estimate)];
    errors.onset_ms.push_back(1000 * (e.onset_sec - r.onset_sec));
    errors.offset_ms.push_back(1000 * (e.offset_sec - r.offset_sec));
    errors.offset_ratio.push_back((e.offset_sec - r.offset_sec) / (r.offset_sec - r.onset_sec));
  }
  return errors;
}

}  // namespace yourmt3
