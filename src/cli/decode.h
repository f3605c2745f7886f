#pragma once

#include <string>
#include <vector>

#include "audio/audio_reader.h"
#include "audio/decoder_program.h"

namespace yourmt3::cli {

/// The verb by which `serve` starts this program to read one recording; nobody else's, and so not in the help.
inline constexpr const char* kDecodeVerb = "decode-recording";

/// This program as a decoder under these limits.
DecoderCommand decode_command(const DecoderLimits& limits);

/// That decoder; `arguments` follow the verb. Returns the exit status.
int run_decode_verb(const std::vector<std::string>& arguments);

}  // namespace yourmt3::cli
