#include "data/arrange.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "data/instruments.h"

namespace yourmt3 {
namespace {

constexpr int kBassFamily = 4;
constexpr int kFamilies = 12;

double covered(const Part& part, PitchRange range, int shift) {
  const auto inside = std::count_if(part.notes.begin(), part.notes.end(),
                                    [&](const PlayedNote& note) { return range.contains(note.pitch + shift); });
  return static_cast<double>(inside) / static_cast<double>(part.notes.size());
}

void move_into_range(Part& part) {
  const auto range = instrument_range(part.program);
  int best = 0;
  for (const int shift : {12, -12, 24, -24, 36, -36, 48, -48}) {
    if (covered(part, range, shift) > covered(part, range, best) + 0.05) best = shift;
  }
  for (auto& note : part.notes) note.pitch = fold_into(range, note.pitch + best);
  std::erase_if(part.notes, [](const PlayedNote& note) { return note.pitch < 0 || note.pitch > 127; });
}

/// A program of the family in whose range most of the part lies, or any of it.
int draw_program(const Part& part, int family, Random& random) {
  int program = random.pick(family_programs(family));
  for (int attempt = 0; attempt < 4 && covered(part, instrument_range(program), 0) < 0.8; ++attempt) {
    program = random.pick(family_programs(family));
  }
  return program;
}

bool is_bass(int program) {
  return program >= 32 && program < 40;
}

/// Keys of General MIDI that can stand for each other in a rhythm.
using DrumRelatives = std::vector<int>;
const std::array<DrumRelatives, 6> kDrumRelatives = {{
    {35, 36},
    {37, 38, 39, 40},
    {42, 44, 46, 51, 53, 59},
    {49, 52, 55, 57},
    {41, 43, 45, 47, 48, 50},
    {54, 56, 58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 73, 74, 75, 76, 77, 80, 81, 82},
}};

/// Exchanges the drums of a part for relatives, so that what were two stay two.
void redraw_drums(Part& part, Random& random) {
  std::array<int, 128> key_for{};
  std::iota(key_for.begin(), key_for.end(), 0);
  for (const DrumRelatives& keys : kDrumRelatives) {
    DrumRelatives shuffled = keys;
    random.shuffle(shuffled);
    for (std::size_t i = 0; i < keys.size(); ++i) key_for[static_cast<std::size_t>(keys[i])] = shuffled[i];
  }
  for (PlayedNote& note : part.notes) note.pitch = key_for.at(static_cast<std::size_t>(note.pitch));
}

/// Redraws the instruments and plays the parts anew. Of an excerpt (`spread`) every bass is redrawn, and so is what
/// networks do not name, and all parts lie in the range of their instrument.
void perform(Song& song, double tempo, bool spread, const ArrangeOptions& options, Random& random) {
  const int transpose = random.integer(-options.max_transpose, options.max_transpose);
  std::vector<int> families;
  for (int family = 0; family < kFamilies; ++family) {
    if (family != kBassFamily) families.push_back(family);
  }
  random.shuffle(families);
  std::size_t next_family = 0;
  for (auto& part : song.parts) {
    const double softer = random.uniform(1 - options.velocity_change, 1 + 0.6 * options.velocity_change);
    const int softest = options.velocity_change > 0 ? 15 : 1;
    for (auto& note : part.notes) {
      const double moved = options.timing_sec > 0 ? options.timing_sec * random.normal() : 0;
      const double length = (note.offset_sec - note.onset_sec) / tempo;
      note.onset_sec = std::clamp(note.onset_sec / tempo + moved, 0.0, std::max(0.0, song.seconds - 0.01));
      note.offset_sec = note.onset_sec + length;
      const double varied = note.velocity * softer + 20 * options.velocity_change * random.normal();
      note.velocity = std::clamp(static_cast<int>(varied), softest, 127);
      if (!part.is_drum()) note.pitch += transpose;
    }
    if (part.is_drum()) {
      if (options.keep_drums < 1 && !random.chance(options.keep_drums)) redraw_drums(part, random);
    } else {
      const bool redrawn =
          (spread && (is_bass(part.program) || part.program >= 96)) || !random.chance(options.keep_program);
      if (redrawn && is_bass(part.program)) {
        part.program = random.pick(family_programs(kBassFamily));
      } else if (redrawn) {
        part.program = draw_program(part, families[next_family++ % families.size()], random);
      }
      if (spread || redrawn) move_into_range(part);
      std::erase_if(part.notes, [](const PlayedNote& note) { return note.pitch < 0 || note.pitch > 127; });
    }
    tidy_notes(part);
  }
}

double draw_tempo(const ArrangeOptions& options, Random& random) {
  return random.uniform(1 - options.max_tempo_change, 1 + options.max_tempo_change);
}

}  // namespace

Song cut_excerpt(const Song& song, double start_sec, double seconds) {
  Song excerpt;
  excerpt.seconds = seconds;
  for (const auto& part : song.parts) {
    Part cut{part.program, {}};
    for (auto note : part.notes) {
      if (note.onset_sec < start_sec || note.onset_sec >= start_sec + seconds) continue;
      note.onset_sec -= start_sec;
      note.offset_sec -= start_sec;
      cut.notes.push_back(note);
    }
    if (!cut.notes.empty()) excerpt.parts.push_back(std::move(cut));
  }
  return excerpt;
}

Song arrange_excerpt(const Song& song, double seconds, const ArrangeOptions& options, Random& random) {
  const double tempo = draw_tempo(options, random);
  const double room = std::max(0.0, song.seconds - seconds * tempo);
  auto excerpt = cut_excerpt(song, random.uniform(0.0, room), seconds * tempo);
  excerpt.seconds = seconds;
  std::erase_if(excerpt.parts,
                [&](const Part& part) { return static_cast<int>(part.notes.size()) < options.fewest_notes; });
  random.shuffle(excerpt.parts);
  if (static_cast<int>(excerpt.parts.size()) > options.max_parts)
    excerpt.parts.resize(static_cast<std::size_t>(options.max_parts));

  perform(excerpt, tempo, true, options, random);
  return excerpt;
}

ArrangeOptions as_written() {
  ArrangeOptions options;
  options.keep_program = 1;
  options.max_transpose = 0;
  options.max_tempo_change = 0;
  options.velocity_change = 0;
  return options;
}

Song vary_song(const Song& song, const ArrangeOptions& options, Random& random) {
  const double tempo = draw_tempo(options, random);
  Song varied = song;
  varied.seconds = song.seconds / tempo;
  perform(varied, tempo, false, options, random);
  for (const auto& part : varied.parts) {
    for (const auto& note : part.notes) varied.seconds = std::max(varied.seconds, note.offset_sec);
  }
  return varied;
}

}  // namespace yourmt3
