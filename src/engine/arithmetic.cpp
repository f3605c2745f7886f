#include "engine/arithmetic.h"

#include <array>
#include <utility>

namespace yourmt3 {
namespace {

constexpr std::array<std::pair<Precision, const char*>, 4> kNames = {
    {{Precision::kAuto, "auto"}, {Precision::kF32, "f32"}, {Precision::kBf16, "bf16"}, {Precision::kInt8, "int8"}}};

}  // namespace

Precision resolve(Precision wanted, const Kernels& kernels) {
  if (wanted != Precision::kAuto) return wanted;
  return kernels.fast_bf16 ? Precision::kBf16 : Precision::kF32;
}

const char* precision_name(Precision precision) {
  for (const auto& [value, name] : kNames) {
    if (value == precision) return name;
  }
  return "unknown";
}

std::optional<Precision> precision_from_name(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (name == known) return value;
  }
  return std::nullopt;
}

}  // namespace yourmt3
