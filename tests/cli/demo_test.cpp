#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

TEST(Demo, TheBundledModelHearsTheBundledRecording) {
  const std::filesystem::path model = YOURMT3_TEST_SOURCE_DIR "/models/default.safetensors";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << "needs models/default.safetensors, which is not here";
  const TemporaryFolder folder;
  const std::string midi = (folder / "demo.mid").string();
  const std::string demo = YOURMT3_TEST_SOURCE_DIR "/examples/demo/demo";
  const ProgramRun heard = run_program({"transcribe", demo + ".ogg", "-o", midi});
  ASSERT_EQ(heard.status, 0) << heard.err;
  const ProgramRun scored = run_program({"score", demo + ".mid", midi, "--json"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  // What the model card promises; rendered with a sound font that training never heard.
  EXPECT_GE(nlohmann::json::parse(scored.out).at("onset_f1").get<double>(), 0.5);
}

}  // namespace
}  // namespace yourmt3::testing
