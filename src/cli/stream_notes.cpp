#include "cli/stream_notes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/interrupt.h"
#include "core/fail.h"

namespace yourmt3::cli {
namespace {

std::string json_line(const Note& note) {
  // Ordered for people; times of whole ticks need no more digits.
  nlohmann::ordered_json json;
  json["onset_sec"] = note.onset_sec;
  json["offset_sec"] = note.offset_sec;
  json["program"] = note.program;
  json["instrument"] = instrument_name(note.program);
  json["pitch"] = note.pitch;
  json["is_drum"] = note.is_drum;
  if (note.confidence) json["confidence"] = *note.confidence;
  return json.dump() + "\n";
}

}  // namespace

Transcription stream_notes(const Transcriber& transcriber, std::span<const Instrument* const> kept) {
  const auto print = [&](std::span<const Note> notes) {
    const std::vector<Note> chosen =
        kept.empty() ? std::vector<Note>(notes.begin(), notes.end()) : select_instruments(notes, kept);
    std::string lines;
    for (const Note& note : chosen) lines += json_line(note);
    if (std::fwrite(lines.data(), 1, lines.size(), stdout) != lines.size() || std::fflush(stdout) != 0) {
      fail(ErrorCode::kIo, "standard output: cannot write: {}", std::strerror(errno));
    }
  };
  return transcriber.transcribe_live(STDIN_FILENO, {}, print, [] { return !interrupted(); });
}

}  // namespace yourmt3::cli
