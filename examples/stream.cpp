// Prints notes while sound arrives at standard input: samples of one channel, 16 bits each. Ctrl-C ends it.
//
//   c++ -std=c++20 stream.cpp $(pkg-config --cflags --libs yourmt3) -o stream
//   arecord -q -t raw -f S16_LE -r 44100 -c 1 | ./stream model.safetensors 44100
#include <unistd.h>
#include <yourmt3/transcription_stream.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

volatile std::sig_atomic_t interrupted = 0;

/// Called by the library, on a thread of its own.
void print_notes(std::span<const yourmt3::Note> notes) {
  for (const yourmt3::Note& note : notes) {
    std::printf("%8.3f %8.3f  pitch %3d  %s\n", note.onset_sec, note.offset_sec, note.pitch,
                yourmt3::instrument_name(note.program).c_str());
  }
  std::fflush(stdout);
}

/// Pushes blocks of a tenth of a second until the sound ends.
void listen_to(std::FILE* sound, int sample_rate, yourmt3::TranscriptionStream& stream) {
  std::vector<std::int16_t> raw(static_cast<std::size_t>(sample_rate) / 10);
  while (const std::size_t n = std::fread(raw.data(), sizeof raw[0], raw.size(), sound)) {
    std::vector<float> samples(n);
    for (std::size_t i = 0; i < n; ++i) samples[i] = static_cast<float>(raw[i]) / 32768;
    stream.push(samples);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const int sample_rate = argc == 3 ? std::atoi(argv[2]) : 0;
  if (sample_rate < 1000) {
    std::fprintf(stderr, "usage: %s MODEL SAMPLE_RATE < SAMPLES\n", argv[0]);
    return 2;
  }
  struct sigaction on_interrupt = {};
  // Without SA_RESTART: reading ends, be it going on or about to begin.
  on_interrupt.sa_handler = [](int) {
    interrupted = 1;
    close(STDIN_FILENO);
  };
  sigaction(SIGINT, &on_interrupt, nullptr);

  const yourmt3::Transcriber transcriber(argv[1]);
  yourmt3::TranscriptionStream stream(transcriber, {.sample_rate = sample_rate, .on_notes = print_notes});
  std::fprintf(stderr, "listening\n");
  listen_to(stdin, sample_rate, stream);
  if (interrupted) stream.cancel();
  const yourmt3::Transcription heard = stream.finish();
  std::fprintf(stderr, "%zu notes in %.1f s\n", heard.notes.size(), heard.duration_sec);
} catch (const yourmt3::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.code() == yourmt3::ErrorCode::kCancelled ? 130 : 1;
}
