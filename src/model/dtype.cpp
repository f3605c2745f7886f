#include "model/dtype.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/fail.h"
#include "model/f16_vectors.h"

namespace yourmt3 {
namespace {

static_assert(std::endian::native == std::endian::little, "model files are read in place");

struct TypeRow {
  DType dtype;
  const char* name;
  std::size_t size;
  bool floating;
};

constexpr std::array<TypeRow, 10> kTypes = {{{DType::kF32, "F32", 4, true},
                                             {DType::kF16, "F16", 2, true},
                                             {DType::kBF16, "BF16", 2, true},
                                             {DType::kF64, "F64", 8, true},
                                             {DType::kI64, "I64", 8, false},
                                             {DType::kI32, "I32", 4, false},
                                             {DType::kI16, "I16", 2, false},
                                             {DType::kI8, "I8", 1, false},
                                             {DType::kU8, "U8", 1, false},
                                             {DType::kBool, "BOOL", 1, false}}};

const TypeRow& row_of(DType dtype) {
  const auto index = static_cast<std::size_t>(dtype);
  YOURMT3_ASSERT(index < kTypes.size() && kTypes[index].dtype == dtype);
  return kTypes[index];
}

template <class Stored, class Convert>
void convert_each(std::span<const std::byte> bytes, std::span<float> out, Convert convert) {
  YOURMT3_ASSERT(bytes.size() == out.size() * sizeof(Stored));
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = convert(stored);
  }
}

template <class Stored, class Convert>
void store_each(std::span<const float> values, std::span<std::byte> out, Convert convert) {
  YOURMT3_ASSERT(out.size() == values.size() * sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Stored stored = convert(values[i]);
    std::memcpy(out.data() + i * sizeof(Stored), &stored, sizeof(Stored));
  }
}

}  // namespace

std::size_t size_of(DType dtype) {
  return row_of(dtype).size;
}
bool is_floating(DType dtype) {
  return row_of(dtype).floating;
}
const char* to_string(DType dtype) {
  return row_of(dtype).name;
}

std::optional<DType> dtype_from_string(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (name == row.name) return row.dtype;
  }
  return std::nullopt;
}

namespace detail {

float f16_to_f32(std::uint16_t bits) {
  // Selections instead of branches, so that a loop over it becomes vector code: 12 million weights in some 10 ms.
  constexpr std::uint32_t kRebias = 112u << 23;
  constexpr std::uint32_t kSmallest = 113u << 23;  // 2^-14, the smallest normal half.
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(bits & 0x7fffu) << 13;
  const std::uint32_t normal = magnitude + kRebias;
  // The mantissa of a subnormal, put behind the leading one of 2^-14, exceeds it by just the value wanted.
  const auto subnormal =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude | kSmallest) - std::bit_cast<float>(kSmallest));
  // As the hardware does: a signalling NaN becomes quiet.
  const std::uint32_t special = (normal + kRebias) | (magnitude > 0x0f800000u ? 0x400000u : 0u);
  const std::uint32_t finite = magnitude < 0x00800000u ? subnormal : normal;
  return std::bit_cast<float>(sign | (magnitude >= 0x0f800000u ? special : finite));
}

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    return static_cast<std::uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
  }
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // Halfway between the largest finite value and 65536.
  if (magnitude >= 0x38800000u) {
    // Normal: round the 13 bits that go away; a carry out of the mantissa raises the exponent as it should.
    const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
    return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
  }
  const int shift = 126 - static_cast<int>(magnitude >> 23);  // Subnormal: units of 2^-24.
  if (shift > 25 || magnitude == 0) return sign;
  const std::uint32_t mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  const std::uint32_t half = 1u << (shift - 1);
  const std::uint32_t rounded = mantissa + (half - 1) + ((mantissa >> shift) & 1u);
  return static_cast<std::uint16_t>(sign | (rounded >> shift));
}

float bf16_to_f32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace detail

void convert_to_f32(DType dtype, std::span<const std::byte> bytes, std::span<float> out) {
  switch (dtype) {
    case DType::kF32:
      YOURMT3_ASSERT(bytes.size() == out.size_bytes());
      if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
      return;
    case DType::kF16: {
      YOURMT3_ASSERT(bytes.size() == out.size() * sizeof(std::uint16_t));
      const std::size_t done = convert_f16_vectors(bytes.data(), out.size(), out.data());
      return convert_each<std::uint16_t>(bytes.subspan(done * sizeof(std::uint16_t)), out.subspan(done),
                                         detail::f16_to_f32);
    }
    case DType::kBF16:
      return convert_each<std::uint16_t>(bytes, out, detail::bf16_to_f32);
    case DType::kF64:
      return convert_each<double>(bytes, out, [](double value) { return static_cast<float>(value); });
    default:
      fail(ErrorCode::kUnsupported, "{} is not a floating type", to_string(dtype));
  }
}

void convert_from_f32(std::span<const float> values, DType dtype, std::span<std::byte> out) {
  switch (dtype) {
    case DType::kF32:
      YOURMT3_ASSERT(out.size() == values.size_bytes());
      if (!values.empty()) std::memcpy(out.data(), values.data(), out.size());
      return;
    case DType::kF16:
      return store_each<std::uint16_t>(values, out, detail::f32_to_f16);
    case DType::kBF16:
      return store_each<std::uint16_t>(values, out, detail::f32_to_bf16);
    case DType::kF64:
      return store_each<double>(values, out, [](float value) { return static_cast<double>(value); });
    default:
      fail(ErrorCode::kUnsupported, "{} is not a floating type", to_string(dtype));
  }
}

}  // namespace yourmt3
