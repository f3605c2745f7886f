#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "score/task.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// How many tokens a network writes for each segment and channel, EOS included. With it the work of decoding real music
/// is repeated with any weights. See "Decode lengths" in docs/formats.md.
struct DecodeLengths {
  std::size_t n_channels = 0;  ///< C.
  std::vector<int> lengths;    ///< (segments, C), each at least 1.

  std::size_t n_segments() const { return n_channels == 0 ? 0 : lengths.size() / n_channels; }
  std::span<const int> segment(std::size_t index) const {
    return std::span(lengths).subspan(index * n_channels, n_channels);
  }

  friend bool operator==(const DecodeLengths&, const DecodeLengths&) = default;
};

/// Lengths of what `task` writes for these notes, from the start to the end of the last note. Throws
/// Error(kInvalidArgument) when there are none, or for more than ten hours of them.
DecodeLengths decode_lengths_of(std::span<const Note> notes, const Task& task);

/// The text of a file of lengths; each line of `remarks` becomes a comment.
std::string decode_lengths_text(const DecodeLengths& lengths, std::string_view remarks);

/// Throws Error(kMalformed) that names `name` and the line, for text that is none and for a file without segments.
DecodeLengths parse_decode_lengths(std::string_view text, std::string_view name);

/// Throws Error(kInvalidArgument) that names `name` when a network of `n_channels` decoder channels, of at most
/// `max_length` tokens each, cannot write that.
void check_decode_lengths(const DecodeLengths& lengths, std::string_view name, int n_channels, int max_length);

/// Throws Error(kNotFound), Error(kIo), and what parse_decode_lengths() throws.
DecodeLengths read_decode_lengths(const std::filesystem::path& path);

}  // namespace yourmt3
