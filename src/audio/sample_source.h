#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "audio/audio_reader.h"
#include "audio/input_file.h"

namespace yourmt3 {

/// Decoded samples of one file as they are, channels interleaved.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual const AudioInfo& info() const = 0;

  /// Writes up to interleaved.size() / n_channels whole frames; returns their number, 0 at the end. A damaged file ends
  /// early. Throws Error(kCancelled) or Error(kIo).
  virtual std::size_t read(std::span<float> interleaved) = 0;

  /// At the end: what was wrong on the way, or nothing.
  virtual std::string complaint() const = 0;
};

/// Either a source, or the reason why there is none.
struct OpenedSource {
  std::unique_ptr<SampleSource> source;
  std::string reason;
  bool decoder_missing = false;  ///< The program is not installed.
};

/// By libsndfile. The file must outlive the source.
OpenedSource open_with_sndfile(const InputFile& file);

/// By the program `ffmpeg`, as a child process that is ended with the source. The file must outlive the source.
OpenedSource open_with_ffmpeg(const InputFile& file, const std::string& program, const KeepGoing& keep_going);

/// By a decoder in a process of its own, which is ended with the source. The file must outlive the source. Throws Error
/// as DecoderCommand says.
std::unique_ptr<SampleSource> open_with_decoder(const InputFile& file, const DecoderCommand& command,
                                                const KeepGoing& keep_going, const LogSink& log);

/// WAV or AU sound by libsndfile while it arrives at a descriptor that stays the caller's, such as a pipe.
OpenedSource open_live(int descriptor, const KeepGoing& keep_going);

}  // namespace yourmt3
