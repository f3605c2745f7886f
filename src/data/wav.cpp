#include "data/wav.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

static_assert(std::endian::native == std::endian::little, "WAV samples are mapped as they are");

template <class T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T get(std::span<const std::byte> bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

void write_stem_wav(const std::filesystem::path& path, std::span<const float> samples) {
  const auto data_bytes = static_cast<std::uint32_t>(samples.size() * 2);
  std::string bytes;
  bytes.reserve(44 + data_bytes);
  bytes += "RIFF";
  put(bytes, static_cast<std::uint32_t>(36 + data_bytes));
  bytes += "WAVEfmt ";
  put(bytes, std::uint32_t{16});
  put(bytes, std::uint16_t{1});  // PCM
  put(bytes, std::uint16_t{1});  // channels
  put(bytes, std::uint32_t{kRenderRate});
  put(bytes, std::uint32_t{kRenderRate * 2});
  put(bytes, std::uint16_t{2});
  put(bytes, std::uint16_t{16});
  bytes += "data";
  put(bytes, data_bytes);
  for (const float sample : samples) {
    put(bytes, static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.f, 1.f) * 32767.f)));
  }
  write_file_atomically(path, bytes);
}

StemWav::StemWav(const std::filesystem::path& path)
    : file_(path), samples_(find_stem_samples(file_.bytes(), path.string())) {}

std::span<const std::int16_t> find_stem_samples(std::span<const std::byte> bytes, std::string_view name) {
  const auto is = [&](std::size_t at, const char* tag) { return std::memcmp(bytes.data() + at, tag, 4) == 0; };
  if (bytes.size() < 44 || !is(0, "RIFF") || !is(8, "WAVE")) fail(ErrorCode::kMalformed, "{}: not a WAV file", name);
  bool known = false;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::size_t size = get<std::uint32_t>(bytes, at + 4);
    if (size > bytes.size() - at - 8) fail(ErrorCode::kMalformed, "{}: cut in chunk at byte {}", name, at);
    if (is(at, "fmt ") && size >= 16) {
      const int format = get<std::uint16_t>(bytes, at + 8);
      const int channels = get<std::uint16_t>(bytes, at + 10);
      const auto rate = get<std::uint32_t>(bytes, at + 12);
      const int bits = get<std::uint16_t>(bytes, at + 22);
      if (format != 1 || channels != 1 || rate != kRenderRate || bits != 16) {
        fail(ErrorCode::kMalformed,
             "{}: format {}, {} channels, {} Hz, {} bits; a stem is PCM, mono, 16000 Hz, 16 bits", name, format,
             channels, rate, bits);
      }
      known = true;
    } else if (is(at, "data") && known) {
      // Chunks begin at even offsets, so the samples are aligned.
      return {reinterpret_cast<const std::int16_t*>(bytes.data() + at + 8), size / 2};
    }
    at += 8 + size + size % 2;
  }
  fail(ErrorCode::kMalformed, "{}: WAV file without samples", name);
}

}  // namespace yourmt3
