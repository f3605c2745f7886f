#pragma once

#include <span>
#include <string>

#include "yourmt3/note.h"

namespace yourmt3 {

/// A key as a score shows it: its signature and its mode.
struct KeySignature {
  int fifths = 0;  ///< Sharps, or flats when negative; -6 to 6.
  bool minor = false;

  /// "G", "F#", "Bb": the name of the tonic.
  std::string tonic() const;

  friend bool operator==(const KeySignature&, const KeySignature&) = default;
};

/// The key whose profile correlates best with the pitch classes of the pitched notes, each counted by how long it
/// sounds, at most two seconds; a tonic in the bass at the beginning and at the end counts for it. C major without any
/// notes. Modulations are not told. Source: Krumhansl and Kessler 1982.
KeySignature find_key(std::span<const Note> notes);

}  // namespace yourmt3
