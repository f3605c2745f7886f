#pragma once

#include <cstdint>

namespace yourmt3 {

/// What reading a recording may take at most.
struct DecoderLimits {
  std::int64_t memory_bytes = std::int64_t{512} << 20;  ///< Data of the process; not in builds with sanitizers.
  int cpu_sec = 300;                                    ///< Processor time, also of each process that it starts.
};

/// Binds this process to the limits, never to write a file, and to end with the one that started it. Throws Error(kIo).
void bind_process(const DecoderLimits& limits);

/// All that a program does that DecoderCommand (audio/audio_reader.h) starts: binds itself, then reads the recording
/// that is its standard input and writes mono samples at 16 kHz to standard output. Warnings and errors go to standard
/// error. Returns the exit status.
int run_decoder(const DecoderLimits& limits);

}  // namespace yourmt3
