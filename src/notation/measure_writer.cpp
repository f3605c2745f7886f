#include "notation/measure_writer.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace yourmt3 {
namespace {

int divisions_of_beat(const Metre& metre) {
  return metre.compound ? kQuarterDivisions * 3 / 2 : kQuarterDivisions;
}

/// Beats in which something begins or ends where only a triplet has a place for it.
std::vector<bool> beats_in_thirds(std::span<const MeasureChord> chords, int divisions, const Metre& metre) {
  const int beat = divisions_of_beat(metre);
  std::vector<bool> thirds(static_cast<std::size_t>((divisions + beat - 1) / beat), false);
  for (const MeasureChord& chord : chords) {
    for (const int at : {chord.stretch.begin, chord.stretch.end}) {
      if (at % (kQuarterDivisions / 8) != 0) thirds[static_cast<std::size_t>(at / beat)] = true;
    }
  }
  return thirds;
}

class VoiceWriter {
 public:
  VoiceWriter(const Metre& metre, std::vector<bool> thirds) : metre_(metre), thirds_(std::move(thirds)) {}

  void rest(Stretch stretch) {
    for (const ValuedStretch& piece : cut_into_values(stretch, metre_, thirds_, true)) add(piece, {});
  }

  void chord(const MeasureChord& chord) {
    const auto pieces = cut_into_values(chord.stretch, metre_, thirds_, false);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      std::vector<NoteHead> heads = chord.heads;
      for (NoteHead& head : heads) {
        head.tied_from_before = i > 0 || chord.from_before;
        head.tied_to_next = i + 1 < pieces.size() || chord.to_next;
      }
      add(pieces[i], std::move(heads));
    }
  }

  std::vector<VoiceEvent> finish() {
    bracket_triplets();
    beam();
    return std::move(events_);
  }

 private:
  void add(const ValuedStretch& piece, std::vector<NoteHead> heads) {
    VoiceEvent event;
    event.begin = piece.stretch.begin;
    event.divisions = piece.stretch.end - piece.stretch.begin;
    event.value = piece.value;
    event.heads = std::move(heads);
    events_.push_back(std::move(event));
  }

  int beat_of(const VoiceEvent& event) const { return event.begin / divisions_of_beat(metre_); }

  void bracket_triplets() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (!events_[i].value.triplet) continue;
      const bool first = i == 0 || !events_[i - 1].value.triplet || beat_of(events_[i - 1]) != beat_of(events_[i]);
      const bool last =
          i + 1 == events_.size() || !events_[i + 1].value.triplet || beat_of(events_[i + 1]) != beat_of(events_[i]);
      events_[i].tuplet_start = first;
      events_[i].tuplet_stop = last;
    }
  }

  /// How many beams or flags a note has.
  static int flags(const VoiceEvent& event) { return event.heads.empty() ? 0 : std::max(0, event.value.level - 2); }

  void beam() {
    for (std::size_t begin = 0; begin < events_.size();) {
      std::size_t end = begin;
      while (end < events_.size() && flags(events_[end]) > 0 && beat_of(events_[end]) == beat_of(events_[begin])) ++end;
      if (end - begin > 1) beam_group(begin, end);
      begin = std::max(end, begin + 1);
    }
  }

  void beam_group(std::size_t begin, std::size_t end) {
    for (int level = 1; level <= 3; ++level) {
      for (std::size_t i = begin; i < end; ++i) {
        if (flags(events_[i]) < level) continue;
        const bool before = i > begin && flags(events_[i - 1]) >= level;
        const bool after = i + 1 < end && flags(events_[i + 1]) >= level;
        const BeamState alone = i == begin ? BeamState::kForwardHook : BeamState::kBackwardHook;
        events_[i].beams.push_back(before && after ? BeamState::kContinue
                                   : before        ? BeamState::kEnd
                                   : after         ? BeamState::kBegin
                                                   : alone);
      }
    }
  }

  const Metre& metre_;
  std::vector<bool> thirds_;
  std::vector<VoiceEvent> events_;
};

}  // namespace

std::vector<VoiceEvent> write_measure(std::span<const MeasureChord> chords, int divisions, const Metre& metre) {
  if (chords.empty()) {
    VoiceEvent rest;
    rest.divisions = divisions;
    rest.whole_measure = true;
    return {rest};
  }
  VoiceWriter writer(metre, beats_in_thirds(chords, divisions, metre));
  int at = 0;
  for (const MeasureChord& chord : chords) {
    if (chord.stretch.begin > at) writer.rest({at, chord.stretch.begin});
    writer.chord(chord);
    at = chord.stretch.end;
  }
  if (at < divisions) writer.rest({at, divisions});
  return writer.finish();
}

void show_accidentals(std::vector<VoiceMeasure>& voices, const KeySignature& key) {
  struct Placed {
    int staff, begin;
    NoteHead* head;
  };
  std::vector<Placed> heads;
  for (VoiceMeasure& voice : voices) {
    for (VoiceEvent& event : voice.events) {
      for (NoteHead& head : event.heads) heads.push_back({voice.staff, event.begin, &head});
    }
  }
  std::stable_sort(heads.begin(), heads.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.staff, a.begin, a.head->pitch) < std::tie(b.staff, b.begin, b.head->pitch);
  });
  std::map<std::tuple<int, char, int>, int> valid;  // By staff, step and octave.
  for (const Placed& placed : heads) {
    const Spelling& spelling = placed.head->spelling;
    const auto [now, first] =
        valid.try_emplace({placed.staff, spelling.step, spelling.octave}, signature_alter(spelling.step, key));
    if (placed.head->tied_from_before || now->second == spelling.alter) continue;
    now->second = spelling.alter;
    placed.head->accidental = spelling.alter;
  }
}

}  // namespace yourmt3
