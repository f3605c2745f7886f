#include "transcribe/pipeline.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "engine/decode_session.h"
#include "transcribe/grammar.h"
#include "transcribe/group_prior.h"
#include "transcribe/guided_decoding.h"
#include "transcribe/overlapped_heads.h"
#include "transcribe/recording_tokens.h"
#include "transcribe/settled_notes.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

/// How often a caller hears of progress at least, and so how soon it can cancel.
constexpr std::chrono::milliseconds kProgressInterval{100};
/// Recordings begun and not yet told: short ones overtake a long row of one before them, and each may keep files open.
constexpr std::size_t kMostRecordings = 32;

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

ModelConfig with_choice(ModelConfig config, const DecodingChoice& decoding) {
  config.inference.grammar = decoding.constrained.value_or(config.inference.grammar);
  if (!config.inference.grammar) config.inference.certain_onset = 0.f;
  return config;
}

/// A recording that was begun.
struct Recording {
  Recording(RecordingInput input, const ModelConfig& config, const Task& task, int segments_together)
      : forced_lengths(input.forced_lengths),
        on_notes(std::move(input.on_notes)),
        settled(config, task),
        reader(std::move(input.open), static_cast<std::size_t>(config.segment_advance()),
               static_cast<std::size_t>(2 * segments_together + 6)),
        tokens(config, task) {
    if (config.inference.overlap) overlapped.emplace(config);
    if (config.inference.group_prior > 0) {
      prior.emplace(config.auxiliary.n_pitched_groups(), config.inference.group_prior);
    }
  }

  bool failed() const { return error != nullptr; }
  void tell(std::span<const Note> notes) const {
    if (!notes.empty()) on_notes(notes);
  }
  /// Behind each segment that was decoded.
  void tell_settled() {
    if (!on_notes) return;
    for (; n_told < tokens.n_segments(); ++n_told) {
      const RecordingTokens::Rows rows = tokens.rows(n_told);
      if (rows.empty()) return;
      tell(settled.push(rows, tokens.probabilities(n_told), tokens.sounding()));
    }
  }

  /// Segments are left to be encoded, or will be.
  bool is_to_be_encoded() const { return !reader.at_end() || (overlapped && overlapped->is_open()); }
  bool finished() const { return failed() || (!is_to_be_encoded() && n_decoded == tokens.n_segments()); }

  std::span<const std::int32_t> forced_lengths;
  std::function<void(std::span<const Note>)> on_notes;
  SettledNotes settled;
  SegmentReader reader;
  RecordingTokens tokens;
  std::optional<OverlappedHeads> overlapped;
  std::optional<GroupPrior> prior;
  std::size_t n_decoded = 0, n_told = 0;  // Segments; those told lie before all that are not decoded.
  std::exception_ptr error;
  Transcription heard;
};

/// A segment from the time it is encoded until its last row ends.
struct SegmentInWork {
  std::shared_ptr<Recording> recording;
  std::size_t index;  // In the recording.
  EncodedSegments encoded;
  std::optional<GuidedDecoding> guide;  // Reads `encoded`.
};

/// The segments of `all` one by one.
std::vector<EncodedSegments> separated(EncodedSegments all) {
  std::vector<EncodedSegments> each(static_cast<std::size_t>(all.n_segments));
  if (each.size() == 1) {
    each[0] = std::move(all);
    return each;
  }
  const auto part = [&](const std::vector<float>& values, std::size_t i) {
    const auto size = static_cast<std::ptrdiff_t>(values.size() / each.size());
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i) * size;
    return std::vector<float>(first, first + size);
  };
  for (std::size_t i = 0; i < each.size(); ++i) {
    each[i] = {1, part(all.memory, i), part(all.auxiliary, i), part(all.group_notes, i)};
  }
  return each;
}

class Pipeline {
 public:
  Pipeline(const Engine& engine, const RecordingQueue& queue, const DecodingChoice& decoding)
      : engine_(engine),
        config_(with_choice(engine.config(), decoding)),
        queue_(queue),
        task_(task_of(config_)),
        grammar_(task_, config_.inference.onset_only, decoding.instruments),
        guided_(config_.inference.grammar || config_.inference.fusion_weight != 0.f ||
                !decoding.instruments.allows_all()),
        session_(engine.start_decoding()) {}

  void run() {
    for (;;) {
      begin_recordings();
      if (recordings_.empty()) return;
      if (session_->n_vacant() <= 0 || !encode_next()) {
        if (!session_->idle()) decode_step();
      }
      finish_recordings();
      if (Clock::now() - last_report_ >= kProgressInterval) report();
    }
  }

 private:
  /// The last recording is read until nothing of it is left to be encoded; then the next one may begin.
  void begin_recordings() {
    while (more_ && recordings_.size() < kMostRecordings &&
           (recordings_.empty() || recordings_.back()->failed() || recordings_.back()->reader.all_read())) {
      std::optional<RecordingInput> next = queue_.next();
      if (!next) {
        more_ = false;
        return;
      }
      recordings_.push_back(std::make_shared<Recording>(std::move(*next), config_, task_, engine_.segments_together()));
      if (recordings_.size() == 1) report();
    }
  }

  /// The first recording of which segments are left to be encoded.
  std::shared_ptr<Recording> recording_to_encode() const {
    const auto found = std::find_if(recordings_.begin(), recordings_.end(), [](const auto& recording) {
      return !recording->failed() && recording->is_to_be_encoded();
    });
    return found == recordings_.end() ? nullptr : *found;
  }

  /// False when no segment is there yet. Waits for one only if there is nothing else to do.
  bool encode_next() {
    const std::shared_ptr<Recording> recording = recording_to_encode();
    if (!recording) return false;
    try {
      const std::vector<float> samples = take_samples(*recording);
      if (samples.empty()) return false;
      const auto start = Clock::now();
      const int n_segments = static_cast<int>(samples.size()) / config_.front_end.segment_samples;
      std::vector<OverlappedHeads::Segment> segments;
      for (EncodedSegments& encoded : separated(engine_.encode(samples, n_segments))) {
        if (recording->overlapped) {
          recording->overlapped->add(std::move(encoded), segments);
        } else {
          segments.push_back({std::move(encoded), {}});
        }
      }
      for (OverlappedHeads::Segment& segment : segments) start_decoding(recording, std::move(segment));
      recording->heard.seconds.encode += seconds_since(start);
    } catch (...) {
      recording->error = std::current_exception();
    }
    report();
    return true;
  }

  /// Of as many segments as are ready, are well encoded together, and find place in the batch.
  std::vector<float> take_samples(Recording& recording) const {
    const int n_places = (session_->n_vacant() - 1) / static_cast<int>(grammar_.channels().size()) + 1;
    std::vector<float> samples;
    for (int i = 0; i < std::min(n_places, engine_.segments_together()); ++i) {
      const bool waits = i == 0 && session_->idle();
      const auto segment = recording.reader.take(waits ? kProgressInterval : std::chrono::milliseconds(0));
      if (!segment) break;
      if (recording.overlapped) {
        recording.overlapped->push(*segment, samples);
      } else {
        samples.insert(samples.end(), segment->begin(), segment->end());
      }
    }
    if (samples.empty() && recording.reader.at_end() && recording.overlapped && recording.overlapped->is_open()) {
      recording.overlapped->push({}, samples);
    }
    return samples;
  }

  void start_decoding(const std::shared_ptr<Recording>& recording, OverlappedHeads::Segment heard) {
    auto segment = std::make_unique<SegmentInWork>();
    segment->recording = recording;
    segment->index = recording->tokens.n_segments();
    segment->encoded = std::move(heard.encoded);
    recording->tokens.append(segment->encoded.auxiliary);
    DecodeRequest request;
    request.id = next_id_++;
    request.memory = std::move(segment->encoded.memory);
    request.channels = grammar_.channels();
    if (guided_) {
      request.processor = &segment->guide.emplace(config_, grammar_, segment->encoded, heard.margins,
                                                  recording->prior ? &*recording->prior : nullptr);
    }
    const auto n_channels = static_cast<std::size_t>(config_.decoder.n_channels), first = segment->index * n_channels;
    if (first + n_channels <= recording->forced_lengths.size()) {
      request.forced = recording->forced_lengths.subspan(first, n_channels);
    }
    session_->push(std::move(request));
    in_work_.emplace(next_id_ - 1, std::move(segment));
  }

  void decode_step() {
    const auto start = Clock::now();
    session_->step();
    const double share = seconds_since(start) / static_cast<double>(in_work_.size());
    for (const auto& [id, segment] : in_work_) segment->recording->heard.seconds.decode += share;
    while (std::optional<DecodedRows> decoded = session_->pop()) {
      const auto found = in_work_.find(decoded->id);
      Recording& recording = *found->second->recording;
      recording.tokens.set(found->second->index, decoded->rows, decoded->probabilities);
      ++recording.n_decoded;
      recording.tell_settled();
      in_work_.erase(found);
      report();
    }
  }

  /// Tells the outcome of those at the front that have one.
  void finish_recordings() {
    while (!recordings_.empty() && recordings_.front()->finished()) {
      const std::shared_ptr<Recording> recording = recordings_.front();
      try {
        if (!recording->failed()) make_notes(*recording);
      } catch (...) {
        recording->error = std::current_exception();
      }
      if (!recording->failed() && recording->on_notes) {
        recording->tell(recording->settled.finish(recording->tokens.sounding()));
      }
      report();
      recordings_.pop_front();
      if (recording->failed()) {
        queue_.failed(recording->error);
      } else {
        queue_.done(std::move(recording->heard));
      }
    }
  }

  void make_notes(Recording& recording) const {
    const auto start = Clock::now();
    recording.heard.duration_sec = static_cast<double>(recording.reader.n_samples()) / config_.front_end.sample_rate;
    recording.tokens.finish(recording.heard);
    recording.heard.seconds.read = recording.reader.seconds();
    recording.heard.seconds.notes = seconds_since(start);
  }

  /// Segments of the first recording that are decoded count; more than was expected is never reported.
  void report() {
    last_report_ = Clock::now();
    if (recordings_.empty()) return;
    const Recording& first = *recordings_.front();
    const double total_sec = first.reader.total_sec();
    const double done_sec = static_cast<double>(first.n_decoded) * static_cast<double>(config_.segment_advance()) /
                            config_.front_end.sample_rate;
    report_progress(queue_.progress, total_sec > 0 ? std::min(done_sec, total_sec) : done_sec, total_sec);
  }

  const Engine& engine_;
  const ModelConfig config_;
  const RecordingQueue& queue_;
  const Task& task_;
  Grammar grammar_;
  bool guided_;                                        // More than the network decides about tokens.
  bool more_ = true;                                   // Recordings to come.
  std::deque<std::shared_ptr<Recording>> recordings_;  // Begun and not yet told, in order.
  std::int64_t next_id_ = 0;
  std::map<std::int64_t, std::unique_ptr<SegmentInWork>> in_work_;
  std::unique_ptr<DecodeSession> session_;
  Clock::time_point last_report_{};
};

}  // namespace

DecodingChoice decoding_choice(const Transcriber::Decoding& wanted, const Task& task) {
  require_told_apart(wanted.only, task);
  require_told_apart(wanted.without, task);
  const InstrumentMask mask(wanted.only, wanted.without);
  if (Grammar(task, false, mask).channels().empty()) {
    fail(ErrorCode::kInvalidArgument, "no instrument is left that the network writes");
  }
  return {mask, wanted.constrained};
}

void transcribe_all(const Engine& engine, const RecordingQueue& recordings, const DecodingChoice& decoding) {
  Pipeline(engine, recordings, decoding).run();
}

Transcription transcribe(const Engine& engine, RecordingInput recording, const ProgressCallback& progress,
                         const DecodingChoice& decoding) {
  std::optional<RecordingInput> input = std::move(recording);
  Transcription result;
  RecordingQueue queue;
  queue.next = [&input] { return std::exchange(input, std::nullopt); };
  queue.done = [&result](Transcription heard) { result = std::move(heard); };
  queue.failed = [](const std::exception_ptr& error) { std::rethrow_exception(error); };
  queue.progress = progress;
  transcribe_all(engine, queue, decoding);
  return result;
}

}  // namespace yourmt3
