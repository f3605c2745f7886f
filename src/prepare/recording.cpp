#include "prepare/recording.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "audio/audio_reader.h"
#include "data/synthesizer.h"

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

void remark_on_length(PreparedItem& item, const std::filesystem::path& path, std::size_t n_samples, double told_sec) {
  constexpr double kToleranceSec = 1;
  const double length_sec = static_cast<double>(n_samples) / kRenderRate;
  if (std::abs(length_sec - told_sec) <= kToleranceSec) return;
  item.remarks.push_back(fmt::format("{}: lasts {:.2f} s, expected {:.2f} s", path.string(), length_sec, told_sec));
}

}  // namespace yourmt3
