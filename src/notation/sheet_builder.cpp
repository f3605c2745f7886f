#include "notation/sheet_builder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "core/fail.h"
#include "notation/drum_notation.h"
#include "notation/measure_writer.h"
#include "notation/quantizer.h"
#include "notation/staves.h"
#include "notation/voices.h"
#include "score/program_groups.h"

namespace yourmt3 {
namespace {

constexpr std::size_t kMaxMeasures = 500000;
constexpr int kLowestNamedPitch = 13;

/// A part on its grid, before it is cut into measures.
struct PartDraft {
  int program = 0;
  QuantizedPart quantized;
};

std::vector<PartDraft> draft_parts(std::span<const Note> notes, const BeatGrid& grid) {
  std::map<int, std::vector<Note>> by_program;
  for (const Note& note : notes) {
    const int program = note.is_drum ? kDrumProgram : note.program;
    by_program[program].push_back(note);
    int& pitch = by_program[program].back().pitch;
    while (!note.is_drum && pitch < kLowestNamedPitch) pitch += 12;
  }
  std::vector<PartDraft> drafts;
  for (const auto& [program, own] : by_program) {
    if (program != kDrumProgram) drafts.push_back({program, quantize(own, grid)});
  }
  const auto drums = by_program.find(kDrumProgram);
  if (drums != by_program.end()) drafts.push_back({kDrumProgram, quantize(drums->second, grid)});
  return drafts;
}

void refuse_too_long(std::span<const Note> notes, const BeatGrid& grid) {
  std::set<int> programs;
  for (const Note& note : notes) programs.insert(note.is_drum ? kDrumProgram : note.program);
  if (grid.downbeats.size() * programs.size() <= kMaxMeasures) return;
  fail(ErrorCode::kUnsupported, "a score of {} parts with {} bars each is too long, expected at most {} measures",
       programs.size(), grid.downbeats.size(), kMaxMeasures);
}

/// Bars as ranges of beats; the first one begins with the beat of the first note.
struct BarRange {
  int first_beat, end_beat;
};

std::vector<BarRange> bars_of(const BeatGrid& grid, int first_beat, int end_beat) {
  std::vector<int> starts = {first_beat};
  for (const int downbeat : grid.downbeats) {
    if (downbeat > first_beat && downbeat < end_beat) starts.push_back(downbeat);
  }
  std::vector<BarRange> bars;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) bars.push_back({starts[i], starts[i + 1]});
  const auto next = std::upper_bound(grid.downbeats.begin(), grid.downbeats.end(), starts.back());
  const int usual_end = starts.back() + grid.metre.beats_per_bar;
  bars.push_back({starts.back(), next != grid.downbeats.end() ? *next : usual_end});
  return bars;
}

// A mark at the beginning, and where the tempo has left the last one by more than a tenth for two bars.
void mark_tempi(std::vector<SheetMeasure>& measures, const std::vector<BarRange>& bars, const BeatGrid& grid) {
  const auto tempo = [&](std::size_t i) {
    const double seconds = grid.sec_at(bars[i].end_beat) - grid.sec_at(bars[i].first_beat);
    return 60 * (bars[i].end_beat - bars[i].first_beat) / seconds;
  };
  double marked = 60 / (grid.sec_at(bars.front().first_beat + 1) - grid.sec_at(bars.front().first_beat));
  if (bars.size() > 1) {
    std::vector<double> beginning;
    for (std::size_t i = 0; i < std::min<std::size_t>(bars.size(), 5); ++i) beginning.push_back(tempo(i));
    std::sort(beginning.begin(), beginning.end());
    marked = beginning[beginning.size() / 2];
  }
  measures.front().tempo_mark = std::round(marked);
  const auto differs = [&](std::size_t i) { return std::abs(tempo(i) / marked - 1) > 0.1; };
  for (std::size_t i = 1; i + 1 < bars.size(); ++i) {
    if (!differs(i) || !differs(i + 1)) continue;
    marked = (tempo(i) + tempo(i + 1)) / 2;
    measures[i].tempo_mark = std::round(marked);
  }
}

/// The measure's share of each voice.
class PartWriter {
 public:
  PartWriter(const PartDraft& draft, const std::vector<BarRange>& bars, const BeatGrid& grid, const KeySignature& key)
      : draft_(draft),
        bars_(bars),
        metre_(grid.metre),
        key_(key),
        beat_divisions_(grid.metre.compound ? kQuarterDivisions * 3 / 2 : kQuarterDivisions) {}

  PartSheet write(const std::string& name) const {
    PartSheet part;
    part.name = name;
    part.program = draft_.program;
    part.measures.resize(bars_.size());
    const bool drums = draft_.program == kDrumProgram;
    const std::vector<QuantizedNote>& notes = draft_.quantized.notes;
    part.staves = clefs_for(draft_.program, notes);
    std::vector<bool> lower(notes.size(), false);
    if (part.staves.size() == 2) lower = left_hand(notes);
    for (int staff = 1; staff <= static_cast<int>(part.staves.size()); ++staff) {
      std::vector<QuantizedNote> own;
      for (std::size_t i = 0; i < notes.size(); ++i) {
        if (lower[i] == (staff == 2)) own.push_back(notes[i]);
      }
      const StaffVoices voices =
          drums ? drum_voices(own, beat_divisions_) : separate_voices(own, draft_.quantized.step, beat_divisions_);
      for (std::size_t v = 0; v < voices.size(); ++v) {
        write_voice(voices[v], staff, 4 * (staff - 1) + static_cast<int>(v) + 1, part);
      }
    }
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      if (!drums) show_accidentals(part.measures[i], key_);
    }
    return part;
  }

 private:
  void write_voice(const std::vector<VoiceChord>& chords, int staff, int voice, PartSheet& part) const {
    const bool first_of_staff = voice % 4 == 1;
    std::size_t next = 0;
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      const int begin = bars_[i].first_beat * beat_divisions_;
      const int end = bars_[i].end_beat * beat_divisions_;
      std::vector<MeasureChord> inside;
      while (next < chords.size() && chords[next].end <= begin) ++next;
      for (std::size_t k = next; k < chords.size() && chords[k].begin < end; ++k) {
        MeasureChord chord{{std::max(chords[k].begin, begin) - begin, std::min(chords[k].end, end) - begin},
                           {},
                           chords[k].begin<begin, chords[k].end> end};
        for (const int pitch : chords[k].pitches) chord.heads.push_back(head(pitch));
        inside.push_back(std::move(chord));
      }
      if (inside.empty() && !first_of_staff) continue;
      part.measures[i].push_back({staff, voice, write_measure(inside, end - begin, metre_)});
    }
  }

  NoteHead head(int pitch) const {
    NoteHead made;
    made.pitch = pitch;
    made.spelling = draft_.program == kDrumProgram ? drum_symbol(pitch).place : spell_pitch(pitch, key_);
    return made;
  }

  const PartDraft& draft_;
  const std::vector<BarRange>& bars_;
  const Metre metre_;
  const KeySignature& key_;
  int beat_divisions_;
};

/// Names of the instruments; those that occur twice are counted.
std::vector<std::string> part_names(const std::vector<PartDraft>& drafts) {
  const ProgramVocabulary& instruments = program_vocabulary("gm_ext_plus");
  std::map<std::string, int> total, used;
  for (const PartDraft& draft : drafts) ++total[instruments.instrument_name(draft.program)];
  std::vector<std::string> names;
  for (const PartDraft& draft : drafts) {
    const std::string name = instruments.instrument_name(draft.program);
    names.push_back(total[name] > 1 ? fmt::format("{} {}", name, ++used[name]) : name);
  }
  return names;
}

}  // namespace

SheetMusic build_sheet(std::span<const Note> notes, const BeatGrid& grid, const KeySignature& key,
                       const std::string& title) {
  SheetMusic sheet{title, key, grid.metre, {}, {}};
  std::vector<PartDraft> drafts;
  std::vector<BarRange> bars = {{0, grid.metre.beats_per_bar}};
  const int beat_divisions = grid.metre.compound ? kQuarterDivisions * 3 / 2 : kQuarterDivisions;
  if (!notes.empty()) {
    refuse_too_long(notes, grid);
    drafts = draft_parts(notes, grid);
    int first = std::numeric_limits<int>::max(), end = 0;
    for (const PartDraft& draft : drafts) {
      for (const QuantizedNote& note : draft.quantized.notes) {
        first = std::min(first, note.begin);
        end = std::max(end, note.end);
      }
    }
    bars = bars_of(grid, first / beat_divisions, (end + beat_divisions - 1) / beat_divisions);
  } else {
    drafts.push_back({});
  }
  for (const BarRange& bar : bars) {
    const int beats = bar.end_beat - bar.first_beat;
    sheet.measures.push_back({beats, beats * beat_divisions, false, std::nullopt});
  }
  sheet.measures.front().pickup = bars.size() > 1 && sheet.measures.front().beats < grid.metre.beats_per_bar;
  if (grid.beat_sec.size() >= 2) mark_tempi(sheet.measures, bars, grid);
  const std::vector<std::string> names = part_names(drafts);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    sheet.parts.push_back(PartWriter(drafts[i], bars, grid, key).write(names[i]));
  }
  return sheet;
}

}  // namespace yourmt3
