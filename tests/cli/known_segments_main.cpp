// usage: known_segments STORE OUTPUT
#include <cstdio>
#include <exception>

#include "cli/known_segments.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: known_segments STORE OUTPUT\n");
    return 2;
  }
  try {
    yourmt3::testing::write_known_segments(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "known_segments: %s\n", error.what());
    return 1;
  }
}
