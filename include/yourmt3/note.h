#pragma once

#include <optional>

namespace yourmt3 {

inline constexpr int kDrumProgram = 128;         ///< Stands for the drum kit wherever a program is asked for.
inline constexpr int kUnannotatedProgram = 129;  ///< Sound whose notes nobody wrote down.
inline constexpr int kSingingProgram = 100;      ///< One singing voice.
inline constexpr int kChorusProgram = 101;       ///< Several voices singing together.

/// One note, from onset to offset.
struct Note {
  bool is_drum = false;
  int program = 0;        ///< MIDI program 0-127 counted from zero; kDrumProgram for drums.
  double onset_sec = 0;   ///< Seconds from the start of the recording; NaN means none, in defective input only.
  double offset_sec = 0;  ///< Seconds; at least onset_sec in valid notes; NaN means none.
  int pitch = 60;         ///< MIDI pitch 0-127; for drums the key of the kit.
  int velocity = 1;       ///< 0 or 1 inside the system: the networks do not tell how loud a note is.
  /// How sure the network is that this instrument begins this note here, from 0 to 1 in steps of 0.0001; see
  /// docs/formats.md. Nothing for notes that no network heard.
  std::optional<double> confidence = {};

  friend bool operator==(const Note&, const Note&) = default;
};

}  // namespace yourmt3
