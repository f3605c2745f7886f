#include "data/song_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "core/fail.h"
#include "core/parallel.h"
#include "data/audio_out.h"
#include "data/midi_songs.h"
#include "score/midi_writer.h"
#include "score/note_text.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

/// Samples in a file that has no name any more, so that nothing can be left behind.
class SampleSpool {
 public:
  SampleSpool(const fs::path& folder, std::span<const float> samples) : size_(samples.size()) {
    std::string name = (folder / ".spool-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) fail(ErrorCode::kIo, "{}: cannot write: {}", folder.string(), std::strerror(errno));
    ::unlink(name.c_str());
    const auto bytes = std::as_bytes(samples);
    for (std::size_t at = 0; at < bytes.size();) {
      const auto written = ::write(file_, bytes.data() + at, bytes.size() - at);
      if (written <= 0) {
        const int reason = errno;
        ::close(file_);
        fail(ErrorCode::kIo, "{}: cannot write: {}", folder.string(), std::strerror(reason));
      }
      at += static_cast<std::size_t>(written);
    }
  }
  ~SampleSpool() { ::close(file_); }
  SampleSpool(const SampleSpool&) = delete;
  SampleSpool& operator=(const SampleSpool&) = delete;

  std::size_t size() const { return size_; }

  void read(std::size_t first, std::span<float> out) const {
    const auto bytes = std::as_writable_bytes(out);
    for (std::size_t at = 0; at < bytes.size();) {
      const auto offset = static_cast<off_t>(first * sizeof(float) + at);
      const auto count = ::pread(file_, bytes.data() + at, bytes.size() - at, offset);
      if (count <= 0) fail(ErrorCode::kIo, "cannot read back the samples of a stem: {}", std::strerror(errno));
      at += static_cast<std::size_t>(count);
    }
  }

 private:
  int file_ = -1;
  std::size_t size_;
};

struct PlayedParts {
  std::vector<std::unique_ptr<SampleSpool>> sounds;  ///< Null for a part that is silent.
  std::vector<float> mix;
  float gain = 1;
};

PlayedParts play(const fs::path& folder, Song& song, const Stage& stage, const SongFolderOptions& options) {
  PlayedParts played;
  played.sounds.resize(song.parts.size());
  std::vector<float> peaks(song.parts.size());
  parallel_for(song.parts.size(), options.threads, [&](std::size_t i) {
    if (options.keep_going && !options.keep_going()) fail(ErrorCode::kCancelled, "cancelled");
    const auto samples = stage.play(song, i, options.song_number);
    for (const float sample : samples) peaks[i] = std::max(peaks[i], std::abs(sample));
    if (peaks[i] > 0) played.sounds[i] = std::make_unique<SampleSpool>(folder, samples);
  });
  // In the order of the parts: sums of floats depend on it.
  played.mix.resize(2 * stage.frames(song));
  std::vector<float> chunk(1 << 16);
  for (const auto& sound : played.sounds) {
    for (std::size_t at = 0; sound && at < sound->size(); at += chunk.size()) {
      const auto some = std::span(chunk).first(std::min(chunk.size(), sound->size() - at));
      sound->read(at, some);
      for (std::size_t i = 0; i < some.size(); ++i) played.mix[at + i] += some[i];
    }
  }
  float peak = 0;
  for (const float sample : played.mix) peak = std::max(peak, std::abs(sample));
  // A stem can be louder than a mix in which others cancel it.
  for (const float other : peaks) peak = std::max(peak, other);
  played.gain = peak > 0 ? 0.9f / peak : 1;
  return played;
}

}  // namespace

void write_song_folder(const fs::path& folder, Song song, const Stage& stage, const SongFolderOptions& options) {
  auto played = play(folder, song, stage, options);
  const auto write_sound = [&](const std::string& name, std::vector<float> samples) {
    for (float& sample : samples) sample *= played.gain;
    write_audio(folder / (name + options.extension), samples, stage.options().sample_rate, 2);
  };
  const auto write_midi = [&](const std::string& name, const Song& notes) {
    MidiWriteOptions as_is;
    as_is.instruments = nullptr;
    write_file_atomically(folder / (name + ".mid"), serialize_midi(notes_to_midi(song_notes(notes), as_is)));
  };

  std::vector<std::string> names(song.parts.size());
  Song sounding{{}, song.seconds};
  for (std::size_t i = 0; i < song.parts.size(); ++i) {
    if (!played.sounds[i]) continue;
    const int program = song.parts[i].program;
    const std::string name = options.name_of ? options.name_of(program) : std::to_string(program);
    names[i] = fmt::format("{:02}-{}", sounding.parts.size(), name);
    sounding.parts.push_back(song.parts[i]);
  }
  if (sounding.parts.empty()) fail(ErrorCode::kInvalidArgument, "no part of the song makes a sound");
  parallel_for(names.size(), options.threads, [&](std::size_t i) {
    if (names[i].empty()) return;
    if (options.keep_going && !options.keep_going()) fail(ErrorCode::kCancelled, "cancelled");
    std::vector<float> samples(played.sounds[i]->size());
    played.sounds[i]->read(0, samples);
    write_sound(names[i], std::move(samples));
    write_midi(names[i], {{song.parts[i]}, song.seconds});
  });
  write_sound("mix", std::move(played.mix));
  write_midi("mix", sounding);
  write_file_atomically(folder / "mix.json", notes_to_json(song_notes(sounding)));
}

}  // namespace yourmt3
