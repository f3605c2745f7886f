#include "prepare/idmt_smt_bass_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "data/random.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr int kRate = 16000;
constexpr std::size_t kSilence = 28800;  // 1.8 s.
constexpr std::size_t kFrame = 256;
constexpr const char* kSplitFile = "stratified_split_crepe_smt.json";
constexpr std::size_t kPublishedNotes = 2342;

struct Style {
  std::string_view name;  ///< Of the folder and in the names of files.
  int program;
};
// Fingered, muted, picked, slapped with the finger, slapped with the thumb.
constexpr std::array<Style, 5> kStyles = {{{"FS", 33}, {"MU", 33}, {"PK", 34}, {"SP", 36}, {"ST", 37}}};
constexpr std::array kOpenStrings = {28, 33, 38, 43, 48};

/// What the name of a file tells: bass, its number, "EQ", setting, plucking, expression, string, fret.
struct NamedNote {
  int program = 0;
  int pitch = 0;
};

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

NamedNote named_note(const fs::path& file) {
  const std::string name = file.stem().string();
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('_', begin), name.size());
    fields.push_back(std::string_view(name).substr(begin, end - begin));
    begin = end + 1;
  }
  if (fields.size() == 8) {
    const auto* style =
        std::find_if(kStyles.begin(), kStyles.end(), [&](const Style& s) { return s.name == fields[4]; });
    const std::optional<int> string = whole_number(fields[6]), fret = whole_number(fields[7]);
    if (style != kStyles.end() && string && *string >= 1 && *string <= static_cast<int>(kOpenStrings.size()) && fret &&
        *fret >= 0 && *fret <= 36) {
      return {style->program, kOpenStrings[static_cast<std::size_t>(*string - 1)] + *fret};
    }
  }
  fail(ErrorCode::kMalformed,
       "{}: expected eight fields in its name, with plucking style (FS, MU, PK, SP, ST), string (1-5) and fret at the "
       "fifth, seventh and eighth place, such as BS_1_EQ_1_FS_NO_1_0.wav",
       file.string());
}

/// The package of the reference has the silence already.
bool begins_with_silence(std::span<const float> samples) {
  return samples.size() > 2 * kSilence &&
         std::all_of(samples.begin(), samples.begin() + kSilence, [](float sample) { return sample == 0; });
}

PreparedItem read_note(const fs::path& file, const std::string& split) {
  const NamedNote named = named_note(file);
  PreparedItem item;
  std::vector<float> samples = read_recording(file, item.remarks);
  if (!begins_with_silence(samples)) {
    samples.insert(samples.begin(), kSilence, 0.F);
    samples.insert(samples.end(), kSilence, 0.F);
  }
  PluckedNote when;
  try {
    when = find_plucked_note(samples);
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", file.string(), error.what());
  }
  const Note note{false, named.program, when.onset_sec, when.offset_sec, named.pitch, 1};
  item.sounds.push_back({"bass", std::move(samples)});
  PreparedTrack track;
  track.id = file.stem().string();
  track.split = split;
  track.stems.push_back({named.program, "bass", {note}});
  item.tracks.push_back(std::move(track));
  return item;
}

/// The split that is in the package of the reference: paths below the folder.
std::map<fs::path, std::string> read_split(const fs::path& file) {
  std::map<fs::path, std::string> split_of;
  try {
    const auto json = nlohmann::json::parse(read_text_file(file));
    for (const std::string split : {"train", "validation"}) {
      for (const auto& path : json.at(split)) {
        split_of[(file.parent_path() / path.get<std::string>()).lexically_normal()] = split;
      }
    }
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: expected lists of paths 'train' and 'validation': {}", file.string(),
         error.what());
  }
  return split_of;
}

/// A fifth of every style, rounded up, is for validation.
std::vector<std::string> draw_split(std::size_t count, std::uint64_t seed, std::size_t style) {
  std::vector<std::string> split(count, "train");
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  Random random(seed, style);
  random.shuffle(order);
  for (std::size_t i = 0; i < (count + 4) / 5; ++i) split[order[i]] = "validation";
  return split;
}

}  // namespace

PluckedNote find_plucked_note(std::span<const float> samples) {
  constexpr float kLoud = 0.05F, kAudible = 0.02F;
  std::optional<std::size_t> onset, offset;
  for (std::size_t frame = 0; (frame + 1) * kFrame <= samples.size(); ++frame) {
    // As the reference: the highest, not the loudest, and without the last sample.
    const auto part = samples.subspan(frame * kFrame, kFrame - 1);
    const float highest = *std::max_element(part.begin(), part.end());
    if (!onset && highest > kLoud) onset = frame;
    if (highest > kAudible) offset = frame;
  }
  if (!onset) {
    fail(ErrorCode::kMalformed, "no sample above {}, so no note begins", kLoud);
  }
  const auto seconds = [](std::size_t frame) {
    const double exact = static_cast<double>(frame * kFrame) / kRate;
    const double milliseconds = std::nearbyint(exact * 1000) / 1000;
    const double ticks = std::nearbyint(milliseconds * 960) / 960;
    return std::nearbyint(ticks * 100) / 100;
  };
  PluckedNote note{seconds(*onset), seconds(*offset)};
  note.offset_sec = std::max(note.offset_sec, note.onset_sec + 0.01);
  return note;
}

std::string IdmtSmtBassDataSet::layout() const {
  return fmt::format("PS/FS/BS_1_EQ_1_FS_NO_1_0.wav ..., likewise in MU, PK, SP, ST\n{} (if there)", kSplitFile);
}

DataSetPlan IdmtSmtBassDataSet::plan(const fs::path& source, const DataSetOptions& options) const {
  const fs::path folder = source_folder(source, "PS");
  DataSetPlan plan;
  std::map<fs::path, std::string> split_of;
  std::error_code error;
  const bool has_split = !folder.empty() && fs::exists(folder / kSplitFile, error);
  if (has_split) split_of = read_split(folder / kSplitFile);
  std::size_t n_unnamed = 0;
  for (std::size_t style = 0; style < kStyles.size() && !folder.empty(); ++style) {
    const std::vector<fs::path> files = files_with_extension(folder / "PS" / kStyles[style].name, ".wav");
    const std::vector<std::string> drawn = draw_split(files.size(), options.seed, style);
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::string split = drawn[i];
      if (has_split) {
        const auto found = split_of.find(files[i].lexically_normal());
        if (found == split_of.end()) {
          ++n_unnamed;
          continue;
        }
        split = found->second;
      }
      PlannedItem item;
      item.id = files[i].stem().string();
      item.files = {files[i]};
      item.context = split;
      item.read = [file = files[i], split] { return read_note(file, split); };
      plan.items.push_back(std::move(item));
    }
  }
  if (plan.items.empty()) {
    fail(ErrorCode::kNotFound, "{}: no IDMT-SMT-Bass here; expected\n{}", source.string(), layout());
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  if (n_unnamed > 0) plan.remarks.push_back(fmt::format("{} recordings are not in {}", n_unnamed, kSplitFile));
  if (plan.items.size() != kPublishedNotes) {
    plan.remarks.push_back(fmt::format("{} notes; the published data set has {}", plan.items.size(), kPublishedNotes));
  }
  return plan;
}

}  // namespace yourmt3
