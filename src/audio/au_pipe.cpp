#include "audio/au_pipe.h"

#include <array>
#include <bit>
#include <vector>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// Six words, then a remark up to where the second word says the samples begin.
constexpr std::size_t kHeaderBytes = 24;
constexpr std::uint32_t kMagic = 0x2e736e64, kNotKnown = 0xffffffff, kFloat32 = 6, kMaxRemark = 65536;

std::uint32_t big_endian(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

void append(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
}

}  // namespace

std::string au_bytes(const AuHeader& header) {
  const std::uint64_t size = std::uint64_t{4} * header.n_channels * header.n_frames.value_or(0);
  std::string bytes;
  for (const std::uint32_t word : {kMagic, std::uint32_t{kHeaderBytes},
                                   header.n_frames && size < kNotKnown ? static_cast<std::uint32_t>(size) : kNotKnown,
                                   kFloat32, header.sample_rate, header.n_channels}) {
    append(bytes, word);
  }
  return bytes;
}

std::string au_bytes(std::span<const float> samples) {
  std::string bytes;
  bytes.reserve(4 * samples.size());
  for (const float sample : samples) append(bytes, std::bit_cast<std::uint32_t>(sample));
  return bytes;
}

std::optional<AuHeader> read_au_header(ChildProcess& from) {
  std::array<std::byte, kHeaderBytes> words;
  if (from.read(words) < words.size()) return std::nullopt;
  const std::uint32_t start = big_endian(&words[4]), size = big_endian(&words[8]);
  if (big_endian(&words[0]) != kMagic || big_endian(&words[12]) != kFloat32 || start < kHeaderBytes ||
      start > kMaxRemark) {
    fail(ErrorCode::kMalformed, "its output is not as expected");
  }
  std::vector<std::byte> remark(start - kHeaderBytes);
  from.read(remark);

  AuHeader header{big_endian(&words[16]), big_endian(&words[20]), std::nullopt};
  constexpr std::uint32_t kMaxRate = 100'000'000, kMaxChannels = 1024;
  if (header.sample_rate < 1 || header.sample_rate > kMaxRate || header.n_channels < 1 ||
      header.n_channels > kMaxChannels) {
    fail(ErrorCode::kMalformed, "{} channels at {} Hz", header.n_channels, header.sample_rate);
  }
  if (size != kNotKnown) header.n_frames = size / (4 * header.n_channels);
  return header;
}

std::size_t read_au_frames(ChildProcess& from, std::span<float> interleaved, std::size_t n_channels) {
  std::vector<std::byte> bytes(interleaved.size() * sizeof(float));
  const std::size_t n_frames = from.read(bytes) / (sizeof(float) * n_channels);
  for (std::size_t i = 0; i < n_frames * n_channels; ++i) {
    interleaved[i] = std::bit_cast<float>(big_endian(&bytes[4 * i]));
  }
  return n_frames;
}

}  // namespace yourmt3
