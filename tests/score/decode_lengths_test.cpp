#include "score/decode_lengths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/tokenizer.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string complaint(std::string_view text) {
  try {
    parse_decode_lengths(text, "song.lengths");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kMalformed);
    return error.what();
  }
  return "none";
}

TEST(DecodeLengths, ReadsALineForEachSegment) {
  const DecodeLengths lengths = parse_decode_lengths("# a song\n\n3 2 40\n 2\t2 1 # quiet\r\n", "song.lengths");
  EXPECT_EQ(lengths.n_channels, 3u);
  ASSERT_EQ(lengths.n_segments(), 2u);
  EXPECT_THAT(lengths.segment(0), ElementsAre(3, 2, 40));
  EXPECT_THAT(lengths.segment(1), ElementsAre(2, 2, 1));
}

TEST(DecodeLengths, NamesTheLineThatIsWrong) {
  EXPECT_THAT(complaint("2 2\n2 0\n"), HasSubstr("song.lengths:2: '0' is no number of tokens"));
  EXPECT_THAT(complaint("2 -1\n"), HasSubstr("song.lengths:1: '-1'"));
  EXPECT_THAT(complaint("2 2.5\n"), HasSubstr("'2.5'"));
  EXPECT_THAT(complaint("2 99999999999\n"), HasSubstr("'99999999999'"));
  EXPECT_THAT(complaint("2 2\n# three\n2 2 2\n"), HasSubstr("song.lengths:3: 3 channels, but 2 in the lines before"));
  EXPECT_THAT(complaint("# nothing\n"), HasSubstr("song.lengths: no segments"));
  EXPECT_THAT(complaint(""), HasSubstr("no segments"));
}

TEST(DecodeLengths, ThatANetworkCannotWriteAreRefused) {
  const DecodeLengths lengths{2, {2, 2, 2, 256}};
  EXPECT_NO_THROW(check_decode_lengths(lengths, "song.lengths", 2, 256));
  const auto complaint_for = [&](int n_channels, int max_length) -> std::string {
    try {
      check_decode_lengths(lengths, "song.lengths", n_channels, max_length);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(complaint_for(13, 256), "song.lengths: 2 channels, but the network has 13");
  EXPECT_EQ(complaint_for(2, 255), "song.lengths: 256 tokens in segment 2, but the network writes at most 255");
}

TEST(DecodeLengths, TextIsReadBackUnchanged) {
  const DecodeLengths lengths{2, {1, 256, 7, 3}};
  const std::string text = decode_lengths_text(lengths, "two lines\nof remarks");
  EXPECT_THAT(text, HasSubstr("# two lines\n# of remarks\n1 256\n7 3\n"));
  EXPECT_EQ(parse_decode_lengths(text, "x"), lengths);
}

TEST(DecodeLengths, OfNotesAreThoseOfTheirTokens) {
  // A piano note over the first border of segments, and a drum in the second one.
  const std::vector<Note> notes = {{false, 0, 1.0, 3.0, 60, 1}, {true, kDrumProgram, 2.5, 2.51, 36, 1}};
  const Task& thirteen = task("mc13_full_plus_256");
  const DecodeLengths lengths = decode_lengths_of(notes, thirteen);
  ASSERT_EQ(lengths.n_channels, 13u);
  ASSERT_EQ(lengths.n_segments(), 2u);
  // Tie, shift, program, velocity, pitch, EOS; a silent channel has tie and EOS.
  EXPECT_THAT(lengths.segment(0), ElementsAre(6, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2));
  // Program, pitch, tie, shift, velocity, pitch, EOS; drums: tie, shift, drum, EOS. The tokenizer knows better.
  const auto tokens = encode_channels(slice_segment(SongEvents(notes), 1), thirteen);
  for (std::size_t channel = 0; channel < 13; ++channel) {
    EXPECT_EQ(lengths.segment(1)[channel], static_cast<int>(tokens[channel].size())) << channel;
  }
  EXPECT_GT(lengths.segment(1)[0], 2);
  EXPECT_GT(lengths.segment(1)[12], 2);
  EXPECT_THROW(decode_lengths_of({}, thirteen), Error);
}

}  // namespace
}  // namespace yourmt3
