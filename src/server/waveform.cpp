#include "server/waveform.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/fail.h"

namespace yourmt3 {

Waveform measure_waveform(const std::filesystem::path& recording, double max_sec,
                          const std::function<bool()>& keep_going, const DecoderCommand& decoder) {
  constexpr int kSampleRate = 8000;  // Hz. Half a millisecond is more than a picture shows.
  AudioReader::Options options;
  options.sample_rate = kSampleRate;
  options.keep_going = keep_going;
  options.decoder = decoder;
  AudioReader reader(recording, options);
  const auto refuse_longer_than_allowed = [max_sec](double duration_sec) {
    if (duration_sec > max_sec) {
      fail(ErrorCode::kInvalidArgument, "the recording is longer than {:.0f} s", max_sec);
    }
  };
  refuse_longer_than_allowed(reader.info().duration_sec.value_or(0));

  Waveform waveform;
  std::int64_t n_samples = 0;
  std::vector<float> samples(kSampleRate / Waveform::kPeaksPerSec);
  const auto byte_of = [](float sample) { return static_cast<char>(std::lround(127 * std::clamp(sample, -1.f, 1.f))); };
  for (;;) {
    if (keep_going && !keep_going()) fail(ErrorCode::kCancelled, "cancelled");
    const std::size_t count = reader.read(samples);
    if (count == 0) break;
    const auto [low, high] = std::minmax_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(count));
    waveform.peaks += byte_of(*low);
    waveform.peaks += byte_of(*high);
    n_samples += static_cast<std::int64_t>(count);
    waveform.duration_sec = static_cast<double>(n_samples) / kSampleRate;
    // What the file says of its length need not be true.
    refuse_longer_than_allowed(waveform.duration_sec);
  }
  return waveform;
}

}  // namespace yourmt3
