#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>

#include "core/progress.h"
#include "engine/engine.h"
#include "transcribe/instrument_mask.h"
#include "transcribe/segment_reader.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// A recording that is to be transcribed.
struct RecordingInput {
  OpenSource open;
  /// For measuring: numbers of tokens (segments, channels) that are decoded whatever the network says, see
  /// Engine::decode(); empty without, and segments behind them are decoded as ever. Outlives the recording.
  std::span<const std::int32_t> forced_lengths = {};
  /// Told notes as soon as they are settled (transcribe/settled_notes.h), on the thread of transcribe_all().
  std::function<void(std::span<const Note>)> on_notes = {};
};

/// How tokens are chosen, where it is not as the model says.
struct DecodingChoice {
  InstrumentMask instruments = {};
  /// Overrides InferenceConfig::grammar. Onset candidates go with it: without the grammar there are none.
  std::optional<bool> constrained = {};
};

/// What a caller of the library wants, for networks of a task. Throws as Transcriber::with().
DecodingChoice decoding_choice(const Transcriber::Decoding& wanted, const Task& task);

/// Recordings that come one after the other. All functions are called on the thread of transcribe_all().
struct RecordingQueue {
  /// The next recording, or nothing behind the last; asked ahead, while recordings before it are being transcribed.
  std::function<std::optional<RecordingInput>()> next;
  /// One of these for each recording, in the order of next(). What failed leaves the others alone.
  std::function<void(Transcription heard)> done;
  std::function<void(std::exception_ptr error)> failed;
  /// Seconds of the first recording that is neither done nor failed.
  ProgressCallback progress = {};
};

/// From samples to notes. Segments are read ahead on a thread of their own, encoded one by one as the decoder has place
/// for them, and decoded as members of one running batch, those at the end of one recording beside those at the
/// beginning of the next. What a recording yields does not depend on the others. Of a recording only tokens and, where
/// ends of notes are found by the auxiliary heads, one bit for each frame and pitch are kept, so that memory hardly
/// grows with its length.
///
/// Throws Error(kCancelled) when the progress callback says so, and what the functions of the queue throw.
void transcribe_all(const Engine& engine, const RecordingQueue& recordings, const DecodingChoice& decoding = {});

/// One recording. Throws what the source throws, and Error(kCancelled).
Transcription transcribe(const Engine& engine, RecordingInput recording, const ProgressCallback& progress = {},
                         const DecodingChoice& decoding = {});

}  // namespace yourmt3
