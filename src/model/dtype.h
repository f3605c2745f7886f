#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// Type of the elements of a stored tensor.
enum class DType { kF32, kF16, kBF16, kF64, kI64, kI32, kI16, kI8, kU8, kBool };

std::size_t size_of(DType dtype);  ///< Bytes of one element.
bool is_floating(DType dtype);

/// Name in a safetensors header: "F32", "F16", "BF16", "F64", "I64", "I32", "I16", "I8", "U8", "BOOL".
const char* to_string(DType dtype);
/// The type of that name, or nothing.
std::optional<DType> dtype_from_string(std::string_view name);

/// Little-endian elements of a floating type as float32; F64 is rounded to nearest. `bytes` need not be aligned.
/// `out` holds bytes.size() / size_of(dtype) values. `dtype` is a floating type.
void convert_to_f32(DType dtype, std::span<const std::byte> bytes, std::span<float> out);

/// Rounds to nearest, ties to even; `out` holds values.size() * size_of(dtype) bytes. `dtype` is a floating type.
/// Finite values beyond the range of the type become infinite.
void convert_from_f32(std::span<const float> values, DType dtype, std::span<std::byte> out);

namespace detail {
/// The scalar conversions, which define what the vectorised ones must give bit for bit.
float f16_to_f32(std::uint16_t bits);
std::uint16_t f32_to_f16(float value);
float bf16_to_f32(std::uint16_t bits);
std::uint16_t f32_to_bf16(float value);
}  // namespace detail

}  // namespace yourmt3
