#include "transcribe/instruments.h"

#include <gtest/gtest.h>

#include <set>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

TEST(Instruments, NamesAreUniqueAndFamiliesComeFirst) {
  std::set<std::string> names;
  for (const Instrument& instrument : instruments()) {
    EXPECT_TRUE(names.insert(instrument.name).second) << instrument.name;
    EXPECT_TRUE(names.contains(instrument.family)) << instrument.name;
  }
  EXPECT_TRUE(names.contains("drums"));
  EXPECT_TRUE(names.contains("singing-voice-chorus"));
}

TEST(Instruments, AMemberIsPartOfItsFamily) {
  const Instrument& violin = find_instrument("violin");
  EXPECT_EQ(violin.family, "strings");
  EXPECT_EQ(violin.programs, std::vector<int>{40});
  EXPECT_THROW(find_instrument("kazoo"), Error);
  EXPECT_EQ(&find_instrument("vocals"), &find_instrument("singing-voice"));
}

TEST(Instruments, SelectionKeepsOrderAndTellsDrumsFromPrograms) {
  const std::vector<Note> notes = {{false, 0, 0, 1, 60, 1},
                                   {true, kDrumProgram, 1, 1.01, 36, 1},
                                   {false, 41, 2, 3, 60, 1},
                                   {false, 33, 3, 4, 40, 1}};
  const std::vector<const Instrument*> wanted = {&find_instrument("strings"), &find_instrument("drums")};
  const std::vector<Note> selected = select_instruments(notes, wanted);
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_TRUE(selected[0].is_drum);
  EXPECT_EQ(selected[1].program, 41);
}

}  // namespace
}  // namespace yourmt3
