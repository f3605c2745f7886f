#include <gtest/gtest.h>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

TEST(LongRecording, ThreeHoursNeedLittleMemory) {
  const Workplace place;
  const std::string input = place.put_silence("long.wav", 3 * 3600);
  const ProgramRun run = place.transcribe({input, "--quiet"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(place.has("long.mid"));
  // As floats the samples alone would be 659 MiB.
  EXPECT_LT(run.peak_memory_mib, 300);
}

}  // namespace
}  // namespace yourmt3::testing
