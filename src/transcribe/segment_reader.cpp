#include "transcribe/segment_reader.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace yourmt3 {

using Clock = std::chrono::steady_clock;

SegmentReader::SegmentReader(OpenSource open, std::size_t segment_samples, std::size_t ahead)
    : segment_samples_(segment_samples),
      ahead_(ahead),
      thread_([this, open = std::move(open)](const std::stop_token& stop) { read_all(stop, open); }) {}

SegmentReader::~SegmentReader() = default;

void SegmentReader::read_all(const std::stop_token& stop, const OpenSource& open) {
  auto start = Clock::now();
  std::exception_ptr error;
  try {
    const SampleSource source = open(stop);
    {
      const std::lock_guard lock(mutex_);
      total_sec_ = source.total_sec;
    }
    for (bool more = true; more && !stop.stop_requested();) {
      std::vector<float> segment(segment_samples_);
      const std::size_t count = source.read(segment);
      more = count == segment_samples_;
      std::fill(segment.begin() + static_cast<std::ptrdiff_t>(count), segment.end(), 0.f);
      std::unique_lock lock(mutex_);
      n_samples_ += count;
      seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
      if (count > 0) ready_.push_back(std::move(segment));
      changed_.notify_all();
      changed_.wait(lock, stop, [this] { return ready_.size() < ahead_; });
      start = Clock::now();
    }
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  error_ = error;
  all_read_ = true;
  changed_.notify_all();
}

std::optional<std::vector<float>> SegmentReader::take(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return !ready_.empty() || all_read_; });
  if (ready_.empty()) {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    return std::nullopt;
  }
  std::vector<float> segment = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return segment;
}

bool SegmentReader::all_read() const {
  const std::lock_guard lock(mutex_);
  return all_read_;
}

bool SegmentReader::at_end() const {
  const std::lock_guard lock(mutex_);
  return all_read_ && ready_.empty() && !error_;
}

double SegmentReader::total_sec() const {
  const std::lock_guard lock(mutex_);
  return total_sec_;
}

std::size_t SegmentReader::n_samples() const {
  const std::lock_guard lock(mutex_);
  return n_samples_;
}

double SegmentReader::seconds() const {
  const std::lock_guard lock(mutex_);
  return seconds_;
}

}  // namespace yourmt3
