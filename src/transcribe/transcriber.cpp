#include "yourmt3/transcriber.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <utility>

#include "audio/audio_reader.h"
#include "audio/resampler.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "engine/engine.h"
#include "model/weights.h"
#include "score/midi_writer.h"
#include "transcribe/pipeline.h"
#include "transcribe/transcriber_impl.h"
#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

LogSink warning_sink(const Transcriber::Options& options) {
  if (!options.on_warning) return {};
  return [on_warning = options.on_warning](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) on_warning(text);
  };
}

/// Mixes interleaved samples in memory down to one channel and resamples them piece by piece.
class MemorySource {
 public:
  MemorySource(std::span<const float> samples, int n_channels, int in_rate, int out_rate)
      : samples_(samples), n_channels_(static_cast<std::size_t>(n_channels)), resampler_(in_rate, out_rate) {}

  std::size_t read(std::span<float> out) {
    while (ready_.size() < out.size() && !finished_) fill();
    const std::size_t count = std::min(out.size(), ready_.size());
    std::copy_n(ready_.begin(), count, out.begin());
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
  }

 private:
  void fill() {
    constexpr std::size_t kFramesAtOnce = 65536;
    const std::size_t n_frames = std::min(kFramesAtOnce, samples_.size() / n_channels_ - next_frame_);
    mono_.clear();
    mix_down(samples_.subspan(next_frame_ * n_channels_, n_frames * n_channels_), static_cast<int>(n_channels_),
             next_frame_, mono_);
    next_frame_ += n_frames;
    resampler_.push(mono_, ready_);
    finished_ = next_frame_ * n_channels_ >= samples_.size();
    if (finished_) resampler_.finish(ready_);
  }

  std::span<const float> samples_;
  std::size_t n_channels_;
  Resampler resampler_;
  std::size_t next_frame_ = 0;
  bool finished_ = false;
  std::vector<float> mono_, ready_;
};

}  // namespace

Transcriber::Impl::Impl(std::shared_ptr<const Engine> shared, const Options& chosen)
    : options(chosen),
      network(std::move(shared)),
      decoding(decoding_choice(options.decoding, task(network->config().task))) {}

ProgressCallback as_callback(const Transcriber::Progress& progress) {
  if (!progress) return {};
  return [&progress](const Progress& now) { return progress(now.done, now.total); };
}

void mix_down(std::span<const float> samples, int n_channels, std::size_t first_frame, std::vector<float>& mono) {
  const auto channels = static_cast<std::size_t>(n_channels);
  for (std::size_t i = 0; i < samples.size() / channels; ++i) {
    float sum = 0.f;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const float sample = samples[i * channels + channel];
      if (!std::isfinite(sample)) {
        fail(ErrorCode::kInvalidArgument, "sample {} of channel {} is not finite", first_frame + i, channel);
      }
      sum += sample / static_cast<float>(channels);
    }
    mono.push_back(sum);
  }
}

void check_sound(std::size_t n_samples, int n_channels, int sample_rate) {
  if (n_channels < 1) fail(ErrorCode::kInvalidArgument, "n_channels is {}, expected at least 1", n_channels);
  if (sample_rate < 1) fail(ErrorCode::kInvalidArgument, "sample_rate is {} Hz, expected at least 1", sample_rate);
  if (n_samples % static_cast<std::size_t>(n_channels) != 0) {
    fail(ErrorCode::kInvalidArgument, "{} samples are not a multiple of {} channels", n_samples, n_channels);
  }
}

namespace {

/// Reads by `open`, which is called on the reader's thread.
OpenSource reading(const Transcriber::Options& options, int sample_rate,
                   std::function<AudioReader(AudioReader::Options)> open) {
  return [&options, sample_rate, open = std::move(open)](const std::stop_token& stop) {
    AudioReader::Options chosen;
    chosen.sample_rate = sample_rate;
    chosen.log = warning_sink(options);
    chosen.keep_going = [stop] { return !stop.stop_requested(); };
    // Shared, because what is in a std::function can be copied.
    const auto reader = std::make_shared<AudioReader>(open(std::move(chosen)));
    return SampleSource{[reader](std::span<float> out) { return reader->read(out); },
                        reader->info().duration_sec.value_or(0)};
  };
}

RecordingInput open_file(const Transcriber::Options& options, int sample_rate, const std::filesystem::path& audio) {
  return {reading(options, sample_rate, [audio](AudioReader::Options chosen) {
    return audio == "-" ? AudioReader::from_descriptor(STDIN_FILENO, "standard input", std::move(chosen))
                        : AudioReader(audio, std::move(chosen));
  })};
}

}  // namespace

Transcriber::Transcriber(const std::filesystem::path& model) : Transcriber(model, Options()) {}

Transcriber::Transcriber(const std::filesystem::path& model, const Options& options) {
  if (options.n_threads < 0)
    fail(ErrorCode::kInvalidArgument, "n_threads is {}, expected 0 or more", options.n_threads);
  auto network =
      std::make_shared<const Engine>(load_model(model, warning_sink(options)),
                                     Engine::Options{.n_threads = options.n_threads, .precision = options.precision});
  impl_ = std::make_unique<Impl>(std::move(network), options);
}

Transcriber::Transcriber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Transcriber Transcriber::with(const Decoding& decoding) const {
  Options options = impl_->options;
  options.decoding = decoding;
  return Transcriber(std::make_unique<Impl>(impl_->network, options));
}

Transcriber::~Transcriber() = default;
Transcriber::Transcriber(Transcriber&&) noexcept = default;
Transcriber& Transcriber::operator=(Transcriber&&) noexcept = default;

Precision Transcriber::precision() const {
  return impl_->engine().precision();
}

Transcription Transcriber::transcribe_file(const std::filesystem::path& audio, const Progress& progress,
                                           const OnNotes& on_notes) const {
  RecordingInput input = open_file(impl_->options, impl_->engine().config().front_end.sample_rate, audio);
  input.on_notes = on_notes;
  return transcribe(impl_->engine(), std::move(input), as_callback(progress), impl_->decoding);
}

Transcription Transcriber::transcribe_live(int descriptor, const Progress& progress, const OnNotes& on_notes,
                                           const std::function<bool()>& keep_listening) const {
  RecordingInput input;
  input.open = reading(impl_->options, impl_->engine().config().front_end.sample_rate,
                       [descriptor, keep_listening](AudioReader::Options chosen) {
                         chosen.keep_going = [keep_going = std::move(chosen.keep_going), keep_listening] {
                           return keep_going() && (!keep_listening || keep_listening());
                         };
                         return AudioReader::live(descriptor, "live sound", std::move(chosen));
                       });
  input.on_notes = on_notes;
  return transcribe(impl_->engine(), std::move(input), as_callback(progress), impl_->decoding);
}

void Transcriber::transcribe_files(const Recordings& recordings) const {
  RecordingQueue queue;
  queue.next = [&]() -> std::optional<RecordingInput> {
    const std::optional<std::filesystem::path> audio = recordings.next();
    if (!audio) return std::nullopt;
    return open_file(impl_->options, impl_->engine().config().front_end.sample_rate, *audio);
  };
  queue.done = recordings.done;
  queue.failed = [&](const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const Error& known) {
      recordings.failed(known);
    } catch (const std::bad_alloc&) {
      recordings.failed(Error(ErrorCode::kOutOfMemory, "out of memory"));
    }
  };
  queue.progress = as_callback(recordings.progress);
  transcribe_all(impl_->engine(), queue, impl_->decoding);
}

Transcription Transcriber::transcribe_samples(std::span<const float> samples, int n_channels, int sample_rate,
                                              const Progress& progress, const OnNotes& on_notes) const {
  check_sound(samples.size(), n_channels, sample_rate);
  const double n_frames = static_cast<double>(samples.size()) / n_channels;
  RecordingInput input;
  input.open = [&](const std::stop_token&) {
    const auto memory = std::make_shared<MemorySource>(samples, n_channels, sample_rate,
                                                       impl_->engine().config().front_end.sample_rate);
    return SampleSource{[memory](std::span<float> out) { return memory->read(out); }, n_frames / sample_rate};
  };
  input.on_notes = on_notes;
  return transcribe(impl_->engine(), std::move(input), as_callback(progress), impl_->decoding);
}

std::string instrument_name(int program) {
  return program_vocabulary("gm_ext_plus").instrument_name(program);
}

void write_midi(const std::filesystem::path& path, std::span<const Note> notes) {
  write_file_atomically(path, serialize_midi(notes_to_midi(notes)));
}

const char* version() {
  return YOURMT3_VERSION;
}

}  // namespace yourmt3
