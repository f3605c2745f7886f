#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/note_files.h"

namespace yourmt3::cli {

/// Where results go, as the user said it.
struct OutputChoice {
  std::string output;         ///< One file, "-" for standard output; empty: beside the input.
  std::string output_folder;  ///< Empty: beside the input.
  std::string formats;        ///< Names between commas; empty: by the extension of `output`, else MIDI.
};

struct PlannedFile {
  NoteFormat format = NoteFormat::kMidi;
  std::filesystem::path path;  ///< "-" is standard output.
};

/// One recording and the files to be written for it.
struct Job {
  std::filesystem::path input;  ///< "-" is standard input.
  std::vector<PlannedFile> files;
  std::string problem;  ///< Not empty: it cannot be done, and why.
  /// Its path below the folder that was named, or the name of its file: the same wherever the folder is.
  std::string name;
};

/// One job for each input, and one for each recording in an input that is a folder, found recursively and sorted.
/// Throws UsageError when the choice makes no sense, or two recordings would be written to one file.
std::vector<Job> plan_jobs(const std::vector<std::string>& inputs, const OutputChoice& choice);

}  // namespace yourmt3::cli
