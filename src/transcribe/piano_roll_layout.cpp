#include "transcribe/piano_roll_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/fail.h"
#include "score/drum_groups.h"
#include "score/program_groups.h"

namespace yourmt3 {
namespace {

using Color = PianoRollLayout::Color;

constexpr double kMargin = 24, kLegendTop = 56, kLegendRowHeight = 22;
constexpr double kAxisHeight = 24;  // Below every line: the times.
constexpr double kLineGap = 22;     // From the times to the next line.
constexpr double kDrumGap = 8;      // Between pitches and drums.
constexpr double kPitchLabels = 34, kDrumLabels = 96;
constexpr double kLegendEntry = 194;
constexpr double kOneLineSec = 40, kLineSec = 30;
constexpr int kMaxLines = 12;
constexpr double kMaxDurationSec = 1e7;  // Beyond lies a broken file, not music.
constexpr double kMinNoteWidth = 2, kDrumWidth = 4;

constexpr Color rgb(int hex) {
  return {(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0};
}

constexpr Color kDrumColor = rgb(0x3A3A3A), kOtherColor = rgb(0xAAAAAA);

/// The colour of a family of instruments, so that it is the same in every picture. Twelve hues chosen to stay apart for
/// colour-blind eyes; those that often play together are the furthest apart.
/// Source: after the "muted" and "vibrant" schemes of P. Tol, "Colour schemes", SRON technical note 2021.
Color family_color(int program) {
  constexpr std::array<int, 12> kFamilies{
      0x332288,  // piano: indigo
      0xDDCC77,  // chromatic percussion: sand
      0x661100,  // organ: brown
      0xCC6677,  // guitar: rose
      0x117733,  // bass: green
      0x56B4E9,  // strings: sky
      0x999933,  // brass: olive
      0x882255,  // reed: wine
      0x44AA99,  // pipe: teal
      0xAA4499,  // synth lead: purple
      0x6E7FA8,  // synth pad: slate
      0xEE7733,  // singing: orange
  };
  if (program == kChorusProgram) program = kSingingProgram;
  const int family = channel_of_13(program);
  if (program == kDrumProgram) return kDrumColor;
  if (family < 0 || family >= static_cast<int>(kFamilies.size())) return kOtherColor;
  return rgb(kFamilies[static_cast<std::size_t>(family)]);
}

/// The n-th shade of a colour, for several instruments of one family.
Color shade(Color c, int n) {
  constexpr std::array<double, 5> kTowardsWhite{0, 0.4, -0.35, 0.65, 0.2};  // Negative: towards black.
  const double amount = kTowardsWhite[static_cast<std::size_t>(n) % kTowardsWhite.size()];
  const auto mix = [amount](double v) { return amount >= 0 ? v + (1 - v) * amount : v * (1 + amount); };
  return {mix(c.red), mix(c.green), mix(c.blue)};
}

bool is_drawable(const Note& note) {
  return std::isfinite(note.onset_sec) && note.onset_sec >= 0 && note.onset_sec < kMaxDurationSec && note.pitch >= 0 &&
         note.pitch < 128;
}

double end_of(const Note& note) {
  const bool usable = std::isfinite(note.offset_sec) && note.offset_sec > note.onset_sec;
  return usable ? std::min(note.offset_sec, kMaxDurationSec) : note.onset_sec;
}

int program_of(const Note& note) {
  return note.is_drum ? kDrumProgram : note.program;
}

std::vector<PianoRollLayout::Instrument> find_instruments(std::span<const Note> notes,
                                                          const ProgramVocabulary& vocabulary) {
  // By place in the vocabulary, those outside behind it, drums last.
  std::map<std::pair<int, int>, PianoRollLayout::Instrument> found;
  for (const Note& note : notes) {
    if (!is_drawable(note)) continue;
    const int program = program_of(note);
    const int index = note.is_drum ? -1 : vocabulary.class_of(program);
    const int classes = static_cast<int>(vocabulary.classes().size());
    const std::pair<int, int> place{note.is_drum ? classes + 1 : index < 0 ? classes : index, index < 0 ? program : 0};
    PianoRollLayout::Instrument& instrument = found[place];
    if (instrument.n_notes++ == 0) instrument.name = vocabulary.instrument_name(program);
    if (std::ranges::find(instrument.programs, program) == instrument.programs.end()) {
      instrument.programs.push_back(program);
    }
  }
  std::vector<PianoRollLayout::Instrument> instruments;
  std::map<int, int> n_of_family;
  for (auto& [place, instrument] : found) {
    const int program = instrument.programs.front();
    instrument.color = shade(family_color(program), n_of_family[channel_of_13(program)]++);
    instruments.push_back(std::move(instrument));
  }
  return instruments;
}

std::vector<PianoRollLayout::Drum> find_drums(std::span<const Note> notes) {
  const DrumVocabulary& vocabulary = drum_vocabulary("gm");
  std::map<int, PianoRollLayout::Drum> found;
  for (const Note& note : notes) {
    if (!note.is_drum || !is_drawable(note)) continue;
    const int index = vocabulary.class_of(note.pitch);
    PianoRollLayout::Drum& drum = found[index];
    drum.name = index < 0 ? "Other" : vocabulary.classes()[static_cast<std::size_t>(index)].name;
    if (std::ranges::find(drum.keys, note.pitch) == drum.keys.end()) drum.keys.push_back(note.pitch);
  }
  // The kick drum comes first in the table and belongs at the bottom.
  std::vector<PianoRollLayout::Drum> drums;
  for (auto& [index, drum] : found) drums.insert(drums.begin(), std::move(drum));
  return drums;
}

void choose_lines(PianoRollLayout& layout) {
  if (layout.duration_sec <= kOneLineSec) {
    layout.line_sec = layout.duration_sec;
    return;
  }
  layout.line_sec = kLineSec;
  if (layout.duration_sec <= 4 * kLineSec) {
    // Few lines look best when they are equally long.
    const double lines = std::ceil(layout.duration_sec / kLineSec);
    layout.line_sec = std::ceil(layout.duration_sec / lines / 2) * 2;
  } else if (layout.duration_sec > kMaxLines * kLineSec) {
    const double shortest = layout.duration_sec / kMaxLines;
    const double unit = shortest <= 120 ? 10 : shortest <= 1200 ? 60 : 600;
    layout.line_sec = std::ceil(shortest / unit) * unit;
  }
  layout.n_lines = static_cast<int>(std::ceil(layout.duration_sec / layout.line_sec));
}

void choose_pitches(PianoRollLayout& layout, std::span<const Note> notes) {
  int low = 128, high = -1;
  for (const Note& note : notes) {
    if (note.is_drum || !is_drawable(note)) continue;
    low = std::min(low, note.pitch);
    high = std::max(high, note.pitch);
  }
  if (high < 0) {
    low = 48;
    high = 72;
  }
  layout.lowest_pitch = std::max(0, low - 2);
  layout.highest_pitch = std::min(127, high + 2);
  while (layout.highest_pitch - layout.lowest_pitch < 24) {
    layout.lowest_pitch = std::max(0, layout.lowest_pitch - 1);
    layout.highest_pitch = std::min(127, layout.highest_pitch + 1);
  }
  const int n_pitches = layout.highest_pitch - layout.lowest_pitch + 1;
  layout.semitone_height = layout.n_lines == 1 ? std::clamp(560 / n_pitches, 6, 12) : std::clamp(300 / n_pitches, 4, 7);
  layout.lane_height = layout.n_lines == 1 ? 14 : 10;
}

}  // namespace

double PianoRollLayout::drums_top(int line) const {
  return line_top(line) + pitches_height() + kDrumGap;
}

int PianoRollLayout::instrument_of(const Note& note) const {
  if (!is_drawable(note)) return -1;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    if (std::ranges::find(instruments[i].programs, program_of(note)) != instruments[i].programs.end()) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::vector<PianoRollLayout::Rectangle> PianoRollLayout::rectangles(const Note& note) const {
  if (!is_drawable(note)) return {};
  const double scale = pixels_per_sec();
  // A note that begins where the last line ends is drawn at its right end.
  const int first = std::min(static_cast<int>(note.onset_sec / line_sec), n_lines - 1);
  std::vector<Rectangle> pieces;
  if (note.is_drum) {
    const auto lane = std::ranges::find_if(
        drums, [&](const Drum& drum) { return std::ranges::find(drum.keys, note.pitch) != drum.keys.end(); });
    const double y = drums_top(first) + static_cast<double>(lane - drums.begin()) * lane_height;
    const double x = std::min(left + (note.onset_sec - first * line_sec) * scale, right - kDrumWidth);
    pieces.push_back({x, y + 1, kDrumWidth, lane_height - 2});
    return pieces;
  }
  const double end_sec = end_of(note);
  for (int line = first; line < n_lines; ++line) {
    const double line_start = line * line_sec;
    if (line > first && end_sec <= line_start) break;
    const double from = left + std::max(0.0, note.onset_sec - line_start) * scale;
    const double to = std::min(right, left + (end_sec - line_start) * scale);
    // A pixel of air keeps repeated notes apart.
    const double wide = std::max(kMinNoteWidth, to - from - 1);
    const double y = line_top(line) + (highest_pitch - note.pitch) * semitone_height;
    pieces.push_back({std::min(from, right - wide), y, wide, semitone_height - 1});
  }
  return pieces;
}

PianoRollLayout lay_out_piano_roll(std::span<const Note> notes, const PianoRollOptions& options) {
  if (options.width < 400 || options.width > 8000) {
    fail(ErrorCode::kInvalidArgument, "piano roll: width of {} pixels, expected 400 to 8000", options.width);
  }
  PianoRollLayout layout;
  layout.instruments = find_instruments(notes, program_vocabulary(options.vocabulary));
  layout.drums = find_drums(notes);

  const double recording_sec = std::isfinite(options.duration_sec) ? options.duration_sec : 0;
  layout.duration_sec = std::clamp(recording_sec, 1.0, kMaxDurationSec);
  for (const Note& note : notes) {
    if (is_drawable(note)) layout.duration_sec = std::max(layout.duration_sec, end_of(note));
  }
  choose_lines(layout);
  choose_pitches(layout, notes);

  layout.width = options.width;
  layout.left = kMargin + (layout.drums.empty() ? kPitchLabels : kDrumLabels);
  layout.right = options.width - kMargin;
  const int per_row = static_cast<int>((options.width - 2 * kMargin) / kLegendEntry);
  int legend_rows = 0;
  for (int i = 0; i < static_cast<int>(layout.instruments.size()); ++i) {
    legend_rows = i / per_row + 1;
    layout.instruments[static_cast<std::size_t>(i)].key = {kMargin + kLegendEntry * (i % per_row),
                                                           kLegendTop + kLegendRowHeight * (i / per_row), 14, 12};
  }
  layout.first_line_top = kLegendTop + 8 + legend_rows * kLegendRowHeight + 12;
  const double drums = layout.drums.empty() ? 0 : kDrumGap + layout.drums_height();
  layout.line_distance = layout.pitches_height() + drums + kAxisHeight + kLineGap;
  layout.height = static_cast<int>(std::ceil(layout.line_top(layout.n_lines) - kLineGap + kMargin / 2));
  return layout;
}

double time_label_step(double pixels_per_sec, double min_pixels) {
  constexpr std::array<double, 17> kSteps{0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200};
  for (const double step : kSteps) {
    if (step * pixels_per_sec >= min_pixels) return step;
  }
  return std::ceil(min_pixels / pixels_per_sec / 3600) * 3600;
}

std::string time_label(double seconds, double step_sec) {
  const long long tenths = std::llround(seconds * 10);
  const long long whole = tenths / 10;
  std::string text = whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                                   : fmt::format("{}:{:02}", whole / 60, whole % 60);
  if (step_sec < 1) text += fmt::format(".{}", tenths % 10);
  return text;
}

}  // namespace yourmt3
