#pragma once

#include <cstddef>
#include <span>

namespace yourmt3 {

/// Decaying tones on a grid of eighths, always the same: music enough to keep a trained network busy.
class TestTones {
 public:
  TestTones(double seconds, int sample_rate);

  /// Fills `out` from its start and returns how many samples it wrote; fewer than asked only at the end.
  std::size_t read(std::span<float> out);

 private:
  float sample(std::size_t index) const;

  std::size_t total_;
  std::size_t next_ = 0;
  double rate_;
};

}  // namespace yourmt3
