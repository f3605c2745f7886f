#include "train/best_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

TEST(BestModels, KeepsTheBestAndRemovesTheRest) {
  const testing::TemporaryFolder folder;
  const fs::path model = folder / "model.safetensors";
  std::ofstream(model) << "weights";
  const BestModels best(folder / "best", 2);
  best.offer(model, 100, 0.30);
  best.offer(model, 200, 0.20);
  best.offer(model, 300, 0.25);
  EXPECT_THAT(names_in(folder / "best"),
              ElementsAre("step-00000100-0.3000.safetensors", "step-00000300-0.2500.safetensors"));
  best.offer(model, 400, 0.10);
  // A new sitting of the same run finds them.
  BestModels(folder / "best", 2).offer(model, 500, 0.40);
  EXPECT_THAT(names_in(folder / "best"),
              ElementsAre("step-00000100-0.3000.safetensors", "step-00000500-0.4000.safetensors"));
  std::ifstream copy(folder / "best" / "step-00000500-0.4000.safetensors");
  std::string text;
  copy >> text;
  EXPECT_EQ(text, "weights");
}

TEST(BestModels, KeepsNothingWhenToldSoAndLeavesOtherFilesAlone) {
  const testing::TemporaryFolder folder;
  const fs::path model = folder / "model.safetensors";
  std::ofstream(model) << "weights";
  BestModels(folder / "none", 0).offer(model, 1, 1);
  EXPECT_FALSE(fs::exists(folder / "none"));
  fs::create_directories(folder / "best");
  std::ofstream(folder / "best" / "notes.txt") << "mine";
  for (int step = 1; step < 5; ++step) BestModels(folder / "best", 1).offer(model, step, 0.1 * step);
  EXPECT_THAT(names_in(folder / "best"), ElementsAre("notes.txt", "step-00000004-0.4000.safetensors"));
}

TEST(BestModels, AModelThatIsNotThereIsAnError) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(BestModels(folder / "best", 1).offer(folder / "missing", 1, 1), Error);
  EXPECT_TRUE(names_in(folder / "best").empty());
}

}  // namespace
}  // namespace yourmt3
