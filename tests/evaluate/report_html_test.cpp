// The page of a report: well formed, alone, and with the data that it shows.
#include "evaluate/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "audio/audio_reader.h"
#include "evaluate/base64.h"
#include "evaluate/html_check.h"
#include "evaluate/small_reports.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

nlohmann::json data_of(const std::string& page) {
  constexpr std::string_view kStart = R"(<script type="application/json" id="data">)";
  const std::size_t begin = page.find(kStart) + kStart.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

std::string decoded(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int n_bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(digits.find(c));
    n_bits += 6;
    if (n_bits >= 8) bytes += static_cast<char>(bits >> (n_bits -= 8) & 255);
  }
  return bytes;
}

TEST(Base64, AgreesWithTheExamplesOfItsStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(HtmlCheck, SeesWhatIsBroken) {
  const std::string good = "<!DOCTYPE html><html><body><p id=\"a\">x<br>&amp;</p><script>a < b</script></body></html>";
  EXPECT_THAT(html_problems(good), IsEmpty());
  for (const char* bad :
       {"<!DOCTYPE html><html><p></html>", "<!DOCTYPE html><html></p></html>", "<html></html>",
        "<!DOCTYPE html><html><p id=\"a\"></p><p id=\"a\"></p></html>", "<!DOCTYPE html><html>a & b</html>",
        "<!DOCTYPE html><html><p class=a></p></html>", "<!DOCTYPE html><html><script>x</html>",
        "<!DOCTYPE html><html><label for=\"b\"></label></html>", "<!DOCTYPE html><html></html>x",
        "<!DOCTYPE html><html><a href=\"#b\">b</a></html>"}) {
    EXPECT_THAT(html_problems(bad), Not(IsEmpty())) << bad;
  }
}

TEST(ReportHtml, IsWellFormedAndNeedsNothingElse) {
  const SmallReports small;
  const std::string page = report_html(small.report());
  EXPECT_THAT(html_problems(page), IsEmpty());
  // The policy lets the browser load nothing; besides, nothing is named.
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outside :
       {"src=\"http", "href=\"http", "url(", "@import", "fetch(", "XMLHttpRequest", "<link", "<img"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(ReportHtml, ScriptsFindTheElementsTheyFill) {
  const SmallReports small;
  const std::string page = report_html(small.report());
  const std::set<std::string> ids = html_ids(page);
  const std::regex use("byId\\(\"([a-z-]+)\"\\)");
  int n_uses = 0;
  for (std::sregex_iterator found(page.begin(), page.end(), use), end; found != end; ++found, ++n_uses) {
    EXPECT_TRUE(ids.contains((*found)[1].str())) << (*found)[1].str();
  }
  EXPECT_GT(n_uses, 20);
}

TEST(ReportHtml, HoldsTheReport) {
  const SmallReports small;
  const EvaluationReport report = small.report();
  auto data = data_of(report_html(report));
  EXPECT_EQ(data.at("pictures").size(), 3u);
  data.erase("pictures");
  EXPECT_EQ(data, nlohmann::json::parse(report_json(report).dump()));
}

TEST(ReportHtml, NamesCannotBreakIt) {
  const SmallReports small;
  EvaluationReport report = small.report("</title><script>alert(1)</script> & \"more\"");
  EvaluationSet options = small.band();
  options.name = "</script><b>{{title}}";
  report.sets = {half_right(options)};
  const std::string page = report_html(report);
  EXPECT_THAT(html_problems(page), IsEmpty());
  EXPECT_THAT(page, HasSubstr("<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;</h1>"));
  EXPECT_EQ(data_of(page).at("sets").at(0).at("name"), options.name);
}

TEST(ReportHtml, ShowsWhichNotesWereFound) {
  const SmallReports small;
  ReportOptions options;
  options.n_worst = 1;
  options.audio = false;
  const EvaluationReport report = small.report();
  const auto data = data_of(report_html(report, options));
  const auto& picture = data.at("pictures").at(0);
  EXPECT_EQ(picture.at("track"), "b");
  EXPECT_FALSE(picture.contains("audio"));
  const TrackResult& track = report.sets[0].tracks[1];
  EXPECT_EQ(picture.at("reference").size(), track.reference.size());
  EXPECT_EQ(picture.at("estimate").size(), track.estimate.size());
  int n_found = 0;
  for (std::size_t i = 0; i < track.reference.size(); ++i) {
    const auto& note = picture.at("reference").at(i);
    EXPECT_EQ(note.at(0), std::lround(1000 * track.reference[i].onset_sec));
    EXPECT_EQ(note.at(2), track.reference[i].pitch);
    EXPECT_FALSE(picture.at("instruments").at(note.at(3).get<std::size_t>()).at("drum").get<bool>());
    n_found += note.at(4) == 0;
  }
  EXPECT_EQ(n_found, static_cast<int>(track.reference.size() / 4));
}

TEST(ReportHtml, TellsNotesOfAnotherInstrumentApart) {
  const SmallReports small;
  EvaluationReport report = small.report();
  SetResult& band = report.sets[0];
  TimedTranscription heard;
  heard.heard.notes = band.tracks[1].reference;
  for (Note& note : heard.heard.notes) note.program = note.program == 48 ? 56 : note.program;
  band.tracks[1] = score_track(band.set, band.tracks[1].item, heard);
  std::size_t bytes = 0;
  const auto picture = track_picture(band, 1, {.audio = false}, bytes);
  std::set<std::string> other;
  for (const auto& note : picture.at("estimate")) {
    EXPECT_NE(note.at(4), 2);
    if (note.at(4) == 1) other.insert(picture.at("instruments").at(note.at(3).get<std::size_t>()).at("name"));
  }
  EXPECT_EQ(other, std::set<std::string>{instrument_name(56)});
}

TEST(ReportHtml, SoundsAreRecordingsOfTheExcerpt) {
  const SmallReports small;
  const auto data = data_of(report_html(small.report(), {.n_worst = 1, .audio_sec = 4}));
  const auto& picture = data.at("pictures").at(0);
  EXPECT_EQ(picture.at("length_sec"), 4);
  for (const char* name : {"recording", "reference", "estimate"}) {
    const std::string uri = picture.at("audio").at(name);
    constexpr std::string_view kStart = "data:audio/mpeg;base64,";
    ASSERT_TRUE(uri.starts_with(kStart));
    const auto file = small / (std::string(name) + ".mp3");
    std::ofstream(file, std::ios::binary) << decoded(uri.substr(kStart.size()));
    const std::vector<float> sound = load_audio(file);
    // An encoder adds up to some frames of 1152 samples.
    EXPECT_NEAR(static_cast<double>(sound.size()), 4 * kRate, 4 * 1152) << name;
    EXPECT_GT(*std::max_element(sound.begin(), sound.end()), 0.3f) << name;
  }
}

TEST(ReportHtml, SoundIsBounded) {
  const SmallReports small;
  ReportOptions options;
  options.n_worst = 3;
  const auto all = data_of(report_html(small.report(), options));
  std::size_t n_bytes = 0;
  for (const auto& sound : all.at("pictures").at(0).at("audio")) n_bytes += sound.get<std::string>().size();
  options.max_audio_bytes = n_bytes;
  const auto one = data_of(report_html(small.report(), options));
  std::size_t used = 0, silent = 0;
  for (const auto& picture : one.at("pictures")) {
    silent += !picture.contains("audio");
    if (picture.contains("audio")) {
      for (const auto& sound : picture.at("audio")) used += sound.get<std::string>().size();
    }
  }
  EXPECT_LE(used, n_bytes);
  EXPECT_GT(used, 0u);
  EXPECT_GT(silent, 0u);
}

}  // namespace
}  // namespace yourmt3::testing
