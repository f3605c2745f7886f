// The presets below configs/: what they name is there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eval/class_sets.h"
#include "evaluate/evaluation_list.h"
#include "prepare/data_sets.h"
#include "score/drum_groups.h"
#include "settings/toml_json.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAre;

const fs::path kConfigs = YOURMT3_CONFIGS_DIR;

std::vector<fs::path> toml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  return files;
}

/// A store of a preset is a folder with the name of the data set.
void expect_list(const fs::path& store, const std::string& list) {
  EXPECT_EQ(store.parent_path(), "data");
  const DataSet* set = nullptr;
  ASSERT_NO_THROW(set = &data_set_named(store.filename().string()));
  EXPECT_THAT(set->lists(), Contains(list)) << set->name();
}

TEST(EvaluationPresets, NameWhatIsThere) {
  const auto files = toml_files(kConfigs / "evaluation");
  EXPECT_GE(files.size(), 27U);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const EvaluationList list = read_evaluation_list(file, "");
    EXPECT_EQ(list.title, file.stem());
    for (const EvaluationSet& set : list.sets) {
      SCOPED_TRACE(set.name);
      expect_list(set.store, set.split);
      if (!set.drums.empty()) {
        EXPECT_NO_THROW(drum_vocabulary(set.drums));
      }
      std::vector<std::string> classes;
      if (!set.classes.empty()) {
        for (const ProgramClass& one : class_set(set.classes).classes()) classes.push_back(one.name);
      }
      for (const std::string& name : set.pitch_class_for) EXPECT_THAT(classes, Contains(name));
      for (const std::string& name : set.melody_for) EXPECT_THAT(classes, Contains(name));
    }
  }
}

TEST(EvaluationPresets, ThePaperHasFifteenSetsWithThreeDrums) {
  const EvaluationList list = read_evaluation_list(kConfigs / "evaluation/all_eval_final.toml", "");
  std::vector<std::string> names;
  for (const EvaluationSet& set : list.sets) {
    names.push_back(set.name);
    EXPECT_EQ(set.drums, "ksh") << set.name;
    EXPECT_TRUE(set.pitch_class_for.empty()) << set.name;
  }
  EXPECT_THAT(names, ElementsAre("slakh", "musicnet_thickstun", "musicnet_thickstun_em", "musicnet_thickstun_ext",
                                 "musicnet_thickstun_ext_em", "mir_st500_voc", "mir_st500", "enstdrums_dtp",
                                 "enstdrums_dtm", "guitarset_progression_pshift", "rwc_pop_bass", "maestro", "urmp",
                                 "maps_default", "rwc_pop_full"));
}

void expect_lists(const fs::path& store, const nlohmann::json& lists) {
  if (lists.is_string()) return expect_list(store, lists);
  for (const auto& list : lists) expect_list(store, list);
}

TEST(MixPresets, NameListsThatReadersMake) {
  const auto files = toml_files(kConfigs / "mixes");
  EXPECT_EQ(files.size(), 35U);
  for (const fs::path& file : files) {
    const nlohmann::json mix = read_toml(file);
    for (const auto& set : mix.at("data").at("set")) {
      SCOPED_TRACE(file.filename().string() + ", " + set.at("name").get<std::string>());
      for (const auto& store : set.at("stores")) {
        expect_lists(store.get<std::string>(), set.at("split"));
        expect_lists(store.get<std::string>(), set.at("validation_split"));
      }
    }
  }
}

}  // namespace
}  // namespace yourmt3
