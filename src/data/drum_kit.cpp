#include "data/drum_kit.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>

#include "core/fail.h"
#include "data/drum_kit_xml.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr double kLongestSampleSec = 6;

std::vector<float> load_sample(const fs::path& path) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
  if (!file || info.channels < 1 || info.samplerate < 1) return {};
  const auto frames =
      std::clamp<sf_count_t>(info.frames, 0, static_cast<sf_count_t>(kLongestSampleSec * info.samplerate));
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> interleaved(static_cast<std::size_t>(frames) * channels);
  const auto read = static_cast<std::size_t>(sf_readf_float(file.get(), interleaved.data(), frames));
  std::vector<float> mono(read);
  for (std::size_t i = 0; i < read; ++i) {
    for (std::size_t c = 0; c < channels; ++c) mono[i] += interleaved[i * channels + c] / static_cast<float>(channels);
  }
  // A label must not be earlier than its sound: what lies more than a moment before the attack is cut.
  float peak = 0;
  for (const float sample : mono) peak = std::max(peak, std::abs(sample));
  const auto attack =
      std::find_if(mono.begin(), mono.end(), [&](float sample) { return std::abs(sample) > 0.03f * peak; });
  const auto keep = std::min<std::ptrdiff_t>(attack - mono.begin(), info.samplerate / 1000);
  mono.erase(mono.begin(), attack - keep);
  return resample_to_render_rate(mono, info.samplerate);
}

}  // namespace

DrumKit::DrumKit(const fs::path& folder) : name_(folder.filename().string()) {
  std::ifstream file(folder / "drumkit.xml", std::ios::binary);
  if (!file) fail(ErrorCode::kNotFound, "{}: no drumkit.xml in it", folder.string());
  const std::string xml((std::istreambuf_iterator<char>(file)), {});
  for (const auto& described : parse_drum_kit(xml)) {
    const int key = drum_key_from_name(described.name);
    if (key < 0) continue;
    Instrument instrument;
    instrument.volume = described.volume;
    for (const auto& layer : described.layers) {
      if (layer.file.empty() || fs::path(layer.file).has_parent_path()) continue;
      auto samples = load_sample(folder / layer.file);
      if (!samples.empty()) instrument.layers.push_back({layer.low, layer.high, layer.gain, std::move(samples)});
    }
    if (!instrument.layers.empty()) by_key_[key].push_back(std::move(instrument));
  }
  if (by_key_.size() < 3) {
    fail(ErrorCode::kMalformed, "{}: only {} kinds of drum are understood, at least 3 are needed",
         (folder / "drumkit.xml").string(), by_key_.size());
  }
}

int DrumKit::key_for(int key) const {
  static const std::map<int, std::vector<int>> relatives = {
      {35, {36}},     {36, {35}},     {38, {40}},     {40, {38}},     {44, {42}},         {59, {51}},
      {57, {49}},     {52, {49}},     {55, {49}},     {53, {51}},     {41, {43, 45, 47}}, {43, {41, 45, 47}},
      {45, {43, 47}}, {47, {45, 48}}, {48, {47, 50}}, {50, {48, 47}}, {61, {60}},         {60, {61}},
      {62, {63}},     {63, {62, 64}}, {64, {63}},     {69, {70}},     {82, {70}},         {51, {53}}};
  if (by_key_.contains(key)) return key;
  const auto found = relatives.find(key);
  if (found == relatives.end()) return -1;
  for (const int other : found->second) {
    if (by_key_.contains(other)) return other;
  }
  return -1;
}

void DrumKit::adapt(Part& part) const {
  for (auto& note : part.notes) note.pitch = key_for(note.pitch);
  std::erase_if(part.notes, [](const PlayedNote& note) { return note.pitch < 0; });
  tidy_notes(part);
}

std::vector<float> DrumKit::render(const Part& part, double seconds, Random& random) const {
  std::vector<float> out(static_cast<std::size_t>(std::lround(seconds * kRenderRate)));
  std::map<int, const Instrument*> chosen;
  for (const auto& [key, instruments] : by_key_) chosen[key] = &random.pick(instruments);
  const double speed = std::exp2(random.normal() * 0.08);
  for (const auto& note : part.notes) {
    const auto found = chosen.find(note.pitch);
    if (found == chosen.end()) continue;
    const auto& instrument = *found->second;
    const float strength = static_cast<float>(note.velocity) / 127.f;
    const auto layer = std::find_if(instrument.layers.begin(), instrument.layers.end(), [&](const Layer& candidate) {
      return candidate.low <= strength && strength <= candidate.high;
    });
    const auto& used = layer == instrument.layers.end() ? instrument.layers.front() : *layer;
    const float gain = 0.5f * instrument.volume * used.gain * strength * strength;
    const auto start = static_cast<std::size_t>(std::lround(std::max(0.0, note.onset_sec) * kRenderRate));
    for (std::size_t i = start; i < out.size(); ++i) {
      const double position = static_cast<double>(i - start) * speed;
      const auto whole = static_cast<std::size_t>(position);
      if (whole + 1 >= used.samples.size()) break;
      const auto part_of = static_cast<float>(position - static_cast<double>(whole));
      out[i] += gain * (used.samples[whole] + part_of * (used.samples[whole + 1] - used.samples[whole]));
    }
  }
  return out;
}

}  // namespace yourmt3
