#include "data/render_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/instruments.h"
#include "data/store.h"
#include "sound_fonts.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

RenderOptions small_set(const std::filesystem::path& output, const std::filesystem::path& font) {
  RenderOptions options;
  options.output = output;
  options.sounds.fonts = {{font, 1.0}};
  options.songs = {{"a song", "CC0-1.0", {{{0, {}}, {33, {}}}, 10}}};
  for (auto& part : options.songs[0].song.parts) {
    for (int i = 0; i < 40; ++i) part.notes.push_back({i * 0.25, i * 0.25 + 0.2, 40 + i % 12, 90});
  }
  options.stem_hours = 0.01;
  options.shortest_sec = 2;
  options.longest_sec = 3;
  options.split = "test";
  return options;
}

TEST(RenderDataset, IsTheSameForEveryNumberOfThreads) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  testing::TemporaryFolder folder;
  auto options = small_set(folder / "one", *font);
  render_dataset(options);
  options.output = folder / "three";
  options.threads = 3;
  render_dataset(options);
  const Store one(folder / "one");
  const Store three(folder / "three");
  ASSERT_EQ(one.tracks().size(), three.tracks().size());
  for (std::size_t t = 0; t < one.tracks().size(); ++t) {
    const auto& a = one.tracks()[t];
    const auto& b = three.tracks()[t];
    EXPECT_EQ(a.info.source, b.info.source);
    ASSERT_EQ(a.stems.size(), b.stems.size());
    for (std::size_t s = 0; s < a.stems.size(); ++s) {
      EXPECT_EQ(a.stems[s].notes, b.stems[s].notes);
      const auto left = a.stems[s].wav.samples();
      const auto right = b.stems[s].wav.samples();
      ASSERT_EQ(left.size(), right.size());
      EXPECT_TRUE(std::equal(left.begin(), left.end(), right.begin())) << a.info.id << ", stem " << s;
    }
  }
}

TEST(RenderDataset, LabelsWhatItRenders) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  testing::TemporaryFolder folder;
  render_dataset(small_set(folder / "set", *font));
  const Store store(folder / "set", "test");
  double seconds = 0;
  std::vector<std::string> sources;
  for (const auto& track : store.tracks()) {
    sources.push_back(track.info.source);
    EXPECT_EQ(track.info.licence, "CC0-1.0");
    for (const auto& stem : track.stems) {
      seconds += static_cast<double>(stem.wav.samples().size()) / 16000;
      EXPECT_FALSE(stem.notes.empty()) << track.info.id;
      EXPECT_GE(instrument_group(stem.info.program), 0) << track.info.id;
      const auto loudest = std::max_element(stem.wav.samples().begin(), stem.wav.samples().end());
      EXPECT_GT(*loudest, 300) << track.info.id;
    }
  }
  EXPECT_GE(seconds, 36);
  EXPECT_THAT(sources, ::testing::Contains("a song"));
  EXPECT_THAT(sources, ::testing::Contains(::testing::StartsWith("composer ")));
  EXPECT_THAT(sources, ::testing::Contains(::testing::StartsWith("practice ")));
}

TEST(RenderDataset, StopsWhenToldAndLeavesNoIndex) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  testing::TemporaryFolder folder;
  auto options = small_set(folder / "set", *font);
  options.stem_hours = 100;
  EXPECT_THROW(render_dataset(options, {}, [](const Progress&) { return false; }), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "set/index.jsonl"));
}

TEST(RenderDataset, NeedsAFontAndSaysWhichIsMissing) {
  testing::TemporaryFolder folder;
  RenderOptions options;
  options.output = folder / "set";
  options.sounds.fonts = {{folder / "missing.sf2", 1.0}};
  options.sounds.kits = {folder / "no-kit"};
  std::string remarks;
  EXPECT_THROW(render_dataset(options, [&](LogLevel, std::string_view text) { remarks += text; }), Error);
  EXPECT_THAT(remarks, ::testing::HasSubstr("missing.sf2"));
  EXPECT_THAT(remarks, ::testing::HasSubstr("no-kit"));
  options.stem_hours = 0;
  EXPECT_THROW(render_dataset(options), Error);
}

}  // namespace
}  // namespace yourmt3
