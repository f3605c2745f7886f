#pragma once

#include <span>
#include <string>

#include "transcribe/instruments.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {

/// Transcribes the WAV sound that arrives at standard input, and prints each note as a line of JSON to standard output
/// as soon as it is settled; with `kept`, only those of these instruments. Ends with the sound, or with the first
/// interrupt. Returns all that was heard.
Transcription stream_notes(const Transcriber& transcriber, std::span<const Instrument* const> kept);

}  // namespace yourmt3::cli
