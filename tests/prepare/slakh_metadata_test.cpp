#include "prepare/slakh_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source_files.h"
#include "yourmt3/note.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem_of(const std::string& text) {
  return error_message([&] { parse_slakh_metadata(text, "metadata.yaml"); });
}

TEST(SlakhMetadata, TellsTheStems) {
  const auto stems = parse_slakh_metadata(
      "UUID: 1a81ae09\n"
      "normalized: true\n"
      "stems:\n"
      "  S01:\n"
      "    audio_rendered: true\n"
      "    inst_class: Drums\n"
      "    integrated_loudness: -27.129534164015215\n"
      "    is_drum: true\n"
      "    midi_saved: true\n"
      "    plugin_name: session_kit_full.nkm\n"
      "    program_num: 128\n"
      "  S00: {audio_rendered: false, is_drum: false, midi_saved: false, plugin_name: None, program_num: 103}\n"
      "target_peak: -1.0\n",
      "a");
  ASSERT_EQ(stems.size(), 2u);
  EXPECT_EQ(stems[0].id, "S00");
  EXPECT_EQ(stems[0].program, 103);
  EXPECT_FALSE(stems[0].has_audio);
  EXPECT_FALSE(stems[0].is_drum());
  EXPECT_EQ(stems[1].id, "S01");
  EXPECT_EQ(stems[1].program, kDrumProgram);
  EXPECT_EQ(stems[1].plugin, "session_kit_full.nkm");
  EXPECT_TRUE(stems[1].has_audio && stems[1].has_midi && stems[1].is_drum());
}

TEST(SlakhMetadata, SaysWhatIsWrong) {
  EXPECT_THAT(problem_of(""), StartsWith("metadata.yaml: no list of stems"));
  EXPECT_THAT(problem_of("stems: [1, 2]"), HasSubstr("no list of stems"));
  EXPECT_THAT(problem_of("stems: {S00: 7}"), HasSubstr("stem S00 is not described"));
  EXPECT_THAT(problem_of("stems: {S00: {is_drum: false}}"), HasSubstr("stem S00 has no program_num"));
  EXPECT_THAT(problem_of("stems: {S00: {program_num: 200}}"), HasSubstr("program 200, expected 0-128"));
  EXPECT_THAT(problem_of("stems: {S00: {program_num: many}}"), StartsWith("metadata.yaml: "));
  EXPECT_THAT(problem_of("stems: {../S00: {program_num: 1}}"), HasSubstr("no name of a stem"));
  EXPECT_THAT(problem_of("stems:\n  S00: {program_num: 1"), AllOf(StartsWith("metadata.yaml: "), HasSubstr("line")));
  EXPECT_THAT(problem_of(std::string(100000, '[')), StartsWith("metadata.yaml: "));
  EXPECT_THAT(problem_of(std::string((1 << 20) + 1, ' ')), HasSubstr("are not expected in such a file"));
}

}  // namespace
}  // namespace yourmt3::testing
