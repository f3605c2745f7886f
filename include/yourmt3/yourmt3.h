#ifndef YOURMT3_YOURMT3_H
#define YOURMT3_YOURMT3_H

/* The library for C, and for every language that can call C. Functions that can fail return a status;
 * yourmt3_last_error() then tells the rest. Objects are opaque; who gets one from yourmt3_..._open or from
 * yourmt3_transcribe_... gives it back with the function named there. */

#include <stddef.h>

#include "yourmt3/export.h"
#include "yourmt3/version.h"

#ifdef __cplusplus
extern "C" {
/* Any number that a program in C hands over is a value of such an enumeration; without a type it would be undefined. */
#define YOURMT3_ENUM_TYPE : unsigned
#else
#define YOURMT3_ENUM_TYPE
#endif

typedef enum yourmt3_status {
  YOURMT3_OK = 0,
  YOURMT3_INVALID_ARGUMENT = 1, /* A value given by the caller is out of range. */
  YOURMT3_NOT_FOUND = 2,        /* A file, tensor or name does not exist. */
  YOURMT3_IO = 3,               /* Reading or writing failed: permissions, disk full. */
  YOURMT3_MALFORMED = 4,        /* Bytes that do not follow their format. */
  YOURMT3_UNSUPPORTED = 5,      /* A format or option that this build does not handle. */
  YOURMT3_OUT_OF_MEMORY = 6,
  YOURMT3_CANCELLED = 7, /* The caller's callback asked to stop. */
  YOURMT3_INTERNAL = 8   /* A defect of the library. */
} yourmt3_status;

/* In what numbers the large products of a network are computed. */
typedef enum yourmt3_precision YOURMT3_ENUM_TYPE {
  YOURMT3_PRECISION_AUTO = 0, /* bf16 where the processor has instructions for it, else f32. */
  YOURMT3_PRECISION_F32 = 1,
  YOURMT3_PRECISION_BF16 = 2,
  YOURMT3_PRECISION_INT8 = 3
} yourmt3_precision;

/* A loaded network. May be used from several threads at once. */
typedef struct yourmt3_transcriber yourmt3_transcriber;

/* A recording whose samples come piece by piece. For one thread at a time, but for yourmt3_stream_cancel. */
typedef struct yourmt3_stream yourmt3_stream;

/* The notes of one recording, by onset. */
typedef struct yourmt3_transcription yourmt3_transcription;

/* How the music of one recording is counted and in which key it stands. */
typedef struct yourmt3_beats yourmt3_beats;

typedef struct yourmt3_note {
  double onset_sec; /* Seconds from the start of the recording. */
  double offset_sec;
  int program;       /* MIDI program 0-127; 128 for drums. */
  int pitch;         /* MIDI pitch 0-127; for drums the key of the kit. */
  int is_drum;       /* 0 or 1. */
  double confidence; /* How sure the network is that this instrument begins this note here: 0 to 1. */
} yourmt3_note;

typedef struct yourmt3_beat {
  double time_sec; /* Seconds from the start of the recording. */
  int begins_bar;  /* 0 or 1. */
} yourmt3_beat;

typedef struct yourmt3_metre {
  double quarters_per_minute; /* By the median beat. */
  int numerator;              /* Of the time signature. */
  int denominator;            /* 4: a beat is a quarter; 8: a dotted quarter. */
  int fifths;                 /* Sharps of the key signature, or flats when negative. */
  int is_minor;               /* 0 or 1. */
  const char* tonic;          /* "G", "F#", "Bb"; valid as long as the beats. */
} yourmt3_metre;

/* Told several times a second how many seconds are done, of how many (0: not known). Anything but 0 cancels. May be
 * called from another thread than the caller's, never from two at once. */
typedef int (*yourmt3_progress)(double done_sec, double total_sec, void* user);

/* Told notes as soon as nothing that follows can change them, each once; together they are those of the result. May be
 * called from another thread than the caller's, never from two at once. */
typedef void (*yourmt3_on_notes)(const yourmt3_note* notes, size_t n_notes, void* user);

/* "MAJOR.MINOR.PATCH" of the library that is linked. */
YOURMT3_API const char* yourmt3_version(void);

/* What went wrong in the last call of this thread that failed; valid until its next call. Never null. */
YOURMT3_API const char* yourmt3_last_error(void);

/* Reads a model: a .safetensors file or an official .ckpt. n_threads 0: all processors. On success *out must be given
 * to yourmt3_transcriber_close. */
YOURMT3_API yourmt3_status yourmt3_transcriber_open(const char* model_path, int n_threads, yourmt3_transcriber** out);
/* The same with a precision; yourmt3_transcriber_open takes YOURMT3_PRECISION_AUTO. */
YOURMT3_API yourmt3_status yourmt3_transcriber_open_with(const char* model_path, int n_threads,
                                                         yourmt3_precision precision, yourmt3_transcriber** out);
/* Whether tokens of the network that the grammar of its task forbids get no probability. */
typedef enum yourmt3_constrained YOURMT3_ENUM_TYPE {
  YOURMT3_CONSTRAINED_AS_MODEL = 0, /* As the model says; published ones say no. */
  YOURMT3_CONSTRAINED_NO = 1,
  YOURMT3_CONSTRAINED_YES = 2
} yourmt3_constrained;

/* The same network with another choice of its tokens, at once and without more memory. `only` names the instruments
 * that recordings have, if they are known, `without` some that they do not have: lists with commas, such as
 * "piano,bass,drums", or null; `yourmt3 transcribe --instruments` lists the names. On success *out must be given to
 * yourmt3_transcriber_close; `transcriber` may be closed before. */
YOURMT3_API yourmt3_status yourmt3_transcriber_with(const yourmt3_transcriber* transcriber, const char* only,
                                                    const char* without, yourmt3_constrained constrained,
                                                    yourmt3_transcriber** out);

YOURMT3_API void yourmt3_transcriber_close(yourmt3_transcriber* transcriber);

/* Transcribes an audio file. `progress` may be null. On success *out must be given to yourmt3_transcription_free. */
YOURMT3_API yourmt3_status yourmt3_transcribe_file(const yourmt3_transcriber* transcriber, const char* audio_path,
                                                   yourmt3_progress progress, void* user, yourmt3_transcription** out);

/* The same, with the notes told on the way; both callbacks get `user`, either may be null. */
YOURMT3_API yourmt3_status yourmt3_transcribe_file_with_notes(const yourmt3_transcriber* transcriber,
                                                              const char* audio_path, yourmt3_progress progress,
                                                              yourmt3_on_notes on_notes, void* user,
                                                              yourmt3_transcription** out);

/* Transcribes n_frames * n_channels interleaved samples, nominally in [-1, 1], at sample_rate Hz. */
YOURMT3_API yourmt3_status yourmt3_transcribe_samples(const yourmt3_transcriber* transcriber, const float* samples,
                                                      size_t n_frames, int n_channels, int sample_rate,
                                                      yourmt3_progress progress, void* user,
                                                      yourmt3_transcription** out);

/* Begins a recording whose interleaved samples come piece by piece, such as from a microphone. `on_notes` may be null;
 * a note is told at most about 2.1 s, and the time of computing, after its end. On success *out must be given to
 * yourmt3_stream_close, before the transcriber is closed. */
YOURMT3_API yourmt3_status yourmt3_stream_open(const yourmt3_transcriber* transcriber, int n_channels, int sample_rate,
                                               yourmt3_on_notes on_notes, void* user, yourmt3_stream** out);

/* Takes n_frames * n_channels samples; waits while more than a minute of sound is waiting to be transcribed. Tells what
 * ended the transcription, if something did. */
YOURMT3_API yourmt3_status yourmt3_stream_push(yourmt3_stream* stream, const float* samples, size_t n_frames);

/* No more samples: waits for the result. Only once. On success *out must be given to yourmt3_transcription_free. */
YOURMT3_API yourmt3_status yourmt3_stream_finish(yourmt3_stream* stream, yourmt3_transcription** out);

/* From any thread: ends the transcription soon; push and finish then return YOURMT3_CANCELLED. */
YOURMT3_API void yourmt3_stream_cancel(yourmt3_stream* stream);

/* Abandons what was not finished. */
YOURMT3_API void yourmt3_stream_close(yourmt3_stream* stream);

YOURMT3_API void yourmt3_transcription_free(yourmt3_transcription* transcription);

YOURMT3_API size_t yourmt3_note_count(const yourmt3_transcription* transcription);

/* Length of the recording in seconds. */
YOURMT3_API double yourmt3_duration_sec(const yourmt3_transcription* transcription);

/* Copies note `index`, counted from 0. */
YOURMT3_API yourmt3_status yourmt3_get_note(const yourmt3_transcription* transcription, size_t index,
                                            yourmt3_note* out);

/* Name of an instrument, such as "Acoustic Piano" or "Drums"; valid until the next call of this thread. */
YOURMT3_API const char* yourmt3_instrument_name(int program);

/* Writes a standard MIDI file, one track for each instrument; whole or not at all. Replaces an existing file. */
YOURMT3_API yourmt3_status yourmt3_write_midi(const yourmt3_transcription* transcription, const char* path);

/* The same with the tempo of every beat, time signature and key, so that bars of the file are bars of the music. Notes
 * keep their times. */
YOURMT3_API yourmt3_status yourmt3_write_midi_with_beats(const yourmt3_transcription* transcription, const char* path);

/* Writes the notes as a score in MusicXML 4.0, quantised; compressed when the path ends in ".mxl". Whole or not at all.
 * Replaces an existing file. `title` is UTF-8. */
YOURMT3_API yourmt3_status yourmt3_write_musicxml(const yourmt3_transcription* transcription, const char* path,
                                                  const char* title);

/* Estimates beats, bars, metre and key. On success *out must be given to yourmt3_beats_free. */
YOURMT3_API yourmt3_status yourmt3_find_beats(const yourmt3_transcription* transcription, yourmt3_beats** out);

YOURMT3_API void yourmt3_beats_free(yourmt3_beats* beats);

/* From the start of the recording to behind its last note; 0 without notes. */
YOURMT3_API size_t yourmt3_beat_count(const yourmt3_beats* beats);

/* Copies beat `index`, counted from 0, in ascending order of time. */
YOURMT3_API yourmt3_status yourmt3_get_beat(const yourmt3_beats* beats, size_t index, yourmt3_beat* out);

/* 120 quarters a minute, 4/4 and C major without notes. */
YOURMT3_API yourmt3_status yourmt3_get_metre(const yourmt3_beats* beats, yourmt3_metre* out);

#ifdef __cplusplus
}
#endif

#endif
