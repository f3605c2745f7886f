#include "data/stage.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numbers>

#include "core/fail.h"
#include "core/parallel.h"
#include "data/random.h"
#include "data/synthesizer.h"
#include "data/tones.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr double kLongestSec = 86400;

/// Where a part stands, -1 left to 1 right: from the middle outwards, a part to each side in turn; bass and drums stay
/// in the middle.
double pan_of(const Song& song, std::size_t part) {
  constexpr std::array kPans = {0.15, -0.3, 0.4, -0.5, 0.6, -0.15, 0.3, -0.6};
  const auto in_the_middle = [](const Part& other) { return other.is_drum() || other.program / 8 == 4; };
  if (in_the_middle(song.parts[part])) return 0;
  std::size_t before = 0;
  for (std::size_t i = 0; i < part; ++i) before += in_the_middle(song.parts[i]) ? 0 : 1;
  return kPans[before % kPans.size()];
}

/// The program that is played for `program`: sung parts by a choir, and what the font lacks by the first of its family.
/// -1 when it has none.
int stand_in(const Synthesizer& synth, int program) {
  if (program == kSingingProgram && synth.plays(53)) return 53;
  if (program == kChorusProgram && synth.plays(52)) return 52;
  if (synth.plays(program)) return program;
  if (program == kDrumProgram) return -1;
  for (int other = program / 8 * 8; other < program / 8 * 8 + 8; ++other) {
    if (synth.plays(other)) return other;
  }
  return -1;
}

}  // namespace

/// The sounds opened once more for each thread that plays; null stands for tones.
struct Stage::Band {
  std::vector<std::unique_ptr<Synthesizer>> synths;
};

struct Stage::Idle {
  std::mutex mutex;
  std::vector<std::unique_ptr<Band>> bands;
};

std::optional<fs::path> installed_listening_font() {
  for (const char* path :
       {"/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/soundfonts/FluidR3_GM.sf2",
        "/usr/share/sounds/sf3/MuseScore_General.sf3", "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
        "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf3/default-GM.sf3",
        "/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/soundfonts/default.sf2"}) {
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

Stage::Stage(const StageOptions& options) : options_(options), idle_(std::make_unique<Idle>()) {
  if (options_.sounds.empty()) fail(ErrorCode::kInvalidArgument, "no sound font to play with");
  if (!(options_.max_detune_cents >= 0) || options_.max_detune_cents > 100) {
    fail(ErrorCode::kInvalidArgument, "cannot detune by {} cents, expected 0 to 100", options_.max_detune_cents);
  }
  if (options_.sample_rate < 8000 || options_.sample_rate > 96000) {
    fail(ErrorCode::kInvalidArgument, "cannot play at {} Hz, expected 8000 to 96000", options_.sample_rate);
  }
  give_back(take_band());
}

Stage::~Stage() = default;
Stage::Stage(Stage&&) noexcept = default;
Stage& Stage::operator=(Stage&&) noexcept = default;

std::unique_ptr<Stage::Band> Stage::take_band() const {
  {
    const std::lock_guard lock(idle_->mutex);
    if (!idle_->bands.empty()) {
      auto band = std::move(idle_->bands.back());
      idle_->bands.pop_back();
      return band;
    }
  }
  auto band = std::make_unique<Band>();
  for (const auto& sound : options_.sounds) {
    band->synths.push_back(sound == kTones ? nullptr : std::make_unique<Synthesizer>(sound, options_.sample_rate));
  }
  return band;
}

void Stage::give_back(std::unique_ptr<Band> band) const {
  const std::lock_guard lock(idle_->mutex);
  idle_->bands.push_back(std::move(band));
}

std::size_t Stage::frames(const Song& song) const {
  if (!(song.seconds <= kLongestSec)) {
    fail(ErrorCode::kInvalidArgument, "music of {} s is too long to be played, expected at most {} s", song.seconds,
         kLongestSec);
  }
  return static_cast<std::size_t>(std::lround((song.seconds + options_.tail_sec) * options_.sample_rate));
}

std::vector<float> Stage::play(Song& song, std::size_t part, std::uint64_t song_number) const {
  if (options_.keep_going && !options_.keep_going()) fail(ErrorCode::kCancelled, "cancelled");
  Part& played = song.parts[part];
  Random random(options_.seed, (song_number << 16) + part);
  const double tuning_cents = random.uniform(-1, 1) * options_.max_detune_cents;
  const double pan = pan_of(song, part);
  auto band = take_band();
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < band->synths.size(); ++i) {
    if (!band->synths[i] || stand_in(*band->synths[i], played.program) >= 0) able.push_back(i);
  }
  if (able.empty()) {
    played.notes.clear();
    give_back(std::move(band));
    return {};
  }
  std::vector<float> samples;
  if (Synthesizer* synth = band->synths[random.pick(able)].get(); synth != nullptr) {
    Timbre timbre;
    timbre.reverb = 0.25;
    timbre.room_size = 0.4;
    timbre.pan = pan;
    timbre.tuning_cents = tuning_cents;
    // A copy: other threads look at the programs of the song.
    Part heard = played;
    heard.program = stand_in(*synth, played.program);
    if (heard.is_drum()) {
      timbre.kit = synth->kits().front();
    } else {
      timbre.bank = synth->banks(heard.program).front();
    }
    synth->drop_silent(heard, timbre);
    if (!heard.notes.empty())
      samples = synth->render_stereo(heard, song.seconds + options_.tail_sec, timbre, options_.keep_going);
    played.notes = std::move(heard.notes);
  } else {
    const ToneOptions tone{options_.sample_rate, options_.tail_sec, 0, tuning_cents};
    const auto mono = render_tones(played, song.seconds, tone);
    const double angle = (pan + 1) * std::numbers::pi / 4;
    const auto left = static_cast<float>(std::cos(angle)), right = static_cast<float>(std::sin(angle));
    samples.resize(2 * mono.size());
    for (std::size_t i = 0; i < mono.size(); ++i) {
      samples[2 * i] = left * mono[i];
      samples[2 * i + 1] = right * mono[i];
    }
  }
  give_back(std::move(band));
  return samples;
}

StereoSound render_mix(Song song, const Stage& stage, int threads) {
  StereoSound mix{stage.options().sample_rate, std::vector<float>(2 * stage.frames(song))};
  // As many parts at a time as there are threads, added in their order: sums of floats depend on it.
  const auto at_once = static_cast<std::size_t>(std::max(1, threads));
  for (std::size_t first = 0; first < song.parts.size(); first += at_once) {
    std::vector<std::vector<float>> parts(std::min(at_once, song.parts.size() - first));
    parallel_for(parts.size(), threads, [&](std::size_t i) { parts[i] = stage.play(song, first + i); });
    for (const auto& part : parts) {
      for (std::size_t i = 0; i < part.size(); ++i) mix.samples[i] += part[i];
    }
  }
  float peak = 0;
  for (const float sample : mix.samples) peak = std::max(peak, std::abs(sample));
  if (peak > 0) {
    for (float& sample : mix.samples) sample *= 0.9f / peak;
  }
  return mix;
}

}  // namespace yourmt3
