#include "score/program_groups.h"

#include <gtest/gtest.h>

#include "score/drum_groups.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

TEST(ProgramVocabulary, FirstProgramOfTheTableStandsForItsClass) {
  EXPECT_EQ(program_vocabulary("mt3_full").representative(72), 73);
  EXPECT_EQ(program_vocabulary("gm_ext_plus").representative(29), 30);
  EXPECT_EQ(program_vocabulary("gm_plus").representative(kChorusProgram), kSingingProgram);
  EXPECT_EQ(program_vocabulary("mt3_full_plus").representative(kChorusProgram), kChorusProgram);
}

TEST(ProgramVocabulary, ProgramOfNoClassStaysAndIsNamedByItsNumber) {
  const ProgramVocabulary& gm = program_vocabulary("gm");
  EXPECT_EQ(gm.class_of(97), -1);
  EXPECT_EQ(gm.representative(97), 97);
  EXPECT_EQ(gm.instrument_name(97), "Prg. 97");
  EXPECT_EQ(gm.instrument_name(kDrumProgram), "Drums");
  EXPECT_EQ(gm.instrument_name(50), "Strings");
  EXPECT_EQ(gm.class_of(-1), -1);
}

TEST(ProgramVocabulary, NumbersOfClassesAreThoseOfThePublishedTables) {
  EXPECT_EQ(program_vocabulary("gm").classes().size(), 11U);
  EXPECT_EQ(program_vocabulary("gm_plus").classes().size(), 12U);
  EXPECT_EQ(program_vocabulary("mt3_full").classes().size(), 34U);
  EXPECT_EQ(program_vocabulary("mt3_full_plus").classes().size(), 36U);
  EXPECT_EQ(program_vocabulary("gm_ext_plus").classes().size(), 15U);
  EXPECT_EQ(program_vocabulary("gm_full").classes().size(), 96U);
}

TEST(ProgramVocabulary, UnknownNameIsAnsweredWithTheKnownOnes) {
  try {
    program_vocabulary("gm_minus");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("gm_ext_plus"), std::string::npos);
  }
}

TEST(ProgramVocabulary, ThirteenChannelsEndWithDrums) {
  EXPECT_EQ(channel_of_13(0), 0);
  EXPECT_EQ(channel_of_13(kSingingProgram), 11);
  EXPECT_EQ(channel_of_13(kDrumProgram), 12);
  EXPECT_EQ(channel_of_13(99), -1);
  EXPECT_EQ(channel_of_13(kUnannotatedProgram), -1);
}

TEST(DrumVocabulary, KeysOutsideTheClassesAreDroppedWhenReduced) {
  const std::vector<Note> notes{{true, kDrumProgram, 2, 2.01, 44, 1},
                                {true, kDrumProgram, 1, 1.01, 49, 1},
                                {true, kDrumProgram, 1, 1.01, 35, 1},
                                {false, 0, 0, 1, 36, 1}};
  EXPECT_EQ(reduce_drums(notes, drum_vocabulary("ksh")),
            (std::vector<Note>{{true, kDrumProgram, 1, 1.01, 36, 1}, {true, kDrumProgram, 2, 2.01, 42, 1}}));
}

TEST(DrumVocabulary, TablesDifferInKickStickAndSnareOnly) {
  const DrumVocabulary& gm = drum_vocabulary("gm");
  const DrumVocabulary& egmd = drum_vocabulary("egmd");
  for (int pitch = 0; pitch < 128; ++pitch) {
    const bool differs = pitch == 35 || pitch == 2 || pitch == 40;
    EXPECT_EQ(egmd.class_of(pitch), differs ? -1 : gm.class_of(pitch)) << pitch;
  }
  EXPECT_EQ(gm.representative(57), 49);
}

TEST(DrumVocabulary, UnknownNameIsAnError) {
  EXPECT_THROW(drum_vocabulary("kit"), Error);
}

}  // namespace
}  // namespace yourmt3
