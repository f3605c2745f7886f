#include "data/audio_out.h"

#include <sndfile.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "core/fail.h"
#include "core/lower_case.h"

namespace yourmt3 {
namespace {

/// A file of libsndfile that is kept in memory.
struct MemoryFile {
  std::string bytes;
  sf_count_t at = 0;

  static MemoryFile& of(void* self) { return *static_cast<MemoryFile*>(self); }
  static sf_count_t length(void* self) { return static_cast<sf_count_t>(of(self).bytes.size()); }
  static sf_count_t seek(sf_count_t offset, int whence, void* self) {
    const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? of(self).at : length(self);
    return of(self).at = std::max<sf_count_t>(0, from + offset);
  }
  static sf_count_t read(void* out, sf_count_t count, void* self) {
    auto& file = of(self);
    count = std::clamp<sf_count_t>(length(self) - file.at, 0, count);
    std::memcpy(out, file.bytes.data() + file.at, static_cast<std::size_t>(count));
    file.at += count;
    return count;
  }
  static sf_count_t write(const void* from, sf_count_t count, void* self) {
    auto& file = of(self);
    const auto end = static_cast<std::size_t>(file.at + count);
    if (file.bytes.size() < end) file.bytes.resize(end);
    std::memcpy(file.bytes.data() + file.at, from, static_cast<std::size_t>(count));
    file.at += count;
    return count;
  }
  static sf_count_t tell(void* self) { return of(self).at; }
};

int format_of(std::string_view extension) {
  static const std::map<std::string, int, std::less<>> formats = {{".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                                                                  {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                                                                  {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                                                                  {".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS},
                                                                  {".mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}};
  const auto format = formats.find(lower_case(std::string(extension)));
  if (format == formats.end()) {
    fail(ErrorCode::kUnsupported, "'{}': audio is written as .wav, .flac, .ogg, .opus or .mp3", extension);
  }
  return format->second;
}

}  // namespace

std::string audio_bytes(std::string_view extension, std::span<const float> samples, int sample_rate, int channels,
                        double quality) {
  SF_INFO info{};
  info.samplerate = sample_rate;
  info.channels = channels;
  info.format = format_of(extension);
  MemoryFile memory;
  SF_VIRTUAL_IO io{MemoryFile::length, MemoryFile::seek, MemoryFile::read, MemoryFile::write, MemoryFile::tell};
  {
    const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> sound(sf_open_virtual(&io, SFM_WRITE, &info, &memory), sf_close);
    if (!sound) {
      fail(ErrorCode::kInvalidArgument, "cannot write {} channels at {} Hz as {}: {}", channels, sample_rate, extension,
           sf_strerror(nullptr));
    }
    sf_command(sound.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    sf_command(sound.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    // The Vorbis encoder keeps a whole call's samples on the stack, so calls are short.
    const std::size_t chunk = 4096 * static_cast<std::size_t>(channels);
    for (std::size_t at = 0; at < samples.size(); at += chunk) {
      const auto count = static_cast<sf_count_t>(std::min(chunk, samples.size() - at));
      if (sf_write_float(sound.get(), samples.data() + at, count) != count) {
        fail(ErrorCode::kIo, "cannot encode {}: {}", extension, sf_strerror(sound.get()));
      }
    }
  }
  return std::move(memory.bytes);
}

void write_audio(const std::filesystem::path& path, std::span<const float> samples, int sample_rate, int channels,
                 AtomicFile::Existing existing, double quality) {
  std::string extension = path.extension().string();
  try {
    format_of(extension);
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path.string(), error.what());
  }
  AtomicFile file(path, existing);
  file.write(audio_bytes(extension, samples, sample_rate, channels, quality));
  file.commit();
}

}  // namespace yourmt3
