#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// What was heard in one recording, with the time it took.
struct TimedTranscription {
  Transcription heard;
  double seconds = 0;  ///< On the clock.
};

/// A folder that keeps transcriptions, so that work which was interrupted goes on and what did not change is not done
/// again. Each lies in a file named by a hash of the model file, of the precision and the choice of tokens, of all
/// samples that the network hears and of the program's version; it is in the format of notes_to_json(), so that the
/// other verbs read it. May be used from several threads; files may be removed at any time.
class TranscriptionCache {
 public:
  /// Makes the folder when something is kept. Reads the model file once. `precision` and `decoding`: of the
  /// transcriber, the former never kAuto. Throws Error(kNotFound) or Error(kIo).
  TranscriptionCache(std::filesystem::path folder, const std::filesystem::path& model, Precision precision,
                     const Transcriber::Decoding& decoding = {});

  /// Hash of the model file: 32 hexadecimal digits.
  const std::string& model_hash() const { return model_hash_; }

  /// Name of the file for a recording, relative to the folder.
  std::string name_of(std::span<const float> samples) const;

  /// None where there is none, or one that cannot be read.
  std::optional<TimedTranscription> find(const std::string& name) const;

  /// Throws Error(kIo).
  void keep(const std::string& name, const TimedTranscription& transcription) const;

 private:
  std::filesystem::path folder_;
  std::string model_hash_;
  std::string how_;  // All but the model and the samples that the result depends on.
};

}  // namespace yourmt3
