#include "yourmt3/transcription_stream.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <stop_token>

#include "audio/resampler.h"
#include "core/fail.h"
#include "transcribe/pipeline.h"
#include "transcribe/transcriber_impl.h"

namespace yourmt3 {
namespace {

constexpr int kMostWaitingSec = 60;

/// Mono samples on their way from who pushes to who transcribes.
class SampleQueue {
 public:
  SampleQueue(std::size_t most, int in_rate, int out_rate) : most_(most), resampler_(in_rate, out_rate) {}

  /// Waits for room. Nothing is taken when the queue was closed.
  void push(std::span<const float> samples) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || waiting_.size() < most_; });
    if (!closed_) waiting_.insert(waiting_.end(), samples.begin(), samples.end());
    changed_.notify_all();
  }

  /// No more samples are taken; those that wait are still given out.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  /// Resampled; fewer than asked only at the end, and early when the token says so.
  std::size_t read(std::span<float> out, const std::stop_token& stop) {
    while (ready_.size() < out.size() && !finished_) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return closed_ || !waiting_.empty(); })) break;
      const std::vector<float> taken(waiting_.begin(), waiting_.end());
      waiting_.clear();
      finished_ = closed_;
      lock.unlock();
      changed_.notify_all();
      resampler_.push(taken, ready_);
      if (finished_) resampler_.finish(ready_);
    }
    const std::size_t count = std::min(out.size(), ready_.size());
    std::copy_n(ready_.begin(), count, out.begin());
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<float> waiting_;
  bool closed_ = false;
  // Of the reader alone:
  Resampler resampler_;
  std::vector<float> ready_;
  bool finished_ = false;
};

}  // namespace

struct TranscriptionStream::Impl {
  Impl(const Transcriber::Impl& transcriber, const Options& chosen)
      : options(chosen),
        queue(static_cast<std::size_t>(kMostWaitingSec) * static_cast<std::size_t>(chosen.sample_rate),
              chosen.sample_rate, transcriber.engine().config().front_end.sample_rate) {
    result = std::async(std::launch::async, [this, &transcriber] { return run(transcriber); });
  }

  ~Impl() {
    cancelled = true;
    queue.close();
    if (result.valid()) result.wait();
  }

  Transcription run(const Transcriber::Impl& transcriber) {
    // Whoever waits for room in the queue must hear of an error.
    struct CloseAtEnd {
      SampleQueue& queue;
      ~CloseAtEnd() { queue.close(); }
    } const close_at_end{queue};
    RecordingInput input;
    input.open = [this](const std::stop_token& stop) {
      return SampleSource{[this, stop](std::span<float> out) { return queue.read(out, stop); }, 0};
    };
    input.on_notes = options.on_notes;
    const auto keep_going = [this](const Progress& progress) {
      return !cancelled && (!options.on_progress || options.on_progress(progress.done, progress.total));
    };
    return transcribe(transcriber.engine(), std::move(input), keep_going, transcriber.decoding);
  }

  Options options;
  SampleQueue queue;
  std::atomic<bool> cancelled = false;
  std::size_t n_frames = 0;
  std::future<Transcription> result;  // Last: it uses the others until it has ended.
};

TranscriptionStream::TranscriptionStream(const Transcriber& transcriber, const Options& options) {
  check_sound(0, options.n_channels, options.sample_rate);
  impl_ = std::make_unique<Impl>(*transcriber.impl_, options);
}

TranscriptionStream::~TranscriptionStream() = default;
TranscriptionStream::TranscriptionStream(TranscriptionStream&&) noexcept = default;
TranscriptionStream& TranscriptionStream::operator=(TranscriptionStream&&) noexcept = default;

void TranscriptionStream::push(std::span<const float> samples) {
  const Options& options = impl_->options;
  check_sound(samples.size(), options.n_channels, options.sample_rate);
  if (!impl_->result.valid()) fail(ErrorCode::kInvalidArgument, "samples behind the end of a stream");
  std::vector<float> mono;
  mix_down(samples, options.n_channels, impl_->n_frames, mono);
  impl_->n_frames += mono.size();
  impl_->queue.push(mono);
  // Before its end the transcription can only end by an error.
  if (impl_->result.wait_for(std::chrono::seconds(0)) == std::future_status::ready) impl_->result.get();
}

Transcription TranscriptionStream::finish() {
  if (!impl_->result.valid()) fail(ErrorCode::kInvalidArgument, "the stream has ended already");
  impl_->queue.close();
  return impl_->result.get();
}

void TranscriptionStream::cancel() {
  impl_->cancelled = true;
}

}  // namespace yourmt3
