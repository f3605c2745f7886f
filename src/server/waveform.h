#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "audio/audio_reader.h"

namespace yourmt3 {

/// How loud a recording is over time, for drawing.
struct Waveform {
  static constexpr int kPeaksPerSec = 100;

  double duration_sec = 0;
  std::string peaks;  ///< For each 1/kPeaksPerSec s its lowest and its highest sample, -127 to 127, a byte each.
};

/// Reads the whole recording, or as much as is needed to know that it is too long. Throws as AudioReader does, and
/// Error(kInvalidArgument) when it is longer than `max_sec`. `keep_going` false makes the call throw Error(kCancelled).
/// `decoder` as AudioReader::Options has it.
Waveform measure_waveform(const std::filesystem::path& recording, double max_sec,
                          const std::function<bool()>& keep_going = {}, const DecoderCommand& decoder = {});

}  // namespace yourmt3
