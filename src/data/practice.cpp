#include <algorithm>
#include <array>
#include <cmath>

#include "data/composer.h"
#include "data/instruments.h"
#include "data/random.h"

namespace yourmt3 {
namespace {

enum class Exercise { kScale, kRandomNotes, kLeaps, kRandomChords, kRepeats, kDenseChords };

void practise(Part& part, double seconds, Random& random) {
  const auto range = instrument_range(part.program);
  const auto exercise = static_cast<Exercise>(random.weighted(std::array{0.2, 0.25, 0.1, 0.25, 0.08, 0.12}));
  const double pace = std::exp(random.uniform(std::log(0.11), std::log(0.9)));  // seconds from note to note
  const double legato = random.uniform(0.4, 1.3);
  const int level = random.integer(55, 115);
  const double steady = random.chance(0.5) ? 0.02 : 0.35;
  int pitch = random.integer(range.low, range.high);
  int direction = random.chance(0.5) ? 1 : -1;
  double time = random.uniform(0.0, 0.6);
  while (time < seconds - 0.1) {
    int count = 1;
    switch (exercise) {
      case Exercise::kScale:
        pitch += direction * random.integer(1, 2);
        if (random.chance(0.08)) direction = -direction;
        break;
      case Exercise::kLeaps:
        pitch += random.integer(-12, 12);
        break;
      case Exercise::kRepeats:
        if (random.chance(0.25)) pitch = random.integer(range.low, range.high);
        break;
      case Exercise::kRandomNotes:
        pitch = random.integer(range.low, range.high);
        break;
      case Exercise::kRandomChords:
        pitch = random.integer(range.low, range.high);
        count = random.integer(2, 4);
        break;
      case Exercise::kDenseChords:
        pitch = random.integer(range.low, range.high);
        count = random.integer(3, 6);
        break;
    }
    if (!range.contains(pitch)) {
      direction = pitch > range.high ? -1 : 1;
      pitch = std::clamp(pitch, range.low, range.high) + direction * random.integer(0, 5);
      pitch = std::clamp(pitch, range.low, range.high);
    }
    const double step = pace * std::exp(steady * random.normal());
    int voice = pitch;
    for (int i = 0; i < count; ++i) {
      const double onset = time + (i > 0 ? std::abs(0.008 * random.normal()) : 0.0);
      const double length = std::max(0.05, step * legato * random.uniform(0.8, 1.2));
      const int velocity = std::clamp(level + static_cast<int>(10 * random.normal()), 25, 127);
      if (range.contains(voice)) part.notes.push_back({onset, onset + length, voice, velocity});
      voice += exercise == Exercise::kDenseChords ? random.integer(1, 5) : random.integer(3, 9);
    }
    time += step;
    if (random.chance(0.03)) time += random.uniform(0.3, 1.2);
  }
}

void practise_drums(Part& part, double seconds, Random& random) {
  constexpr std::array kCommon = {35, 36, 38, 40, 42, 44, 46, 49, 51, 41, 43, 45, 47, 48, 50, 37, 39};
  std::vector<int> kit;
  const int size = random.integer(3, 8);
  for (int i = 0; i < size; ++i) kit.push_back(random.chance(0.75) ? random.pick(kCommon) : random.integer(35, 81));
  const double pace = std::exp(random.uniform(std::log(0.1), std::log(0.5)));
  for (double time = random.uniform(0.0, 0.5); time < seconds - 0.1; time += pace * std::exp(0.1 * random.normal())) {
    const int at_once = static_cast<int>(random.weighted(std::array{0.15, 0.6, 0.2, 0.05}));
    for (int i = 0; i < at_once; ++i) {
      part.notes.push_back({time, time + 0.1, random.pick(kit), random.integer(45, 127)});
    }
  }
}

}  // namespace

Song compose_practice(std::uint64_t seed, double seconds, int max_parts) {
  if (!(seconds > 0) || seconds > 3600 || max_parts < 1) {
    fail(ErrorCode::kInvalidArgument,
         "practice of {} s for {} parts, expected a length of at most 3600 s and at least one part", seconds,
         max_parts);
  }
  Random random(seed, 0xec);
  Song song;
  song.seconds = seconds;
  std::array<int, 13> families = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  random.shuffle(families);
  const int parts = random.integer(1, std::min(max_parts, 13));
  for (int i = 0; i < parts; ++i) {
    const int family = families[static_cast<std::size_t>(i)];
    Part part;
    part.program = family == 12 ? kDrumProgram : random.pick(family_programs(family));
    if (family == 12) {
      practise_drums(part, seconds, random);
    } else {
      practise(part, seconds, random);
    }
    tidy_notes(part);
    song.parts.push_back(std::move(part));
  }
  return song;
}

}  // namespace yourmt3
