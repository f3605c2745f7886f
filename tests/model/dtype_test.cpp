#include "model/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

/// Value of a half by its definition.
float half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return static_cast<float>((bits & 0x8000) != 0 ? -magnitude : magnitude);
}

TEST(DTypes, EveryHalfHasItsValue) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = detail::f16_to_f32(static_cast<std::uint16_t>(bits));
    if ((bits & 0x7c00) == 0x7c00) {
      EXPECT_EQ(std::isnan(value), (bits & 0x3ff) != 0);
      EXPECT_EQ(std::isinf(value), (bits & 0x3ff) == 0);
      EXPECT_EQ(std::signbit(value), (bits & 0x8000) != 0);
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(value),
                std::bit_cast<std::uint32_t>(half_value(static_cast<std::uint16_t>(bits))))
          << bits;
    }
  }
}

TEST(DTypes, EveryHalfSurvivesARoundTrip) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool nan = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
    // A NaN comes back quiet.
    ASSERT_EQ(detail::f32_to_f16(detail::f16_to_f32(half)), nan ? half | 0x200 : half) << bits;
    const bool bf16_nan = (bits & 0x7f80) == 0x7f80 && (bits & 0x7f) != 0;
    ASSERT_EQ(detail::f32_to_bf16(detail::bf16_to_f32(half)), bf16_nan ? half | 0x40 : half) << bits;
  }
}

TEST(DTypes, HalvesAreRoundedToTheNearestAndTiesToEven) {
  for (std::uint16_t bits = 0; bits < 0x7bff; ++bits) {
    const float low = half_value(bits), high = half_value(static_cast<std::uint16_t>(bits + 1));
    const float middle = static_cast<float>((static_cast<double>(low) + high) / 2);  // Exact: one bit more.
    ASSERT_EQ(detail::f32_to_f16(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
    ASSERT_EQ(detail::f32_to_f16(std::nextafter(middle, 0.f)), bits) << bits;
    ASSERT_EQ(detail::f32_to_f16(std::nextafter(middle, 1e9f)), bits + 1) << bits;
  }
}

TEST(DTypes, HalvesOverflowWhereTheNextOneWouldBeNearer) {
  EXPECT_EQ(detail::f32_to_f16(65519.f), 0x7bff);
  EXPECT_EQ(detail::f32_to_f16(65520.f), 0x7c00);
  EXPECT_EQ(detail::f32_to_f16(-1e30f), 0xfc00);
  EXPECT_EQ(detail::f32_to_f16(std::numeric_limits<float>::denorm_min()), 0);
}

TEST(DTypes, Bfloat16IsRoundedToTheNearestAndTiesToEven) {
  EXPECT_EQ(detail::f32_to_bf16(std::bit_cast<float>(0x3f808000u)), 0x3f80);
  EXPECT_EQ(detail::f32_to_bf16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
  EXPECT_EQ(detail::f32_to_bf16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(detail::f32_to_bf16(std::numeric_limits<float>::max()), 0x7f80);
}

TEST(DTypes, ArraysConvertLikeSingleValuesAtAnyLengthAndAlignment) {
  std::mt19937 random(1);
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kF64}) {
    for (std::size_t n = 0; n < 40; ++n) {
      std::vector<float> values(n);
      for (float& value : values) value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
      std::vector<std::byte> stored(n * size_of(dtype) + 1);
      convert_from_f32(values, dtype, std::span(stored).subspan(1));
      std::vector<float> back(n);
      convert_to_f32(dtype, std::span<const std::byte>(stored).subspan(1), back);
      for (std::size_t i = 0; i < n; ++i) {
        const float expected = dtype == DType::kF16    ? detail::f16_to_f32(detail::f32_to_f16(values[i]))
                               : dtype == DType::kBF16 ? detail::bf16_to_f32(detail::f32_to_bf16(values[i]))
                                                       : values[i];
        if (std::isnan(values[i])) {
          EXPECT_TRUE(std::isnan(back[i]));
        } else {
          EXPECT_EQ(std::bit_cast<std::uint32_t>(back[i]), std::bit_cast<std::uint32_t>(expected));
        }
      }
    }
  }
}

TEST(DTypes, AnArrayOfAllHalvesConvertsLikeSingleOnes) {
  std::vector<std::uint16_t> halves(0x10000);
  std::iota(halves.begin(), halves.end(), std::uint16_t{0});
  std::vector<float> values(halves.size());
  convert_to_f32(DType::kF16, std::as_bytes(std::span(halves)), values);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]), std::bit_cast<std::uint32_t>(detail::f16_to_f32(halves[i])))
        << i;
  }
}

TEST(DTypes, HaveTheNamesOfTheFormat) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kF64, DType::kI64, DType::kI32, DType::kI16,
                            DType::kI8, DType::kU8, DType::kBool}) {
    EXPECT_EQ(dtype_from_string(to_string(dtype)), dtype);
  }
  EXPECT_EQ(dtype_from_string("F8_E4M3"), std::nullopt);
}

TEST(DTypes, IntegersDoNotBecomeFloats) {
  std::vector<std::byte> bytes(8);
  std::vector<float> out(1);
  EXPECT_THROW(convert_to_f32(DType::kI64, bytes, out), Error);
  EXPECT_THROW(convert_from_f32(out, DType::kI64, bytes), Error);
}

}  // namespace
}  // namespace yourmt3
