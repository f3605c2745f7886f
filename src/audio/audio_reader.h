#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"

namespace yourmt3 {

/// What a recording says of itself.
struct AudioInfo {
  std::string format;   ///< Container and encoding, for people.
  int sample_rate = 0;  ///< Hz, of the file.
  int n_channels = 0;
  std::optional<double> duration_sec;  ///< None when the file does not tell; an estimate for some MP3 files.
};

/// A program that decodes recordings of strangers in a process of its own, such as one that calls run_decoder()
/// (audio/decoder_program.h): their bytes meet no codec in this process, and what becomes of it does not concern this
/// one. It finds the recording on standard input and writes AU to standard output, 32-bit floats.
///
/// That it crashed, was ended by a limit, or gave nothing for `patience` is Error(kMalformed), a longer recording than
/// `max_sec` Error(kInvalidArgument), both from AudioReader's constructor or its read(). Error(kIo) when it cannot be
/// started.
struct DecoderCommand {
  std::vector<std::string> arguments;  ///< The program, searched on PATH unless it has a slash, and its arguments.
  std::chrono::milliseconds patience{60000};
  double max_sec = std::numeric_limits<double>::infinity();
};

/// A recording as one stream of mono samples at one rate. Memory does not grow with its length.
///
/// Reads what libsndfile reads (WAV, FLAC, Ogg, Opus, MP3, AIFF and more) and, through the program ffmpeg where it is
/// installed, what that reads (M4A, MP4, WMA, the sound of video). Channels are averaged; samples that are not finite
/// or beyond 1e12 become 0, with a warning. A file that breaks off is read as far as it goes, with a warning.
///
/// Not for use by two threads at a time.
class AudioReader {
 public:
  struct Options {
    int sample_rate = 16000;           ///< Hz, of the result.
    std::string ffmpeg = "ffmpeg";     ///< Program for what libsndfile cannot read, searched on PATH; empty for none.
    DecoderCommand decoder = {};       ///< Decodes instead of this process where there is one.
    LogSink log;                       ///< Warnings.
    std::function<bool()> keep_going;  ///< Asked while waiting for a pipe; false makes the call throw kCancelled.
  };

  /// Opens a file, or whatever else has a name and can be read.
  ///
  /// Throws Error: kNotFound; kInvalidArgument for a folder; kIo when it cannot be opened or read; kMalformed when it
  /// is empty, holds no samples or is no recording; kUnsupported when ffmpeg might help but is missing.
  AudioReader(const std::filesystem::path& path, Options options);
  explicit AudioReader(const std::filesystem::path& path) : AudioReader(path, Options()) {}

  /// Reads an open file, pipe or socket to its end, such as standard input; `name` stands for it in messages. What
  /// cannot be rewound is first copied into a temporary file without a name. The descriptor stays open and the
  /// caller's.
  static AudioReader from_descriptor(int descriptor, const std::string& name, Options options);

  /// Reads WAV or AU sound while it arrives, such as that of a microphone from a pipe: samples are given out a
  /// twentieth of a second after they came. Throws Error(kUnsupported) for other formats.
  static AudioReader live(int descriptor, const std::string& name, Options options);

  ~AudioReader();
  AudioReader(AudioReader&&) noexcept;
  AudioReader& operator=(AudioReader&&) noexcept;

  const AudioInfo& info() const;

  /// Writes the next samples and returns how many; fewer than asked for only at the end, then 0. In all they are
  /// ceil(n * rate / file rate) for the file's n samples. Throws Error(kCancelled) or Error(kIo).
  std::size_t read(std::span<float> out);

 private:
  struct Impl;
  explicit AudioReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The whole recording; four bytes for each sample. Throws as AudioReader.
std::vector<float> load_audio(const std::filesystem::path& path, AudioReader::Options options = {});

}  // namespace yourmt3
