#include "transcribe/pipeline.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "core/fail.h"
#include "score/merge.h"
#include "score/note_ops.h"
#include "transcribe/grammar.h"
#include "transcribe/guided_decoding.h"
#include "transcribe/note_durations.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;
using TokenRows = std::vector<std::vector<std::int32_t>>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The task that a network was trained for, if it fits.
const Task& task_of(const ModelConfig& config) {
  const Task& found = task(config.task);
  if (config.decoder.n_channels != found.n_channels) {
    fail(ErrorCode::kMalformed, "the network has {} decoder channels, expected {} for the task '{}'",
         config.decoder.n_channels, found.n_channels, found.name);
  }
  if (config.decoder.vocab_size > found.vocabulary.size()) {
    fail(ErrorCode::kMalformed, "the network knows {} tokens, but the task '{}' has only {}", config.decoder.vocab_size,
         found.name, found.vocabulary.size());
  }
  return found;
}

/// How often a caller hears of progress while a batch is decoded, and so how soon it can cancel.
constexpr std::chrono::milliseconds kProgressInterval{100};

/// One batch on its way through the decoder, on a thread of its own.
class Decoding {
 public:
  Decoding(const Engine& engine, const Grammar& grammar, EncodedSegments encoded)
      : n_segments_(encoded.n_segments), encoded_(std::move(encoded)) {
    const InferenceConfig& inference = engine.config().inference;
    if (inference.grammar || inference.fusion_weight != 0.f) guide_.emplace(engine.config(), grammar, encoded_);
    rows_ = std::async(std::launch::async, [this, &engine] {
      const auto start = Clock::now();
      TokenRows rows = engine.decode(encoded_, guide_ ? &*guide_ : nullptr, 0, &stop_);
      seconds_ = seconds_since(start);
      return rows;
    });
  }

  /// An abandoned batch is stopped, not waited for to its end.
  ~Decoding() {
    stop_ = true;
    if (rows_.valid()) rows_.wait();
  }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  int n_segments() const { return n_segments_; }
  bool finished_within(std::chrono::milliseconds time) { return rows_.wait_for(time) == std::future_status::ready; }
  TokenRows take_rows() { return rows_.get(); }
  double seconds() const { return seconds_; }

 private:
  int n_segments_;
  EncodedSegments encoded_;
  std::optional<GuidedDecoding> guide_;
  std::atomic<bool> stop_ = false;
  double seconds_ = 0;
  std::future<TokenRows> rows_;
};

class Pipeline {
 public:
  Pipeline(const Engine& engine, const SampleSource& source, int batch_segments, const ProgressCallback& progress)
      : engine_(engine),
        config_(engine.config()),
        source_(source),
        progress_(progress),
        task_(task_of(config_)),
        grammar_(task_, config_.inference.onset_only),
        segment_samples_(static_cast<std::size_t>(config_.front_end.segment_samples)),
        samples_(segment_samples_ * static_cast<std::size_t>(batch_segments)) {
    if (config_.inference.onset_only && config_.auxiliary.notes) sounding_.emplace(config_);
  }

  Transcription run() {
    report_progress(progress_, 0, source_.total_sec);
    for (bool more = true; more;) {
      const std::size_t n_samples = read_batch();
      more = n_samples == samples_.size();
      if (n_samples == 0) break;
      EncodedSegments encoded = encode_batch(n_samples);
      finish_decoding();
      decoding_ = std::make_unique<Decoding>(engine_, grammar_, std::move(encoded));
    }
    finish_decoding();
    result_.duration_sec = static_cast<double>(n_read_) / config_.front_end.sample_rate;
    make_notes();
    return std::move(result_);
  }

 private:
  std::size_t read_batch() {
    const auto start = Clock::now();
    const std::size_t count = source_.read(samples_);
    YOURMT3_ASSERT(count <= samples_.size());
    n_read_ += count;
    result_.seconds.read += seconds_since(start);
    return count;
  }

  EncodedSegments encode_batch(std::size_t n_samples) {
    const auto start = Clock::now();
    const std::size_t n_segments = (n_samples + segment_samples_ - 1) / segment_samples_;
    std::fill(samples_.begin() + static_cast<std::ptrdiff_t>(n_samples), samples_.end(), 0.f);
    EncodedSegments encoded = engine_.encode(std::span<const float>(samples_).first(n_segments * segment_samples_),
                                             static_cast<int>(n_segments));
    if (sounding_) sounding_->append(encoded.auxiliary);
    result_.seconds.encode += seconds_since(start);
    report_progress(progress_, done_sec(), source_.total_sec);
    return encoded;
  }

  void finish_decoding() {
    if (!decoding_) return;
    while (!decoding_->finished_within(kProgressInterval)) report_progress(progress_, done_sec(), source_.total_sec);
    TokenRows rows = decoding_->take_rows();
    result_.seconds.decode += decoding_->seconds();
    const auto n_channels = static_cast<std::size_t>(config_.decoder.n_channels);
    for (std::size_t first = 0; first < rows.size(); first += n_channels) {
      TokenRows& segment = segments_.emplace_back();
      for (std::size_t channel = 0; channel < n_channels; ++channel) {
        std::vector<std::int32_t>& tokens = rows[first + channel];
        tokens.shrink_to_fit();
        result_.n_tokens += static_cast<std::int64_t>(tokens.size());
        segment.push_back(std::move(tokens));
      }
    }
    decoding_.reset();
    report_progress(progress_, done_sec(), source_.total_sec);
  }

  /// Segments that are decoded count; more than was expected is never reported.
  double done_sec() const {
    const double done =
        static_cast<double>(segments_.size()) * static_cast<double>(segment_samples_) / config_.front_end.sample_rate;
    return source_.total_sec > 0 ? std::min(done, source_.total_sec) : done;
  }

  /// Notes of the shortest length, for set_offsets() to prolong.
  static std::vector<Note> notes_of_onsets(const std::vector<DecodedSegment>& decoded) {
    std::vector<NoteEvent> events;
    for (const DecodedSegment& segment : decoded) {
      events.insert(events.end(), segment.events.begin(), segment.events.end());
    }
    return onsets_to_notes(events, SoundingFrames::kShortestSec);
  }

  /// As tokens_to_notes() of the score module, for segments of any length.
  void make_notes() {
    const auto start = Clock::now();
    std::vector<double> start_sec(segments_.size());
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      start_sec[i] = static_cast<double>(i * segment_samples_) / config_.front_end.sample_rate;
    }
    std::vector<std::vector<Note>> by_channel;
    DecodeErrors errors;
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(task_.n_channels); ++channel) {
      std::vector<DecodedSegment> decoded;
      for (std::size_t i = 0; i < segments_.size(); ++i) {
        decoded.push_back(decode_segment(segments_[i][channel], start_sec[i], task_, errors));
      }
      by_channel.push_back(config_.inference.onset_only ? notes_of_onsets(decoded)
                                                        : segments_to_notes(decoded, start_sec, errors));
    }
    result_.notes = mix_notes(by_channel);
    if (sounding_) {
      set_offsets(result_.notes, *sounding_);
      validate_notes(result_.notes);
    }
    for (std::size_t kind = 0; kind < kDecodeErrorKinds; ++kind) {
      const auto error = static_cast<DecodeError>(kind);
      if (errors.count(error) > 0) result_.decode_errors[reference_name(error)] = errors.count(error);
    }
    result_.seconds.notes = seconds_since(start);
  }

  const Engine& engine_;
  const ModelConfig& config_;
  const SampleSource& source_;
  const ProgressCallback& progress_;
  const Task& task_;
  Grammar grammar_;
  std::size_t segment_samples_;
  std::vector<float> samples_;  // One batch.
  std::size_t n_read_ = 0;
  std::optional<SoundingFrames> sounding_;
  std::vector<TokenRows> segments_;
  Transcription result_;
  std::unique_ptr<Decoding> decoding_;  // Last: it reads the others until it has stopped.
};

}  // namespace

Transcription transcribe(const Engine& engine, const SampleSource& source, int batch_segments,
                         const ProgressCallback& progress) {
  if (batch_segments < 1)
    fail(ErrorCode::kInvalidArgument, "batch_segments is {}, expected at least 1", batch_segments);
  return Pipeline(engine, source, batch_segments, progress).run();
}

}  // namespace yourmt3
