// Published values are found, and are those of the result files.
#include "evaluate/published_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "eval/class_sets.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kMoe = "YPTF.MoE+Multi (noPS)";

const PublishedSystem& system_of(const std::string& set, const std::string& name) {
  for (const PublishedSystem& system : published_results(set)->systems) {
    if (system.name == name) return system;
  }
  throw std::runtime_error("no such system");
}

TEST(PublishedResults, HoldEverySetOfThePaper) {
  EXPECT_THAT(
      published_sets(),
      ElementsAre("enstdrums_dtm", "enstdrums_dtp", "guitarset_progression_pshift", "maestro", "maps_default",
                  "mir_st500", "mir_st500_voc", "musicnet_thickstun", "musicnet_thickstun_em", "musicnet_thickstun_ext",
                  "musicnet_thickstun_ext_em", "rwc_pop_bass", "rwc_pop_full", "slakh", "urmp"));
  EXPECT_EQ(published_results("slakh2"), nullptr);
  EXPECT_EQ(published_results(""), nullptr);
  EXPECT_THAT(published_source(), HasSubstr("mimbres/YourMT3"));
}

TEST(PublishedResults, AreThoseOfTheResultFiles) {
  const auto& moe = system_of("slakh", kMoe).values;
  EXPECT_DOUBLE_EQ(moe.at("onset_f"), 0.8419);
  EXPECT_DOUBLE_EQ(moe.at("multi_f"), 0.7398);
  EXPECT_DOUBLE_EQ(moe.at("onset_f_drum"), 0.9041);
  EXPECT_DOUBLE_EQ(moe.at("micro_offset_f_Synth Pad"), 0.2877);
  const auto& ymt3 = system_of("slakh", "YMT3+").values;
  EXPECT_DOUBLE_EQ(ymt3.at("offset_f"), 0.6083);
  EXPECT_FALSE(ymt3.contains("frame_f"));
  EXPECT_DOUBLE_EQ(system_of("enstdrums_dtp", kMoe).values.at("onset_f_drum"), 0.8954);
  EXPECT_DOUBLE_EQ(system_of("mir_st500", kMoe).values.at("melody_rca_Singing Voice"), 0.6941);
  EXPECT_DOUBLE_EQ(system_of("rwc_pop_bass", "YPTF.MoE+Multi (noPS), separate run").values.at("onset_f_Bass_pc"),
                   0.4801);
  EXPECT_EQ(published_results("maps_default")->systems.size(), 1u);
}

TEST(PublishedResults, ArePartsOfOneUnderNamesOfOurMetrics) {
  for (const std::string& set : published_sets()) {
    for (const PublishedSystem& system : published_results(set)->systems) {
      EXPECT_FALSE(system.values.empty()) << set;
      for (const auto& [metric, value] : system.values) {
        EXPECT_TRUE(value > 0 && value < 1) << set << " " << metric;
        std::string name = metric;
        for (const std::string_view start :
             {"micro_", "melody_rpa_", "melody_rca_", "melody_oa_", "onset_f_", "offset_f_"}) {
          if (name.starts_with(start)) name = name.substr(start.size());
        }
        if (name.ends_with("_pc")) name.resize(name.size() - 3);
        const auto names_it = [&](const ProgramVocabulary& classes) {
          return std::ranges::any_of(classes.classes(), [&](const ProgramClass& one) { return one.name == name; });
        };
        EXPECT_TRUE(name == "onset_f" || name == "offset_f" || name == "frame_f" || name == "multi_f" ||
                    name == "drum" || names_it(class_set("GM_INSTR_CLASS_PLUS")) ||
                    names_it(class_set("MUSICNET_INSTR_CLASS")))
            << set << " " << metric;
      }
    }
  }
}

TEST(PublishedResults, SayWhichValuesTellNothing) {
  for (const char* set : {"mir_st500", "rwc_pop_bass"}) {
    EXPECT_TRUE(published_results(set)->meaningless(kMoe, "onset_f"));
    EXPECT_TRUE(published_results(set)->meaningless(kMoe, "multi_f"));
    EXPECT_FALSE(published_results(set)->meaningless(kMoe, "onset_f_Bass"));
  }
  EXPECT_FALSE(published_results("mir_st500_voc")->meaningless(kMoe, "onset_f"));
  const auto& notes = published_results("guitarset_progression_pshift")->notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].system, "YMT3+");
  EXPECT_THAT(notes[0].text, HasSubstr("not comparable"));
}

}  // namespace
}  // namespace yourmt3::testing
