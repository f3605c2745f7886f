#include "prepare/recording.h"

#include <utility>

#include "audio/audio_reader.h"

namespace yourmt3 {

std::vector<float> read_recording(const std::filesystem::path& path, std::vector<std::string>& remarks) {
  AudioReader::Options options;
  options.log = [&remarks](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) remarks.emplace_back(text);
  };
  return load_audio(path, options);
}

void add_recording(PreparedItem& item, std::string name, const std::filesystem::path& path) {
  item.sounds.push_back({std::move(name), read_recording(path, item.remarks)});
}

}  // namespace yourmt3
