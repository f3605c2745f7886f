#include "data/gus_patch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {
namespace {

// Source: "FORTE's patch format, v1.10". Numbers are little-endian and not aligned.
constexpr std::size_t kFileHeader = 129;
constexpr std::size_t kInstrumentHeader = 63;
constexpr std::size_t kLayerHeader = 47;
constexpr std::size_t kSampleHeader = 96;
constexpr std::size_t kSamplesOfLayer = kFileHeader + kInstrumentHeader + 6;

enum Mode : unsigned {
  k16Bit = 1,
  kUnsigned = 2,
  kLooping = 4,
  kPingPong = 8,
  kReversed = 16,
  kSustained = 32,
  kEnvelope = 64,
  kClampedRelease = 128
};

constexpr std::size_t kStages = 6;
constexpr std::size_t kHeldStages = 3;
using Stages = std::array<unsigned, kStages>;

// The volume register is a float of four bits of exponent: a step of an offset is 6 dB / 16.
constexpr double kOffsetSteps = 256;
constexpr double kStepDb = 6.0206 / 16;

unsigned number(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::to_integer<unsigned>(bytes[at + i]) << (8 * i);
  return value;
}

Stages stages(std::span<const std::byte> bytes, std::size_t at) {
  Stages values;
  for (std::size_t i = 0; i < kStages; ++i) values[i] = number(bytes, at + i, 1);
  return values;
}

/// Seconds of a ramp over all volumes. The chip adds the mantissa to 12 bits at every frame of 44.1 kHz, or at every
/// 8th, 64th or 512th; it would wait forever at 0.
double ramp_sec(unsigned rate) {
  const unsigned mantissa = std::max(rate & 63, 1u);
  return 4096.0 / mantissa * (1u << (3 * (rate >> 6))) / 44100;
}

/// Stages `first` to `last` - 1 from a level on; seconds of a ramp over all volumes as fast as they fall, if they do.
std::optional<double> fall_sec(const Stages& rates, const Stages& offsets, std::size_t first, std::size_t last,
                               unsigned from) {
  double elapsed = 0, level = from;
  for (std::size_t i = first; i < last; ++i) {
    elapsed += std::abs(level - offsets[i]) / kOffsetSteps * ramp_sec(rates[i]);
    level = offsets[i];
  }
  if (level >= from) return std::nullopt;
  return elapsed * kOffsetSteps / (from - level);
}

GusEnvelope read_envelope(const Stages& rates, const Stages& offsets, unsigned modes) {
  const std::size_t held = (modes & kSustained) != 0 ? kHeldStages : kStages;
  const auto loudest = std::max_element(offsets.begin(), offsets.begin() + static_cast<std::ptrdiff_t>(held));
  const auto peak = static_cast<std::size_t>(loudest - offsets.begin());
  GusEnvelope envelope;
  double level = 0;
  for (std::size_t i = 0; i <= peak; ++i) {
    envelope.attack_sec += std::abs(offsets[i] - level) / kOffsetSteps * ramp_sec(rates[i]);
    level = offsets[i];
  }
  // The ramp is straight in dB, that of a sound font in amplitude: 20 dB of the 96 are its last nine tenths.
  envelope.attack_sec *= 20 / (0.9 * 96);
  envelope.attenuation_db = (kOffsetSteps - 1 - *loudest) * kStepDb;
  envelope.decay_sec = fall_sec(rates, offsets, peak + 1, held, *loudest).value_or(0);
  envelope.sustain_db = (*loudest - offsets[held - 1]) * kStepDb;
  // A key may end while the level is still at its peak.
  envelope.release_sec =
      fall_sec(rates, offsets, (modes & kClampedRelease) != 0 ? kStages - 1 : kHeldStages, kStages, *loudest);
  return envelope;
}

/// As TiMidity: 228, which flutes have, is 6 Hz.
double modulation_hz(unsigned rate) {
  return rate / 38.0;
}

std::vector<std::int16_t> decode(std::span<const std::byte> bytes, unsigned modes) {
  const std::size_t width = (modes & k16Bit) != 0 ? 2 : 1;
  const unsigned middle = (modes & kUnsigned) != 0 ? 0x8000 : 0;
  std::vector<std::int16_t> frames(bytes.size() / width);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const unsigned value = number(bytes, i * width, width) << (16 - 8 * width);
    frames[i] = static_cast<std::int16_t>(static_cast<std::uint16_t>(value ^ middle));
  }
  if ((modes & kReversed) != 0) std::reverse(frames.begin(), frames.end());
  return frames;
}

/// Lets the loop run there and back; what follows it is never played.
void unroll_ping_pong(GusSample& sample) {
  sample.frames.resize(sample.loop_end);
  for (std::size_t i = sample.loop_end - 1; i > sample.loop_begin + 1; --i) {
    sample.frames.push_back(sample.frames[i - 1]);
  }
  sample.loop_end = sample.frames.size();
}

struct Place {
  std::string_view file;
  std::size_t sample;
  std::size_t samples;
};

template <class... Args>
[[noreturn]] void fail_at(const Place& place, fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorCode::kMalformed, "{}: sample {} of {} {}", place.file, place.sample, place.samples,
       fmt::format(format, std::forward<Args>(args)...));
}

GusSample read_sample(std::span<const std::byte> header, std::span<const std::byte> data, GusLoops loops,
                      const Place& place) {
  const unsigned modes = number(header, 55, 1);
  const std::size_t width = (modes & k16Bit) != 0 ? 2 : 1;
  GusSample sample;
  sample.rate = static_cast<int>(number(header, 20, 2));
  sample.low_hz = number(header, 22, 4) / 1000.0;
  sample.high_hz = number(header, 26, 4) / 1000.0;
  sample.root_hz = number(header, 30, 4) / 1000.0;
  if (sample.rate == 0) fail_at(place, "has a rate of 0 Hz");
  // The keys of MIDI with half a semitone around.
  if (sample.root_hz < 7.943 || sample.root_hz > 12911) {
    fail_at(place, "sounds at {} Hz, expected 8 to 12900", sample.root_hz);
  }
  if (data.size() < width) fail_at(place, "is empty");
  sample.frames = decode(data, modes);
  if ((modes & kLooping) != 0 && loops == GusLoops::kKeep) {
    const std::size_t begin = number(header, 12, 4), end = number(header, 16, 4);
    if (end > data.size() || begin / width >= end / width) {
      fail_at(place, "loops from byte {} to {} of {}", begin, end, data.size());
    }
    sample.loop_begin = begin / width;
    sample.loop_end = end / width;
    if ((modes & kReversed) != 0) {
      sample.loop_begin = sample.frames.size() - end / width;
      sample.loop_end = sample.frames.size() - begin / width;
    }
    if ((modes & kPingPong) != 0) unroll_ping_pong(sample);
  }
  const int balance = static_cast<int>(std::min(number(header, 36, 1), 15u)) - 7;
  sample.pan = balance / (balance < 0 ? 7.0 : 8.0);
  if ((modes & kEnvelope) != 0) sample.envelope = read_envelope(stages(header, 37), stages(header, 43), modes);
  // As TiMidity: a tremolo takes a share of the amplitude away, a vibrato bends by 64ths of a semitone.
  sample.tremolo = {modulation_hz(number(header, 50, 1)), -10 * std::log10(1 - number(header, 51, 1) / 256.0)};
  sample.vibrato = {modulation_hz(number(header, 53, 1)), number(header, 54, 1) * 100.0 / 64};
  return sample;
}

}  // namespace

const GusSample& GusPatch::sample_for(double hertz) const {
  constexpr double kCent = 1.00058;  // Bounds are whole mHz.
  const auto distance = [hertz](const GusSample& sample) {
    const bool meant = sample.low_hz <= hertz * kCent && hertz <= sample.high_hz * kCent;
    return std::pair(!meant, std::abs(std::log2(sample.root_hz / hertz)));
  };
  return *std::min_element(samples.begin(), samples.end(),
                           [&](const GusSample& a, const GusSample& b) { return distance(a) < distance(b); });
}

int GusPatch::peak() const {
  int peak = 0;
  for (const auto& sample : samples) {
    for (const int frame : sample.frames) peak = std::max(peak, std::abs(frame));
  }
  return peak;
}

GusPatch parse_gus_patch(std::span<const std::byte> bytes, std::string_view name, GusLoops loops) {
  constexpr std::string_view kMagic = "GF1PATCH1";
  if (bytes.size() < kMagic.size() || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    fail(ErrorCode::kMalformed, "{}: not a patch of the Gravis Ultrasound, expected 'GF1PATCH1' at its start", name);
  }
  std::size_t at = kFileHeader + kInstrumentHeader + kLayerHeader;
  if (bytes.size() < at) {
    fail(ErrorCode::kMalformed, "{}: the patch is cut: {} bytes, its headers have {}", name, bytes.size(), at);
  }
  const std::size_t count = number(bytes, kSamplesOfLayer, 1);
  if (count == 0) fail(ErrorCode::kMalformed, "{}: the patch has no samples", name);
  GusPatch patch;
  for (std::size_t i = 1; i <= count; ++i) {
    const Place place{name, i, count};
    if (bytes.size() - at < kSampleHeader) fail_at(place, "is cut: {} bytes of its header", bytes.size() - at);
    const auto header = bytes.subspan(at, kSampleHeader);
    at += kSampleHeader;
    const std::size_t size = number(header, 8, 4);
    if (bytes.size() - at < size) fail_at(place, "is cut: {} bytes of {}", bytes.size() - at, size);
    patch.samples.push_back(read_sample(header, bytes.subspan(at, size), loops, place));
    at += size;
  }
  return patch;
}

GusPatch read_gus_patch(const std::filesystem::path& path, GusLoops loops) {
  const MappedFile file(path);
  return parse_gus_patch(file.bytes(), path.string(), loops);
}

}  // namespace yourmt3
