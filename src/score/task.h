#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "score/vocabulary.h"

namespace yourmt3 {

/// What a network was trained to write: vocabulary, decoder channels, and the longest sequences.
struct Task {
  std::string name;
  Vocabulary vocabulary;
  int n_channels = 1;
  int max_note_tokens = 1024;  ///< Longest sequence of one channel, EOS included, task tokens not.
  int max_task_tokens = 0;     ///< Room for task tokens before them.

  /// Task tokens that may stand before the notes, by purpose. The published networks are trained without them.
  std::map<std::string, std::vector<std::int32_t>> prefixes;

  /// Deleted from a sequence, wherever they stand, before it is decoded.
  std::vector<std::int32_t> ignored_ids;

  int max_tokens() const { return max_note_tokens + max_task_tokens; }

  /// Decoder channel of a program (kDrumProgram for drums); -1 when this task has none for it.
  int channel_of(int program) const { return n_channels == 1 ? 0 : channel_of_13(program); }
};

/// The twelve tasks of the reference, and our own onset_v1: one channel, the classes of gm_plus, and a first token that
/// asks for onsets only or for whole notes. Throws Error(kNotFound) with the known names.
const Task& task(std::string_view name);
std::span<const std::string_view> task_names();

}  // namespace yourmt3
