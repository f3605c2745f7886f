#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/error.h"
#include "yourmt3/export.h"
#include "yourmt3/note.h"
#include "yourmt3/precision.h"

namespace yourmt3 {

/// Where the time of a transcription went, in seconds. Reading and encoding go on beside decoding, so that the sum can
/// exceed the time on the clock.
struct StageSeconds {
  double read = 0;    ///< Decoding and resampling the audio.
  double encode = 0;  ///< Spectrogram to decoder memory.
  double decode = 0;  ///< Tokens.
  double notes = 0;   ///< Tokens to notes.
};

/// What was heard in a recording.
struct Transcription {
  std::vector<Note> notes;                   ///< By onset, is_drum, program, pitch.
  double duration_sec = 0;                   ///< Length of the recording.
  std::int64_t n_tokens = 0;                 ///< Tokens that the network wrote, all channels together.
  std::map<std::string, int> decode_errors;  ///< What made no sense in them, by kind; see docs/formats.md.
  StageSeconds seconds;
};

/// A loaded network that turns recordings into notes. After construction every method is const and may be called from
/// several threads; each call uses the number of threads given in Options.
class YOURMT3_API Transcriber {
 public:
  /// How the network's tokens, of which notes are made, are chosen. Instruments have the names that `yourmt3 transcribe
  /// --instruments` lists, such as "piano", "bass" and "drums".
  struct Decoding {
    /// The instruments that the recording has, if they are known: what is heard is written for one of them or not at
    /// all. To pick some out of a recording that has others, rather look at the programs of the notes.
    std::vector<std::string> only = {};
    std::vector<std::string> without = {};  ///< Instruments that the recording does not have.
    /// Whether tokens that the grammar of the task forbids get no probability. Without: as the model says; published
    /// ones say no, since their authors' program does not do it.
    std::optional<bool> constrained = {};
  };

  struct Options {
    int n_threads = 0;                       ///< 0: all available processors.
    Precision precision = Precision::kAuto;  ///< Of the large products of the network.
    Decoding decoding = {};

    /// Told what is odd but no failure: samples that are not finite, a file that breaks off, unknown tensors. What
    /// concerns a recording comes from a thread of our own, on which that recording is read.
    std::function<void(std::string_view)> on_warning = {};
  };

  /// Called several times a second with the seconds transcribed so far and in all (0: not known yet, or at all,
  /// as from a pipe).
  /// Returning false cancels the call, which then throws Error(kCancelled).
  using Progress = std::function<bool(double done_sec, double total_sec)>;

  /// Called with notes as soon as nothing that follows can change them: in the order in which that happens, each note
  /// once, together those of the result. A note is told when the segment of 2.048 s in which it ends has been heard and
  /// computed, so up to about 2.1 s and the time of computing after its end; notes longer than ten seconds then.
  using OnNotes = std::function<void(std::span<const Note> notes)>;

  /// Reads a model: our .safetensors or an official .ckpt. Throws Error(kNotFound, kMalformed, kUnsupported), and as
  /// with().
  explicit Transcriber(const std::filesystem::path& model);
  Transcriber(const std::filesystem::path& model, const Options& options);
  ~Transcriber();
  Transcriber(Transcriber&&) noexcept;
  Transcriber& operator=(Transcriber&&) noexcept;

  /// The same network with another choice of tokens, at once and without more memory. Throws Error(kNotFound) for an
  /// unknown instrument, Error(kInvalidArgument) for one that the network does not write, or when none is left.
  Transcriber with(const Decoding& decoding) const;

  /// What Options::precision came to on this processor, never kAuto.
  Precision precision() const;

  /// Any audio file that libsndfile reads, and others where ffmpeg is installed; "-" is standard input. Memory does not
  /// grow with its length. Throws Error(kNotFound, kIo, kMalformed, kUnsupported, kCancelled).
  Transcription transcribe_file(const std::filesystem::path& audio, const Progress& progress = {},
                                const OnNotes& on_notes = {}) const;

  /// WAV or AU sound while it arrives at a descriptor, such as a pipe from a microphone, until that ends or
  /// `keep_listening` says no, which is asked many times a second on another thread: then the recording ends there.
  /// Throws Error(kUnsupported, kMalformed, kCancelled).
  Transcription transcribe_live(int descriptor, const Progress& progress = {}, const OnNotes& on_notes = {},
                                const std::function<bool()>& keep_listening = {}) const;

  /// Several recordings, as a queue; its functions are called on the caller's thread, and what they throw ends the
  /// call.
  struct Recordings {
    /// The next recording, or nothing behind the last. Asked ahead, while others are still being transcribed.
    std::function<std::optional<std::filesystem::path>()> next;
    /// One of these for each recording, in the order of next().
    std::function<void(Transcription heard)> done;
    std::function<void(const Error& error)> failed;
    /// Of the first recording that is neither done nor failed.
    Progress progress = {};
  };

  /// The same for several recordings, in less time than one by one: the next one is begun before the last is done. What
  /// is heard does not depend on the others, and an error leaves them alone. Throws Error(kCancelled).
  void transcribe_files(const Recordings& recordings) const;

  /// Interleaved samples of `n_channels` channels, nominally in [-1, 1], at `sample_rate` Hz. Throws
  /// Error(kInvalidArgument) for samples that are not finite, too.
  Transcription transcribe_samples(std::span<const float> samples, int n_channels, int sample_rate,
                                   const Progress& progress = {}, const OnNotes& on_notes = {}) const;

 private:
  friend class TranscriptionStream;
  struct Impl;
  explicit Transcriber(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Name of the instrument that stands for a program in what we write, such as "Acoustic Piano" or "Drums".
YOURMT3_API std::string instrument_name(int program);

/// Writes a standard MIDI file, one track for each instrument; whole or not at all. Replaces an existing file.
/// Throws Error(kIo).
YOURMT3_API void write_midi(const std::filesystem::path& path, std::span<const Note> notes);

/// "MAJOR.MINOR.PATCH" of the library.
YOURMT3_API const char* version();

}  // namespace yourmt3
