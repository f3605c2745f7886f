#include "score/decode_lengths.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/fail.h"
#include "core/mapped_file.h"
#include "core/printable_text.h"
#include "score/tokenizer.h"

namespace yourmt3 {
namespace {

constexpr double kLongestSec = 36000;
constexpr std::string_view kSpaces = " \t\r";

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kSpaces));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

DecodeLengths decode_lengths_of(std::span<const Note> notes, const Task& task) {
  double end_sec = 0;
  for (const Note& note : notes) end_sec = std::max(end_sec, note.offset_sec);
  if (!(end_sec > 0) || end_sec > kLongestSec) {
    fail(ErrorCode::kInvalidArgument, "the notes end after {} s, expected more than 0 and at most {}", end_sec,
         kLongestSec);
  }
  DecodeLengths result;
  result.n_channels = static_cast<std::size_t>(task.n_channels);
  const SongEvents song(notes);
  const auto n_segments = static_cast<std::int64_t>(std::ceil(end_sec / kSegmentSec));
  for (std::int64_t i = 0; i < n_segments; ++i) {
    for (const auto& tokens : encode_channels(slice_segment(song, i), task)) {
      result.lengths.push_back(static_cast<int>(tokens.size()));
    }
  }
  return result;
}

std::string decode_lengths_text(const DecodeLengths& lengths, std::string_view remarks) {
  std::string text;
  while (!remarks.empty()) {
    const std::string_view line = remarks.substr(0, remarks.find('\n'));
    text += fmt::format("# {}\n", line);
    remarks.remove_prefix(std::min(line.size() + 1, remarks.size()));
  }
  for (std::size_t i = 0; i < lengths.n_segments(); ++i) {
    text += fmt::format("{}\n", fmt::join(lengths.segment(i), " "));
  }
  return text;
}

DecodeLengths parse_decode_lengths(std::string_view text, std::string_view name) {
  DecodeLengths result;
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const std::size_t before = result.lengths.size();
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      int length = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), length);
      if (error != std::errc() || end != word.data() + word.size() || length < 1) {
        fail(ErrorCode::kMalformed, "{}:{}: '{}' is no number of tokens, expected 1 or more", name, number,
             printable_text(word));
      }
      result.lengths.push_back(length);
    }
    const std::size_t n_channels = result.lengths.size() - before;
    if (n_channels == 0) continue;
    if (before == 0) result.n_channels = n_channels;
    if (n_channels != result.n_channels) {
      fail(ErrorCode::kMalformed, "{}:{}: {} channels, but {} in the lines before", name, number, n_channels,
           result.n_channels);
    }
  }
  if (result.lengths.empty()) fail(ErrorCode::kMalformed, "{}: no segments", name);
  return result;
}

void check_decode_lengths(const DecodeLengths& lengths, std::string_view name, int n_channels, int max_length) {
  if (lengths.n_channels != static_cast<std::size_t>(n_channels)) {
    fail(ErrorCode::kInvalidArgument, "{}: {} channels, but the network has {}", name, lengths.n_channels, n_channels);
  }
  const auto longest = std::max_element(lengths.lengths.begin(), lengths.lengths.end());
  if (*longest > max_length) {
    const auto at = static_cast<std::size_t>(longest - lengths.lengths.begin());
    fail(ErrorCode::kInvalidArgument, "{}: {} tokens in segment {}, but the network writes at most {}", name, *longest,
         at / lengths.n_channels + 1, max_length);
  }
}

DecodeLengths read_decode_lengths(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  const auto bytes = mapped.bytes();
  return parse_decode_lengths({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace yourmt3
