#include "notation/pitch_spelling.h"

#include <algorithm>
#include <string_view>

namespace yourmt3 {
namespace {

// The line of fifths, F at 0: ... Bb F C G D A E B F# ...
constexpr std::string_view kFifths = "FCGDAEB";
constexpr int kC = 1;

}  // namespace

Spelling spell_pitch(int pitch, const KeySignature& key) {
  // From Fb (-7) to B# (13) there is at most one accidental.
  const int first = std::clamp(kC + key.fifths - 3, -7, 13 - 11);
  const int wanted = (pitch % 12 * 7 + kC) % 12;
  const int place = first + (((wanted - first) % 12) + 12) % 12;
  Spelling spelling;
  spelling.step = kFifths[static_cast<std::size_t>((place + 7) % 7)];
  spelling.alter = (place + 7) / 7 - 1;
  // Cb and B# lie across the border of octaves.
  spelling.octave = (pitch - spelling.alter + 12) / 12 - 2;
  return spelling;
}

int signature_alter(char step, const KeySignature& key) {
  const auto place = static_cast<int>(kFifths.find(step));
  if (key.fifths > 0) return place < key.fifths ? 1 : 0;
  return 6 - place < -key.fifths ? -1 : 0;
}

}  // namespace yourmt3
