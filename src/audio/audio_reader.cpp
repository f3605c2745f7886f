#include "audio/audio_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "audio/input_file.h"
#include "audio/resampler.h"
#include "audio/sample_source.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr std::size_t kBlockSamples = 65536;          // Decoded at a time, all channels together.
constexpr int kMinRate = 100, kMaxRate = 10'000'000;  // Hz; beyond these a header is broken, not unusual.
// Float files may hold integers up to 2^31; what is far beyond would overflow in the sums to come.
constexpr float kLargest = 1e12f;

void check(const AudioReader::Options& options) {
  if (options.sample_rate < kMinRate || options.sample_rate > kMaxRate) {
    fail(ErrorCode::kInvalidArgument, "sample rate of {} Hz asked for, expected {} to {}", options.sample_rate,
         kMinRate, kMaxRate);
  }
}

/// In a form that compilers turn into vector code, as nearly all samples are.
bool all_usable(std::span<const float> samples) {
  int n_bad = 0;
  for (const float sample : samples) n_bad += !(std::abs(sample) <= kLargest);
  return n_bad == 0;
}

std::unique_ptr<SampleSource> open_source(const InputFile& file, const AudioReader::Options& options) {
  if (!options.decoder.arguments.empty()) {
    return open_with_decoder(file, options.decoder, options.keep_going, options.log);
  }
  OpenedSource sndfile = open_with_sndfile(file);
  if (sndfile.source) return std::move(sndfile.source);
  if (options.ffmpeg.empty()) {
    fail(ErrorCode::kUnsupported, "{}: not a recording that libsndfile can read: {}", file.name, sndfile.reason);
  }
  OpenedSource ffmpeg = open_with_ffmpeg(file, options.ffmpeg, options.keep_going);
  if (ffmpeg.source) return std::move(ffmpeg.source);
  if (ffmpeg.decoder_missing) {
    fail(
        ErrorCode::kUnsupported,
        "{}: not a recording that libsndfile can read (WAV, FLAC, Ogg, Opus, MP3, AIFF ...): {}; if it is one, such as "
        "M4A, WMA or a video, install ffmpeg",
        file.name, sndfile.reason);
  }
  fail(ErrorCode::kMalformed, "{}: not a recording that can be read (libsndfile: {}; ffmpeg: {})", file.name,
       sndfile.reason, ffmpeg.reason);
}

}  // namespace

struct AudioReader::Impl {
  Options options;
  InputFile file;
  std::unique_ptr<SampleSource> source;
  std::optional<Resampler> resampler;

  std::vector<float> interleaved, mono;
  std::vector<float> ready;  // Resampled samples, of which the first n_given are given out.
  std::size_t n_given = 0;
  bool at_end = false;

  std::uint64_t n_frames = 0;  // Decoded.
  std::uint64_t n_not_finite = 0;
  double first_not_finite_sec = 0;

  Impl(Options o, InputFile f) : options(std::move(o)), file(std::move(f)), source(open_source(file, options)) {
    begin(kBlockSamples);
  }

  /// Sound that arrives; of `f` only the name.
  Impl(Options o, InputFile f, std::unique_ptr<SampleSource> arriving)
      : options(std::move(o)), file(std::move(f)), source(std::move(arriving)) {
    const AudioInfo& info = source->info();
    begin(static_cast<std::size_t>(info.n_channels) * static_cast<std::size_t>(std::max(1, info.sample_rate / 20)));
  }

  void begin(std::size_t block_samples) {
    const AudioInfo& info = source->info();
    if (info.sample_rate < kMinRate || info.sample_rate > kMaxRate) {
      fail(ErrorCode::kMalformed, "{}: sample rate of {} Hz, expected {} to {}", file.name, info.sample_rate, kMinRate,
           kMaxRate);
    }
    resampler.emplace(info.sample_rate, options.sample_rate);
    const std::size_t channels = static_cast<std::size_t>(info.n_channels);
    interleaved.resize(std::max<std::size_t>(1, block_samples / channels) * channels);
    // So that a file without samples is an error of opening it.
    while (!at_end && ready.empty()) decode_block();
    if (n_frames == 0) {
      const std::string complaint = source->complaint();
      fail(ErrorCode::kMalformed, "{}: holds no samples ({}{}{})", file.name, info.format,
           complaint.empty() ? "" : "; ", complaint);
    }
  }

  void decode_block() {
    ready.clear();
    n_given = 0;
    const std::size_t n = source->read(interleaved);
    if (n == 0) {
      at_end = true;
      resampler->finish(ready);
      if (n_frames > 0) report();
      return;
    }
    mix(n);
    resampler->push(mono, ready);
    n_frames += n;
  }

  /// The mean of the channels of `n` frames.
  void mix(std::size_t n) {
    const std::size_t channels = static_cast<std::size_t>(source->info().n_channels);
    mono.resize(n);
    if (channels == 2 && all_usable(std::span(interleaved).first(2 * n))) {
      for (std::size_t i = 0; i < n; ++i) mono[i] = (interleaved[2 * i] + interleaved[2 * i + 1]) / 2.f;
      return;
    }
    for (std::size_t i = 0; i < n; ++i) {
      float sum = 0.f;
      for (std::size_t c = 0; c < channels; ++c) {
        float sample = interleaved[i * channels + c];
        if (!(std::abs(sample) <= kLargest)) {
          if (n_not_finite++ == 0) {
            first_not_finite_sec = static_cast<double>(n_frames + i) / source->info().sample_rate;
          }
          sample = 0.f;
        }
        sum += sample;
      }
      mono[i] = sum / static_cast<float>(channels);
    }
  }

  void report() const {
    if (!options.log) return;
    if (const std::string complaint = source->complaint(); !complaint.empty()) {
      options.log(LogLevel::kWarning, fmt::format("{}: {}; going on with what is there", file.name, complaint));
    }
    if (n_not_finite > 0) {
      options.log(LogLevel::kWarning,
                  fmt::format("{}: {} samples are not finite or beyond 1e12, the first at {:.3f} s; taken as 0",
                              file.name, n_not_finite, first_not_finite_sec));
    }
  }
};

AudioReader::AudioReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

AudioReader::AudioReader(const std::filesystem::path& path, Options options) {
  check(options);
  InputFile file = open_input(path, options.keep_going);
  impl_ = std::make_unique<Impl>(std::move(options), std::move(file));
}

AudioReader AudioReader::from_descriptor(int descriptor, const std::string& name, Options options) {
  check(options);
  InputFile file = open_input(descriptor, name, options.keep_going);
  return AudioReader(std::make_unique<Impl>(std::move(options), std::move(file)));
}

AudioReader AudioReader::live(int descriptor, const std::string& name, Options options) {
  check(options);
  OpenedSource opened = open_live(descriptor, options.keep_going);
  if (!opened.source) {
    fail(ErrorCode::kUnsupported,
         "{}: sound cannot be read while it arrives: {}; send WAV, as `ffmpeg -i INPUT -f wav -` does", name,
         opened.reason);
  }
  return AudioReader(std::make_unique<Impl>(std::move(options), InputFile{{}, name, 0}, std::move(opened.source)));
}

const AudioInfo& AudioReader::info() const {
  return impl_->source->info();
}

std::size_t AudioReader::read(std::span<float> out) {
  std::size_t n_written = 0;
  while (n_written < out.size()) {
    if (impl_->n_given == impl_->ready.size()) {
      if (impl_->at_end) break;
      impl_->decode_block();
      continue;
    }
    const std::size_t n = std::min(out.size() - n_written, impl_->ready.size() - impl_->n_given);
    std::copy_n(impl_->ready.begin() + static_cast<std::ptrdiff_t>(impl_->n_given), n,
                out.begin() + static_cast<std::ptrdiff_t>(n_written));
    impl_->n_given += n;
    n_written += n;
  }
  return n_written;
}

std::vector<float> load_audio(const std::filesystem::path& path, AudioReader::Options options) {
  AudioReader reader(path, std::move(options));
  std::vector<float> samples;
  std::size_t n = 0;
  do {
    constexpr std::size_t kStep = std::size_t{1} << 18;
    samples.resize(n + kStep);
    n += reader.read(std::span(samples).subspan(n));
  } while (n == samples.size());
  samples.resize(n);
  return samples;
}

}  // namespace yourmt3
