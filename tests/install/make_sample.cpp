#include <fstream>
#include <iostream>

#include "support/tiny_model.h"
#include "support/wav_bytes.h"

// Writes tiny.safetensors and tones.wav into a folder.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_sample FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  yourmt3::testing::save_tiny_model(folder / "tiny.safetensors");
  std::ofstream wav(folder / "tones.wav", std::ios::binary);
  wav << yourmt3::testing::wav_bytes(yourmt3::testing::tones(3));
  return wav.flush() ? 0 : 1;
}
