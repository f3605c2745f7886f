// Turns a recording into MIDI.
//
//   c++ -std=c++20 transcribe.cpp $(pkg-config --cflags --libs yourmt3) -o transcribe
//   ./transcribe model.safetensors song.mp3 song.mid
#include <yourmt3/transcriber.h>
#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: " << argv[0] << " MODEL RECORDING MIDI\n";
    return 2;
  }
  const yourmt3::Transcriber transcriber(argv[1]);
  const yourmt3::Transcription heard = transcriber.transcribe_file(argv[2]);
  yourmt3::write_midi(argv[3], heard.notes);
  std::cout << heard.notes.size() << " notes in " << heard.duration_sec << " s\n";
} catch (const yourmt3::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
