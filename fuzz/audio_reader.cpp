// Any bytes as a recording: an error, or finite samples.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "audio/audio_reader.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const int file = ::memfd_create("recording", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size) || ::lseek(file, 0, SEEK_SET) != 0) {
    std::abort();
  }
  try {
    AudioReader::Options options;
    options.ffmpeg.clear();
    options.log = [](LogLevel, std::string_view) {};
    AudioReader reader = AudioReader::from_descriptor(file, "recording", options);
    std::vector<float> samples(10000);
    for (int i = 0; i < 100; ++i) {
      const std::size_t n = reader.read(samples);
      for (std::size_t k = 0; k < n; ++k) {
        if (!std::isfinite(samples[k])) std::abort();
      }
      if (n < samples.size()) break;
    }
  } catch (const Error&) {
  }
  ::close(file);
  return 0;
}
