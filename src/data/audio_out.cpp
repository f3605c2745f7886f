#include "data/audio_out.h"

#include <sndfile.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "core/fail.h"

namespace yourmt3 {

void write_audio(const std::filesystem::path& path, std::span<const float> samples, int sample_rate, int channels,
                 AtomicFile::Existing existing, double quality) {
  static const std::map<std::string, int> formats = {{".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                                                     {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                                                     {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                                                     {".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS}};
  const auto format = formats.find(path.extension().string());
  if (format == formats.end()) {
    fail(ErrorCode::kUnsupported, "{}: audio is written as .wav, .flac, .ogg or .opus", path.string());
  }
  AtomicFile file(path, existing);
  SF_INFO info{};
  info.samplerate = sample_rate;
  info.channels = channels;
  info.format = format->second;
  {
    const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound(sf_open(file.temporary_path().c_str(), SFM_WRITE, &info),
                                                            sf_close);
    if (!sound) fail(ErrorCode::kIo, "{}: {}", path.string(), sf_strerror(nullptr));
    sf_command(sound.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    sf_command(sound.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    // The Vorbis encoder keeps a whole call's samples on the stack, so calls are short.
    const std::size_t chunk = 4096 * static_cast<std::size_t>(channels);
    for (std::size_t at = 0; at < samples.size(); at += chunk) {
      const auto count = static_cast<sf_count_t>(std::min(chunk, samples.size() - at));
      if (sf_write_float(sound.get(), samples.data() + at, count) != count) {
        fail(ErrorCode::kIo, "{}: {}", path.string(), sf_strerror(sound.get()));
      }
    }
  }
  file.commit();
}

}  // namespace yourmt3
