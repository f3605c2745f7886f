#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/song.h"

namespace yourmt3::cli {

/// How the user wants to hear notes.
struct ListeningChoice {
  std::string output;  ///< File, "-" for WAV on standard output; empty: play.
  std::vector<std::string> sound_fonts;
  double start_sec = 0;
  double length_sec = 0;  ///< 0 for all.
  int n_threads = 0;      ///< 0 for all processors.
  bool blend = false;     ///< Recording and notes on both sides.
  bool force = false, quiet = false;
};

/// What is to be heard.
struct ListeningTask {
  std::string name;  ///< Of the notes, for messages.
  std::function<Song()> song;
  /// The recording that the notes are compared with, mono at a rate in Hz; empty for none.
  std::function<std::vector<float>(int sample_rate)> recording;
  std::filesystem::path file_without_player;  ///< Written where no program can play.
};

/// Plays or writes the notes, beside their recording if there is one: it is on the left, the notes on the right,
/// equally loud. Gives the exit status.
int listen_to(const ListeningTask& task, const ListeningChoice& choice);

}  // namespace yourmt3::cli
