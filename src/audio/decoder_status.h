#pragma once

#include <optional>

#include "yourmt3/error.h"

namespace yourmt3 {

/// How a decoder in a process of its own tells by its exit status why it failed.
constexpr int kFirstDecoderStatus = 64;

constexpr int decoder_status(ErrorCode code) {
  return kFirstDecoderStatus + static_cast<int>(code);
}

constexpr std::optional<ErrorCode> decoder_error(int status) {
  if (status < kFirstDecoderStatus || status > decoder_status(ErrorCode::kCancelled)) return std::nullopt;
  return static_cast<ErrorCode>(status - kFirstDecoderStatus);
}

/// What a decoder calls the recording in its messages.
inline constexpr const char* kDecoderRecording = "recording";

}  // namespace yourmt3
