#include <algorithm>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yourmt3/notation.h"
#include "yourmt3/transcriber.h"
#include "yourmt3/transcription_stream.h"
#include "yourmt3/yourmt3.h"

struct yourmt3_transcriber {
  yourmt3::Transcriber transcriber;
};

struct yourmt3_stream {
  yourmt3::TranscriptionStream stream;
  int n_channels;
};

struct yourmt3_transcription {
  yourmt3::Transcription transcription;
};

struct yourmt3_beats {
  yourmt3::Beats found;
};

namespace {

thread_local std::string last_error;

yourmt3_status status_of(yourmt3::ErrorCode code) {
  switch (code) {
    case yourmt3::ErrorCode::kInvalidArgument:
      return YOURMT3_INVALID_ARGUMENT;
    case yourmt3::ErrorCode::kNotFound:
      return YOURMT3_NOT_FOUND;
    case yourmt3::ErrorCode::kIo:
      return YOURMT3_IO;
    case yourmt3::ErrorCode::kMalformed:
      return YOURMT3_MALFORMED;
    case yourmt3::ErrorCode::kUnsupported:
      return YOURMT3_UNSUPPORTED;
    case yourmt3::ErrorCode::kOutOfMemory:
      return YOURMT3_OUT_OF_MEMORY;
    case yourmt3::ErrorCode::kCancelled:
      return YOURMT3_CANCELLED;
  }
  return YOURMT3_INTERNAL;
}

/// The one place where exceptions become statuses.
template <class Body>
yourmt3_status guarded(const Body& body) noexcept {
  try {
    try {
      body();
      return YOURMT3_OK;
    } catch (const yourmt3::Error& error) {
      last_error = error.what();
      return status_of(error.code());
    } catch (const std::bad_alloc&) {
      last_error = "out of memory";
      return YOURMT3_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
      last_error = error.what();
      return YOURMT3_INTERNAL;
    }
  } catch (...) {
    return YOURMT3_OUT_OF_MEMORY;  // No room even for the message.
  }
}

void require(bool condition, const char* what) {
  if (!condition) throw yourmt3::Error(yourmt3::ErrorCode::kInvalidArgument, what);
}

yourmt3::Precision precision_of(yourmt3_precision precision) {
  switch (precision) {
    case YOURMT3_PRECISION_AUTO:
      return yourmt3::Precision::kAuto;
    case YOURMT3_PRECISION_F32:
      return yourmt3::Precision::kF32;
    case YOURMT3_PRECISION_BF16:
      return yourmt3::Precision::kBf16;
    case YOURMT3_PRECISION_INT8:
      return yourmt3::Precision::kInt8;
  }
  throw yourmt3::Error(yourmt3::ErrorCode::kInvalidArgument, "precision is none of yourmt3_precision");
}

std::optional<bool> as_option(yourmt3_constrained constrained) {
  switch (constrained) {
    case YOURMT3_CONSTRAINED_AS_MODEL:
      return std::nullopt;
    case YOURMT3_CONSTRAINED_NO:
      return false;
    case YOURMT3_CONSTRAINED_YES:
      return true;
  }
  throw yourmt3::Error(yourmt3::ErrorCode::kInvalidArgument, "constrained is none of yourmt3_constrained");
}

/// The names between commas; none for null and an empty text.
std::vector<std::string> names_in(const char* list) {
  std::vector<std::string> names;
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

yourmt3::Transcriber::Progress as_function(yourmt3_progress progress, void* user) {
  if (progress == nullptr) return {};
  return [progress, user](double done_sec, double total_sec) { return progress(done_sec, total_sec, user) == 0; };
}

yourmt3_note as_c(const yourmt3::Note& note) {
  return {note.onset_sec, note.offset_sec, note.program, note.pitch, note.is_drum ? 1 : 0, note.confidence.value_or(1)};
}

yourmt3::Transcriber::OnNotes as_function(yourmt3_on_notes on_notes, void* user) {
  if (on_notes == nullptr) return {};
  return [on_notes, user](std::span<const yourmt3::Note> notes) {
    std::vector<yourmt3_note> given;
    for (const yourmt3::Note& note : notes) given.push_back(as_c(note));
    on_notes(given.data(), given.size(), user);
  };
}

/// The samples of whole frames. Throws Error(kInvalidArgument).
std::span<const float> as_span(const float* samples, size_t n_frames, int n_channels) {
  require(samples != nullptr || n_frames == 0, "samples is null");
  require(n_channels >= 1, "n_channels is less than 1");
  require(n_frames <= SIZE_MAX / sizeof(float) / static_cast<size_t>(n_channels), "n_frames is too large");
  return {samples, n_frames * static_cast<size_t>(n_channels)};
}

}  // namespace

extern "C" {

const char* yourmt3_version(void) {
  return yourmt3::version();
}

const char* yourmt3_last_error(void) {
  return last_error.c_str();
}

yourmt3_status yourmt3_transcriber_open(const char* model_path, int n_threads, yourmt3_transcriber** out) {
  return yourmt3_transcriber_open_with(model_path, n_threads, YOURMT3_PRECISION_AUTO, out);
}

yourmt3_status yourmt3_transcriber_open_with(const char* model_path, int n_threads, yourmt3_precision precision,
                                             yourmt3_transcriber** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(model_path != nullptr, "model_path is null");
    yourmt3::Transcriber::Options options;
    options.n_threads = n_threads;
    options.precision = precision_of(precision);
    *out = new yourmt3_transcriber{yourmt3::Transcriber(model_path, options)};
  });
}

yourmt3_status yourmt3_transcriber_with(const yourmt3_transcriber* transcriber, const char* only, const char* without,
                                        yourmt3_constrained constrained, yourmt3_transcriber** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(transcriber != nullptr, "transcriber is null");
    *out = new yourmt3_transcriber{transcriber->transcriber.with(
        {.only = names_in(only), .without = names_in(without), .constrained = as_option(constrained)})};
  });
}

void yourmt3_transcriber_close(yourmt3_transcriber* transcriber) {
  delete transcriber;
}

yourmt3_status yourmt3_transcribe_file(const yourmt3_transcriber* transcriber, const char* audio_path,
                                       yourmt3_progress progress, void* user, yourmt3_transcription** out) {
  return yourmt3_transcribe_file_with_notes(transcriber, audio_path, progress, nullptr, user, out);
}

yourmt3_status yourmt3_transcribe_file_with_notes(const yourmt3_transcriber* transcriber, const char* audio_path,
                                                  yourmt3_progress progress, yourmt3_on_notes on_notes, void* user,
                                                  yourmt3_transcription** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(transcriber != nullptr, "transcriber is null");
    require(audio_path != nullptr, "audio_path is null");
    *out = new yourmt3_transcription{
        transcriber->transcriber.transcribe_file(audio_path, as_function(progress, user), as_function(on_notes, user))};
  });
}

yourmt3_status yourmt3_transcribe_samples(const yourmt3_transcriber* transcriber, const float* samples, size_t n_frames,
                                          int n_channels, int sample_rate, yourmt3_progress progress, void* user,
                                          yourmt3_transcription** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(transcriber != nullptr, "transcriber is null");
    const std::span<const float> all = as_span(samples, n_frames, n_channels);
    *out = new yourmt3_transcription{
        transcriber->transcriber.transcribe_samples(all, n_channels, sample_rate, as_function(progress, user))};
  });
}

yourmt3_status yourmt3_stream_open(const yourmt3_transcriber* transcriber, int n_channels, int sample_rate,
                                   yourmt3_on_notes on_notes, void* user, yourmt3_stream** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(transcriber != nullptr, "transcriber is null");
    yourmt3::TranscriptionStream::Options options;
    options.n_channels = n_channels;
    options.sample_rate = sample_rate;
    options.on_notes = as_function(on_notes, user);
    *out = new yourmt3_stream{yourmt3::TranscriptionStream(transcriber->transcriber, options), n_channels};
  });
}

yourmt3_status yourmt3_stream_push(yourmt3_stream* stream, const float* samples, size_t n_frames) {
  return guarded([&] {
    require(stream != nullptr, "stream is null");
    stream->stream.push(as_span(samples, n_frames, stream->n_channels));
  });
}

yourmt3_status yourmt3_stream_finish(yourmt3_stream* stream, yourmt3_transcription** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(stream != nullptr, "stream is null");
    *out = new yourmt3_transcription{stream->stream.finish()};
  });
}

void yourmt3_stream_cancel(yourmt3_stream* stream) {
  if (stream != nullptr) stream->stream.cancel();
}

void yourmt3_stream_close(yourmt3_stream* stream) {
  delete stream;
}

void yourmt3_transcription_free(yourmt3_transcription* transcription) {
  delete transcription;
}

size_t yourmt3_note_count(const yourmt3_transcription* transcription) {
  return transcription == nullptr ? 0 : transcription->transcription.notes.size();
}

double yourmt3_duration_sec(const yourmt3_transcription* transcription) {
  return transcription == nullptr ? 0 : transcription->transcription.duration_sec;
}

yourmt3_status yourmt3_get_note(const yourmt3_transcription* transcription, size_t index, yourmt3_note* out) {
  return guarded([&] {
    require(transcription != nullptr && out != nullptr, "transcription or out is null");
    require(index < transcription->transcription.notes.size(), "index is not less than yourmt3_note_count()");
    *out = as_c(transcription->transcription.notes[index]);
  });
}

const char* yourmt3_instrument_name(int program) {
  thread_local std::string name;
  const yourmt3_status status = guarded([&] { name = yourmt3::instrument_name(program); });
  return status == YOURMT3_OK ? name.c_str() : "";
}

yourmt3_status yourmt3_write_midi(const yourmt3_transcription* transcription, const char* path) {
  return guarded([&] {
    require(transcription != nullptr && path != nullptr, "transcription or path is null");
    yourmt3::write_midi(path, transcription->transcription.notes);
  });
}

yourmt3_status yourmt3_write_midi_with_beats(const yourmt3_transcription* transcription, const char* path) {
  return guarded([&] {
    require(transcription != nullptr && path != nullptr, "transcription or path is null");
    yourmt3::write_midi_with_beats(path, transcription->transcription.notes);
  });
}

yourmt3_status yourmt3_write_musicxml(const yourmt3_transcription* transcription, const char* path, const char* title) {
  return guarded([&] {
    require(transcription != nullptr && path != nullptr, "transcription or path is null");
    require(title != nullptr, "title is null");
    yourmt3::write_musicxml(path, transcription->transcription.notes, title);
  });
}

yourmt3_status yourmt3_find_beats(const yourmt3_transcription* transcription, yourmt3_beats** out) {
  return guarded([&] {
    require(out != nullptr, "out is null");
    *out = nullptr;
    require(transcription != nullptr, "transcription is null");
    *out = new yourmt3_beats{yourmt3::find_beats(transcription->transcription.notes)};
  });
}

void yourmt3_beats_free(yourmt3_beats* beats) {
  delete beats;
}

size_t yourmt3_beat_count(const yourmt3_beats* beats) {
  return beats == nullptr ? 0 : beats->found.beats.size();
}

yourmt3_status yourmt3_get_beat(const yourmt3_beats* beats, size_t index, yourmt3_beat* out) {
  return guarded([&] {
    require(beats != nullptr && out != nullptr, "beats or out is null");
    require(index < beats->found.beats.size(), "index is not less than yourmt3_beat_count()");
    const yourmt3::Beat& beat = beats->found.beats[index];
    *out = {beat.time_sec, beat.begins_bar ? 1 : 0};
  });
}

yourmt3_status yourmt3_get_metre(const yourmt3_beats* beats, yourmt3_metre* out) {
  return guarded([&] {
    require(beats != nullptr && out != nullptr, "beats or out is null");
    const yourmt3::Beats& found = beats->found;
    *out = {found.quarters_per_minute, found.numerator,        found.denominator,
            found.fifths,              found.is_minor ? 1 : 0, found.tonic.c_str()};
  });
}

}  // extern "C"
