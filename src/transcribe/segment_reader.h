#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace yourmt3 {

/// Mono audio at the network's sample rate, from the start to the end.
struct SampleSource {
  /// Fills `out` from its start and returns how many samples it wrote; fewer than asked only at the end.
  std::function<std::size_t(std::span<float> out)> read;
  double total_sec = 0;  ///< Expected length; 0 when not known.
};

/// Opens a source; called on the thread that will read it. Opening and reading end early, in any way, when the token
/// says so.
using OpenSource = std::function<SampleSource(std::stop_token)>;

/// Cuts a recording into segments, ahead of who takes them, on a thread of its own: no more than `ahead` segments
/// wait. All methods are for one other thread.
class SegmentReader {
 public:
  SegmentReader(OpenSource open, std::size_t segment_samples, std::size_t ahead = 8);
  ~SegmentReader();
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  /// The next segment, zeros behind the end of the recording; waits for it as long as `time`. Nothing when there is
  /// none by then, or no more. Throws what opening or reading threw, behind the segments before it.
  std::optional<std::vector<float>> take(std::chrono::milliseconds time);

  /// Everything has been read, though perhaps not taken.
  bool all_read() const;
  /// Everything has been read and taken.
  bool at_end() const;

  // So far, and final when all has been read:
  double total_sec() const;  ///< Expected length of the recording; 0 when not known.
  std::size_t n_samples() const;
  double seconds() const;  ///< Spent on opening and reading.

 private:
  void read_all(const std::stop_token& stop, const OpenSource& open);

  std::size_t segment_samples_, ahead_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::vector<float>> ready_;
  std::exception_ptr error_;
  bool all_read_ = false;
  double total_sec_ = 0, seconds_ = 0;
  std::size_t n_samples_ = 0;
  std::jthread thread_;  // Last: it uses the others until it has stopped.
};

}  // namespace yourmt3
