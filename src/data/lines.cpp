#include "data/lines.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "data/random.h"

namespace yourmt3 {
namespace {

/// Of the step to the next onset; the rest is silence, so that the end of a note can be heard.
constexpr double kShortestHold = 0.5, kLongestHold = 0.8;

Part play_line(int program, double seconds, const LineOptions& options, Random& random) {
  Part part;
  part.program = program;
  double time = random.uniform(0.0, options.longest_step_sec);
  while (time < seconds - 0.1) {
    const double step = random.uniform(options.shortest_step_sec, options.longest_step_sec);
    const int pitch =
        part.is_drum() ? random.pick(options.drums) : random.integer(options.pitches.low, options.pitches.high);
    const double length = step * random.uniform(kShortestHold, kLongestHold);
    part.notes.push_back({time, std::min(time + length, seconds), pitch, random.integer(70, 110)});
    time += step;
  }
  tidy_notes(part);
  return part;
}

}  // namespace

void check(const LineOptions& options) {
  if (options.ensembles.empty() || options.drums.empty()) {
    fail(ErrorCode::kInvalidArgument, "lines need at least one of 'ensembles' and of 'drums'");
  }
  for (std::vector<int> ensemble : options.ensembles) {
    std::sort(ensemble.begin(), ensemble.end());
    const bool valid = !ensemble.empty() && ensemble.front() >= 0 && ensemble.back() <= kDrumProgram &&
                       std::adjacent_find(ensemble.begin(), ensemble.end()) == ensemble.end();
    if (!valid) {
      fail(ErrorCode::kInvalidArgument,
           "an ensemble of lines has the programs [{}], expected one or more different ones from 0 to {}",
           fmt::join(ensemble, ", "), kDrumProgram);
    }
  }
  for (const int key : options.drums) {
    if (key < 0 || key > 127) fail(ErrorCode::kInvalidArgument, "the drum {} of lines is no key from 0 to 127", key);
  }
  if (options.pitches.low < 0 || options.pitches.high > 127 || options.pitches.low > options.pitches.high) {
    fail(ErrorCode::kInvalidArgument, "lines of the pitches {} to {}, expected 0 to 127, ascending",
         options.pitches.low, options.pitches.high);
  }
  if (!(options.shortest_step_sec >= 0.02) || !(options.longest_step_sec >= options.shortest_step_sec) ||
      !(options.longest_step_sec <= 60)) {
    fail(ErrorCode::kInvalidArgument, "lines in steps of {} to {} s, expected 0.02 to 60, ascending",
         options.shortest_step_sec, options.longest_step_sec);
  }
}

Song compose_lines(std::uint64_t seed, double seconds, const LineOptions& options) {
  if (!(seconds > 0) || seconds > 3600) {
    fail(ErrorCode::kInvalidArgument, "lines of {} s, expected more than 0 and at most 3600", seconds);
  }
  check(options);
  Random random(seed, 0x11e5);
  Song song;
  song.seconds = seconds;
  for (const int program : random.pick(options.ensembles)) {
    Part part = play_line(program, seconds, options, random);
    if (!part.notes.empty()) song.parts.push_back(std::move(part));
  }
  return song;
}

}  // namespace yourmt3
