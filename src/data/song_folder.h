#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "data/song.h"
#include "data/stage.h"

namespace yourmt3 {

struct SongFolderOptions {
  std::string extension = ".wav";                   ///< Format of the sound, as audio_bytes() takes it.
  std::function<std::string(int program)> name_of;  ///< Part of the file name of a stem; empty for the number.
  std::uint64_t song_number = 0;                    ///< Tells songs of one stage apart.
  int threads = 1;
  std::function<bool()> keep_going;  ///< Asked before each part; false makes the call throw Error(kCancelled).
};

/// Plays a song into a folder that exists: for each part that sounds "NN-NAME.wav" and its notes as "NN-NAME.mid", then
/// "mix.wav", "mix.mid" and, with times that are exact, "mix.json". The stems are at the level they have in the mix, so
/// that they add up to it (up to rounding), and the notes are exactly those that sound. The same for every number of
/// threads. Memory holds one part for each thread; the others wait in files without a name.
///
/// Throws Error(kInvalidArgument) when nothing sounds, Error(kIo), Error(kUnsupported) for the extension.
void write_song_folder(const std::filesystem::path& folder, Song song, const Stage& stage,
                       const SongFolderOptions& options);

}  // namespace yourmt3
