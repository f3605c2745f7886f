#include "data/composer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "data/drum_grooves.h"
#include "data/textures.h"

namespace yourmt3 {
namespace {

constexpr std::array<std::string_view, kStyles> kNames = {
    "pop", "rock", "swing", "waltz", "electronic", "chamber", "solo-piano", "solo-guitar", "choir-organ"};

using Programs = std::vector<int>;

/// What a style asks of its players. An empty list leaves the role out.
struct Profile {
  double slowest, fastest;  // beats per minute
  int beats_per_bar;
  double sevenths;
  double drums;  // chance
  Programs lead, counter, chords, arpeggio, pad, bass;
};

const Profile& profile(Style style) {
  static const std::array<Profile, kStyles> profiles = {{
      {78,
       132,
       4,
       0.2,
       0.9,
       {0, 4, 24, 26, 40, 52, 54, 56, 65, 66, 73, 80, 81, 22, 75, 11},
       {48, 61, 73, 11, 40, 42, 60, 68, 71, 89, 53},
       {0, 1, 2, 4, 5, 6, 24, 25, 27, 16, 17},
       {0, 4, 24, 25, 46, 10, 11, 81, 8, 9},
       {48, 50, 49, 51, 88, 89, 90, 91, 95, 52, 16},
       {33, 34, 35, 38, 32}},
      {90,
       168,
       4,
       0.05,
       0.97,
       {29, 30, 27, 80, 81, 84, 18, 66, 22},
       {29, 30, 18, 16, 61, 80},
       {29, 30, 28, 27, 18, 2, 16},
       {27, 25, 26, 80},
       {18, 48, 50, 62, 90},
       {33, 34, 36, 37}},
      {90,
       180,
       4,
       1.0,
       0.85,
       {66, 65, 64, 56, 59, 57, 0, 26, 11, 71, 73, 67},
       {57, 66, 61, 11, 56, 71},
       {0, 26, 16, 4, 1},
       {0, 26, 11, 12},
       {48, 61, 17, 53},
       {32, 32, 32, 33, 35}},
      {84,
       168,
       3,
       0.25,
       0.4,
       {0, 40, 73, 71, 21, 68, 56, 41, 64, 9, 22, 72},
       {42, 41, 71, 60, 70, 58, 40},
       {0, 21, 24, 48, 46, 19, 61, 23},
       {46, 0, 24, 11, 45, 8},
       {48, 49, 52, 19, 92},
       {32, 43, 58, 70, 33, 0}},
      {96,
       150,
       4,
       0.3,
       0.95,
       {80, 81, 82, 83, 84, 85, 86, 87, 63, 5},
       {62, 63, 81, 89, 90, 10},
       {81, 90, 50, 62, 5, 4, 7, 16},
       {80, 81, 38, 10, 5, 88, 84, 13},
       {88, 89, 90, 91, 92, 93, 94, 95, 50, 51},
       {38, 39, 38, 39, 36}},
      {60,
       144,
       4,
       0.1,
       0.12,
       {40, 68, 71, 73, 56, 60, 41, 69, 72, 74, 64, 42, 75, 79},
       {41, 71, 69, 60, 70, 42, 73, 57, 65, 67, 58},
       {48, 45, 44, 61, 46, 0, 6, 19},
       {46, 45, 6, 12, 13, 11, 14, 9},
       {48, 49, 52, 60, 70, 44},
       {42, 43, 70, 58, 32, 47}},
      {60, 150, 4, 0.4, 0.0, {0}, {0}, {0}, {0}, {}, {0}},
      {66, 140, 4, 0.3, 0.0, {24}, {}, {24}, {24}, {}, {24}},
      {60,
       110,
       4,
       0.1,
       0.02,
       {52, 53, 19, 68, 56, 54},
       {52, 53, 16, 60},
       {19, 20, 16, 17, 18},
       {},
       {52, 53, 54, 49, 19, 91},
       {19, 43, 58, 42, 70}},
  }};
  return profiles[static_cast<std::size_t>(style)];
}

/// Turns beats into seconds as a player would: swing, a tempo that breathes, and small errors.
class Clock {
 public:
  Clock(double beats_per_minute, double swing, double breath, Random& random)
      : beat_sec_(60.0 / beats_per_minute),
        swing_(swing),
        breath_(breath),
        period_(random.uniform(12, 40)),
        phase_(random.uniform(0, 6.28)) {}

  double seconds(double beat) const {
    const double whole = std::floor(beat);
    const double part = beat - whole;
    const double swung = part < 0.5 ? part * 2 * swing_ : swing_ + (part - 0.5) * 2 * (1 - swing_);
    const double along = whole + swung;
    return beat_sec_ *
           (along + breath_ * period_ / 6.28 * (std::sin(6.28 * along / period_ + phase_) - std::sin(phase_)));
  }

 private:
  double beat_sec_, swing_, breath_, period_, phase_;
};

class Composer {
 public:
  explicit Composer(const ComposeOptions& options)
      : options_(options),
        random_(options.seed, 0xc0),
        style_(options.style.value_or(static_cast<Style>(random_.integer(0, kStyles - 1)))),
        profile_(profile(style_)),
        tempo_(random_.uniform(profile_.slowest, profile_.fastest)),
        clock_(tempo_,
               style_ == Style::kSwing ? random_.uniform(0.58, 0.68)
               : random_.chance(0.12)  ? 0.6
                                       : 0.5,
               solo() ? random_.uniform(0.0, 0.08) : random_.uniform(0.0, 0.015), random_) {
    const bool three =
        profile_.beats_per_bar == 4 && style_ != Style::kElectronic && random_.chance(solo() ? 0.3 : 0.08);
    frame_.beats_per_bar = three ? 3 : profile_.beats_per_bar;
    frame_.bars = static_cast<int>(options.seconds * tempo_ / 60.0 * 1.1 / frame_.beats_per_bar) + 2;
    frame_.key = draw_key(random_);
    frame_.chords = draw_chords(frame_.key, frame_.bars, frame_.beats_per_bar, profile_.sevenths, random_);
  }

  Composition compose() {
    switch (style_) {
      case Style::kSoloPiano:
        solo_piano();
        break;
      case Style::kSoloGuitar:
        solo_guitar();
        break;
      default:
        band();
    }
    for (auto& part : song_.parts) tidy_notes(part);
    std::erase_if(song_.parts, [](const Part& part) { return part.notes.empty(); });
    song_.seconds = options_.seconds;
    Composition piece{std::move(song_), {}, frame_.beats_per_bar, frame_.key};
    for (int beat = 0; clock_.seconds(beat) < options_.seconds; ++beat) piece.beat_sec.push_back(clock_.seconds(beat));
    return piece;
  }

 private:
  bool solo() const { return style_ == Style::kSoloPiano || style_ == Style::kSoloGuitar; }

  /// Sections of four bars in which a part plays with probability `presence`; never silent throughout.
  Frame own_frame(double presence) {
    Frame frame = frame_;
    frame.loudness.assign(static_cast<std::size_t>(frame.bars), 0.0);
    const int length = random_.pick(std::array{4, 8});
    bool any = false;
    for (int bar = 0; bar < frame.bars; bar += length) {
      const bool last_chance = bar + length >= frame.bars && !any;
      if (!last_chance && !random_.chance(presence)) continue;
      any = true;
      const double level = random_.uniform(0.75, 1.1);
      for (int b = bar; b < std::min(frame.bars, bar + length); ++b)
        frame.loudness[static_cast<std::size_t>(b)] = level;
    }
    return frame;
  }

  /// A program of the list, or an unusual one; not one already taken.
  int choose(const Programs& usual) {
    for (int attempt = 0; attempt < 12; ++attempt) {
      int program = random_.pick(usual);
      if (random_.chance(options_.surprise)) {
        int family = random_.integer(0, 10);
        if (family >= 4) ++family;  // not a bass
        program = random_.pick(family_programs(family));
      }
      if (program >= 96 || program == 47) continue;
      const bool taken = std::any_of(song_.parts.begin(), song_.parts.end(),
                                     [&](const Part& part) { return part.program == program; });
      if (!taken) return program;
    }
    return -1;
  }

  void perform(int program, const std::vector<BeatNote>& written) {
    if (program < 0) return;
    auto found =
        std::find_if(song_.parts.begin(), song_.parts.end(), [&](const Part& part) { return part.program == program; });
    if (found == song_.parts.end()) found = song_.parts.insert(found, Part{program, {}});
    const double wobble = style_ == Style::kElectronic ? 0.002 : random_.uniform(0.003, 0.012);
    for (const auto& note : written) {
      const double onset = std::max(0.0, clock_.seconds(note.beat) + wobble * random_.normal());
      const double offset = onset + std::max(0.04, clock_.seconds(note.beat + note.beats) - clock_.seconds(note.beat));
      if (onset >= options_.seconds - 0.05) continue;
      const int velocity = std::clamp(note.velocity + static_cast<int>(6 * random_.normal()), 20, 127);
      found->notes.push_back({onset, offset, note.pitch, velocity});
    }
  }

  BassKind bass_kind() {
    switch (style_) {
      case Style::kSwing:
        return random_.chance(0.8) ? BassKind::kWalking : BassKind::kRootFifth;
      case Style::kWaltz:
        return random_.chance(0.7) ? BassKind::kRootFifth : BassKind::kSustained;
      case Style::kElectronic:
        return random_.pick(
            std::array{BassKind::kSixteenths, BassKind::kOctaves, BassKind::kEighths, BassKind::kSyncopated});
      case Style::kChamber:
      case Style::kChoirOrgan:
        return random_.pick(
            std::array{BassKind::kSustained, BassKind::kRootFifth, BassKind::kSustained, BassKind::kWalking});
      case Style::kRock:
        return random_.pick(
            std::array{BassKind::kEighths, BassKind::kEighths, BassKind::kRootFifth, BassKind::kSyncopated});
      default:
        return random_.pick(std::array{BassKind::kSyncopated, BassKind::kRootFifth, BassKind::kEighths,
                                       BassKind::kSustained, BassKind::kOctaves});
    }
  }

  double busy() {
    const double fast = (tempo_ - 60) / 120;
    return std::clamp(random_.uniform(0.15, 0.95) - 0.35 * fast, 0.05, 0.9);
  }

  void band() {
    if (random_.chance(0.88)) {
      const int program = choose(profile_.lead);
      if (program >= 0) perform(program, write_melody(own_frame(0.8), instrument_range(program), busy(), random_));
    }
    if (random_.chance(0.88)) {
      // A bass stays a bass, whatever the other instruments are.
      const int program = random_.pick(profile_.bass);
      perform(program, write_bass(own_frame(0.9), instrument_range(program), bass_kind(), random_));
    }
    if (random_.chance(0.75) || song_.parts.empty()) {
      const int program = choose(profile_.chords);
      if (program >= 0) {
        const bool strings = program / 8 == 3;
        const auto kind = style_ == Style::kChoirOrgan     ? ChordKind::kChorale
                          : strings && random_.chance(0.6) ? ChordKind::kStrum
                          : random_.chance(0.2)            ? ChordKind::kArpeggio
                                                           : ChordKind::kBlock;
        chords(program, kind, 0.85);
      }
    }
    if (random_.chance(0.45) && !profile_.arpeggio.empty())
      chords(choose(profile_.arpeggio), ChordKind::kArpeggio, 0.6);
    if (random_.chance(0.45) && !profile_.pad.empty()) chords(choose(profile_.pad), ChordKind::kPad, 0.6);
    if (random_.chance(style_ == Style::kChamber ? 0.85 : 0.45)) {
      const int program = choose(profile_.counter);
      if (program >= 0) perform(program, write_counter_melody(own_frame(0.7), instrument_range(program), random_));
    }
    if (random_.chance(profile_.drums)) drums();
  }

  void chords(int program, ChordKind kind, double presence) {
    if (program < 0) return;
    const auto range = instrument_range(program);
    const int centre = std::clamp(random_.integer(54, 70), range.low + 6, std::max(range.low + 6, range.high - 10));
    perform(program, write_chords(own_frame(presence), range, kind, centre, random_));
  }

  void drums() {
    const auto frame = own_frame(0.9);
    const DrumGroove groove(style_, frame.beats_per_bar, random_);
    std::vector<BeatNote> hits;
    for (int bar = 0; bar < frame.bars; ++bar) {
      const double start = bar * frame.beats_per_bar;
      if (!frame.plays_at(start)) continue;
      const bool fill = bar % 4 == 3 && random_.chance(0.5);
      const bool crash = bar % 4 == 0 && random_.chance(0.5);
      for (const auto& hit : groove.bar(random_, fill, crash)) {
        hits.push_back({start + hit.beat, 0.2, hit.key, frame.level(start, hit.velocity)});
      }
    }
    perform(kDrumProgram, hits);
  }

  void solo_piano() {
    const int program = random_.weighted(std::array{0.6, 0.4}) == 0 ? 0 : random_.integer(1, 7);
    const auto range = instrument_range(program);
    const int middle = std::clamp(60, range.low + 20, range.high - 20);
    perform(program, write_melody(own_frame(0.95), {middle, std::min(range.high, middle + 34)}, busy(), random_));
    if (random_.chance(0.35))
      perform(program, write_counter_melody(own_frame(0.8), {middle - 4, middle + 12}, random_));
    const auto left = random_.weighted(std::array{0.45, 0.35, 0.2});
    const auto frame = own_frame(0.97);
    if (left != 1) {
      perform(program, write_chords(frame, {range.low, middle + 4},
                                    left == 0 ? ChordKind::kArpeggio : ChordKind::kBlock, middle - 10, random_));
    }
    if (left != 0) perform(program, write_bass(frame, {range.low, middle}, bass_kind(), random_));
  }

  void solo_guitar() {
    const int program = random_.chance(0.7) ? random_.integer(24, 25) : random_.integer(26, 30);
    const auto range = instrument_range(program);
    perform(program, write_chords(own_frame(0.97), range,
                                  random_.chance(0.5) ? ChordKind::kArpeggio : ChordKind::kStrum, 55, random_));
    if (random_.chance(0.6)) perform(program, write_melody(own_frame(0.8), {60, range.high}, busy(), random_));
    if (random_.chance(0.5))
      perform(program, write_bass(own_frame(0.9), {range.low, 60}, BassKind::kRootFifth, random_));
  }

  ComposeOptions options_;
  Random random_;
  Style style_;
  const Profile& profile_;
  double tempo_;
  Clock clock_;
  Frame frame_;
  Song song_;
};

}  // namespace

std::string_view to_string(Style style) {
  return kNames[static_cast<std::size_t>(style)];
}

std::optional<Style> style_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Style>(i);
  }
  return std::nullopt;
}

Song compose(const ComposeOptions& options) {
  return compose_counted(options).song;
}

Composition compose_counted(const ComposeOptions& options) {
  if (!(options.seconds > 0) || options.seconds > 3600) {
    fail(ErrorCode::kInvalidArgument, "length of a piece is {} s, expected more than 0 and at most 3600",
         options.seconds);
  }
  return Composer(options).compose();
}

}  // namespace yourmt3
