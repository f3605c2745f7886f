#include "data/drum_grooves.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace yourmt3 {
namespace {

// One character a sixteenth: X accent, x hit, o soft and not always, . nothing.
using Pattern = std::string_view;

constexpr Pattern kPopKicks[] = {"X.......X.......", "X.....x.X.......", "X..x....X.x.....",
                                 "X.......X.x...o.", "X.x.....x.x.....", "X..x..x...x....o"};
constexpr Pattern kRockKicks[] = {"X.......X.......", "X.x.....X.x.....", "X...x.x.X...x...",
                                  "X.....x.X.x...x.", "X.X...X.X.X...X.", "XxxxXxxxXxxxXxxx"};
constexpr Pattern kHouseKicks[] = {"X...X...X...X...", "X...X...X...X.x.", "X..x..x.X..x..x.", "X.....X...X.....",
                                   "X.........X.x..."};
constexpr Pattern kSwingKicks[] = {"o...o...o...o...", "X...............", "x.......x.....o.", "................"};
constexpr Pattern kBackbeats[] = {"....X.......X...", "....X.......X..o", "....X..o.o..X...",
                                  "........X.......", "....X.......X.xx", "..o.X..o.o..X..o"};
constexpr Pattern kSwingSnares[] = {"..o...o....o..o.", "....x.......x...", "......o.....o...", "................"};
constexpr Pattern kEighths = "X.x.X.x.X.x.X.x.";
constexpr Pattern kSixteenths = "XoxoXoxoXoxoXoxo";
constexpr Pattern kQuarters = "X...X...X...X...";
constexpr Pattern kOffbeats = "..X...X...X...X.";
constexpr Pattern kRide = "X...x.x.X...x.x.";
constexpr Pattern kPercussion[] = {"X.xxX.xxX.xxX.xx", "..x...x...x...x.", "x..x..x...x.x...",
                                   "X.x.xoxoX.x.xoxo", "....x.......x...", "x.......x......."};
constexpr Pattern kWaltzKicks[] = {"X...........", "X.........o.", "X.....o....."};
constexpr Pattern kWaltzSnares[] = {"....x...x...", "....x...x.o.", "........X...", "............"};
constexpr Pattern kWaltzHats[] = {"X...x...x...", "x.x.x.x.x.x.", "....x...x..."};

constexpr int kPercussionKeys[] = {54, 56, 58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 75, 76, 77, 80, 81, 39};
constexpr int kCrashes[] = {49, 49, 57, 55, 52};

}  // namespace

DrumGroove::DrumGroove(Style style, int beats_per_bar, Random& random) : beats_(beats_per_bar) {
  const auto add = [&](int key, Pattern pattern, int loudness) {
    Layer layer{key, {}, loudness, {}};
    for (int i = 0; i < beats_ * 4; ++i) {
      const char c = pattern[static_cast<std::size_t>(i) % pattern.size()];
      layer.chance.push_back(c == '.' ? 0.0 : c == 'o' ? 0.45 : 0.97);
      layer.accent.push_back(c == 'X');
    }
    layers_.push_back(std::move(layer));
  };
  const int kick = random.chance(0.7) ? 36 : 35;
  const int snare = random.weighted(std::vector<double>{0.65, 0.2, 0.15}) == 0 ? 38 : random.pick(std::vector{40, 37});
  const int time_key =
      random.weighted(std::vector<double>{0.6, 0.4}) == 0 ? 42 : random.pick(std::vector{51, 53, 46, 44, 59});
  const int time_level = random.integer(55, 95);
  const auto any_time = [&] { return random.pick(std::vector<Pattern>{kEighths, kSixteenths, kQuarters, kOffbeats}); };
  if (beats_ == 3) {
    add(kick, random.pick(kWaltzKicks), random.integer(80, 115));
    add(snare, random.pick(kWaltzSnares), random.integer(60, 105));
    add(time_key, random.pick(kWaltzHats), time_level);
  } else if (style == Style::kSwing) {
    add(kick, random.pick(kSwingKicks), random.integer(60, 100));
    add(snare, random.pick(kSwingSnares), random.integer(45, 90));
    add(random.chance(0.75) ? 51 : 42, kRide, random.integer(75, 105));
    add(44, "....X.......X...", random.integer(60, 90));
  } else if (style == Style::kElectronic) {
    add(kick, random.pick(kHouseKicks), random.integer(100, 125));
    add(random.chance(0.5) ? 39 : snare, random.pick(kBackbeats), random.integer(85, 120));
    add(random.chance(0.6) ? 46 : 42, kOffbeats, random.integer(70, 105));
    if (random.chance(0.6)) add(42, any_time(), random.integer(45, 80));
  } else if (style == Style::kRock) {
    add(kick, random.pick(kRockKicks), random.integer(95, 125));
    add(random.chance(0.8) ? 38 : 40, random.pick(kBackbeats), random.integer(95, 125));
    add(time_key, random.chance(0.7) ? kEighths : kQuarters, random.integer(70, 110));
  } else {
    add(kick, random.pick(kPopKicks), random.integer(80, 115));
    add(snare, random.pick(kBackbeats), random.integer(75, 115));
    add(time_key, any_time(), time_level);
  }
  const int extras = static_cast<int>(random.weighted(std::vector<double>{0.5, 0.3, 0.2}));
  for (int i = 0; i < extras; ++i) add(random.pick(kPercussionKeys), random.pick(kPercussion), random.integer(55, 95));
  fill_keys_ = {38};
  for (const int key : {50, 48, 47, 45, 43, 41}) {
    if (random.chance(0.6)) fill_keys_.push_back(key);
  }
  crash_key_ = random.pick(kCrashes);
}

std::vector<DrumHit> DrumGroove::bar(Random& random, bool fill, bool crash) const {
  std::vector<DrumHit> hits;
  const int steps = beats_ * 4;
  const int fill_from = fill ? steps - 4 * random.integer(1, beats_ > 3 ? 2 : 1) : steps;
  for (const auto& layer : layers_) {
    for (int step = 0; step < fill_from; ++step) {
      const auto i = static_cast<std::size_t>(step);
      const double extra = random.chance(0.01) ? 0.5 : 0.0;
      if (layer.chance[i] <= 0 && extra <= 0) continue;
      if (!random.chance(std::max(layer.chance[i], extra))) continue;
      const int softer = layer.accent[i] ? 0 : layer.chance[i] < 0.9 ? 38 : 16;
      hits.push_back({step / 4.0, layer.key, layer.loudness - softer});
    }
  }
  if (crash) hits.push_back({0.0, crash_key_, random.integer(85, 120)});
  if (fill_from < steps) {
    const int pace = random.chance(0.7) ? 1 : 2;
    for (int step = fill_from; step < steps; step += pace) {
      if (random.chance(0.12)) continue;
      const double along = static_cast<double>(step - fill_from) / (steps - fill_from);
      const auto at =
          std::min(fill_keys_.size() - 1, static_cast<std::size_t>(along * static_cast<double>(fill_keys_.size())));
      hits.push_back({step / 4.0, fill_keys_[at], random.integer(75, 118)});
      if (step % 4 == 0 && random.chance(0.5)) hits.push_back({step / 4.0, 36, random.integer(75, 105)});
    }
  }
  return hits;
}

}  // namespace yourmt3
