#pragma once

#include <string>
#include <vector>

namespace yourmt3 {

/// The three ways in which a recording of MusicNet becomes a track.
enum class MusicNetKind {
  kLabels,  ///< The recording with the distributed labels, which were aligned by dynamic time warping.
  kEm,      ///< The recording with labels aligned anew by expectation maximisation (Maman & Bermano 2022).
  kSynth,   ///< The score's MIDI, and what a synthesizer made of it.
};

/// Split of a track: "train" or "test" by the ten pieces of `test_thickstun_ext`, for the other kinds than kLabels with
/// "_em" and "_synth", because they have the same music.
std::string musicnet_split(int id, MusicNetKind kind);

/// Lists of the reference that have the recording in this kind. Source: preprocess_musicnet.py.
std::vector<std::string> musicnet_lists(int id, MusicNetKind kind);

/// All splits and lists.
std::vector<std::string> musicnet_list_names();

/// Recordings of which no labels by expectation maximisation are known.
bool musicnet_lacks_em(int id);

}  // namespace yourmt3
