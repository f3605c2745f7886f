#include "notation/staves.h"

#include <algorithm>

#include "yourmt3/note.h"

namespace yourmt3 {
namespace {

constexpr int kHarp = 46, kViola = 41, kTimpani = 47;

bool has_two_staves(int program) {
  const bool piano = program < 8, organ = program >= 16 && program < 22, accordion = program == 23;
  return piano || organ || accordion || program == kHarp;
}

bool has_one_staff(int program) {
  const bool guitar = program >= 24 && program < 32, bass = program >= 32 && program < 40;
  const bool solo_string = program >= 40 && program < 44;
  const bool wind = program >= 56 && program < 80;
  return guitar || bass || solo_string || wind || program == kTimpani || program == kSingingProgram;
}

}  // namespace

std::vector<Clef> clefs_for(int program, std::span<const QuantizedNote> notes) {
  if (program == kDrumProgram) return {Clef::kPercussion};
  if (program >= 24 && program < 32) return {Clef::kTrebleOctaveLower};
  if (program >= 32 && program < 40) return {Clef::kBassOctaveLower};
  if (program == kViola) return {Clef::kAlto};
  if (has_two_staves(program)) return {Clef::kTreble, Clef::kBass};
  if (notes.empty()) return {Clef::kTreble};
  std::vector<int> pitches;
  for (const QuantizedNote& note : notes) pitches.push_back(note.pitch);
  std::sort(pitches.begin(), pitches.end());
  const int low = pitches[pitches.size() / 10], middle = pitches[pitches.size() / 2];
  const int high = pitches[pitches.size() * 9 / 10];
  if (!has_one_staff(program) && low < 52 && high > 69) return {Clef::kTreble, Clef::kBass};
  return {middle < 57 ? Clef::kBass : Clef::kTreble};
}

}  // namespace yourmt3
