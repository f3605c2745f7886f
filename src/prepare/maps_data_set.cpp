#include "prepare/maps_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "prepare/files_below.h"
#include "prepare/piano_performance.h"
#include "prepare/recording.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "MAPS_MUS-";
constexpr std::size_t kTrain = 139, kTest = 60, kAll = 270;

/// Those of the piano that was recorded, close and in the room.
bool is_test(const std::string& name) {
  return name.ends_with("_ENSTDkAm") || name.ends_with("_ENSTDkCl");
}

/// "chpn_op7_1" of "MAPS_MUS-chpn_op7_1_ENSTDkAm".
std::string piece_of(const std::string& name) {
  return name.substr(kPrefix.size(), name.rfind('_') - kPrefix.size());
}

/// MIDI and WAV files without extension, sorted by name.
std::vector<fs::path> find_pieces(const fs::path& source, std::vector<std::string>& remarks) {
  std::vector<fs::path> pieces;
  for (const fs::path& file : files_below(source, remarks)) {
    const std::string name = file.stem().string();
    if ((file.extension() != ".mid" && file.extension() != ".wav") || !name.starts_with(kPrefix)) continue;
    if (name.rfind('_') == std::string::npos || name.rfind('_') < kPrefix.size()) continue;
    pieces.push_back(file.parent_path() / name);
  }
  std::sort(pieces.begin(), pieces.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(a.filename(), a) < std::pair(b.filename(), b);
  });
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  return pieces;
}

PreparedItem read_piece(const fs::path& piece, const std::string& split) {
  PreparedItem item;
  PreparedTrack track;
  track.id = piece.filename().string();
  track.split = split;
  track.lists = {"all"};
  track.stems.push_back({0, "mix", read_piano_notes(piece.string() + ".mid")});
  add_recording(item, "mix", piece.string() + ".wav");
  item.tracks.push_back(std::move(track));
  return item;
}

}  // namespace

std::string MapsDataSet::layout() const {
  return "AkPnBcht/MUS/MAPS_MUS-alb_se3_AkPnBcht.wav and .mid ..., so for each of the nine pianos; in any folders";
}

DataSetPlan MapsDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  DataSetPlan plan;
  const std::vector<fs::path> pieces = find_pieces(source, plan.remarks);
  if (pieces.empty()) {
    fail(ErrorCode::kNotFound, "{}: no piece of MAPS in it; expected is\n{}", source.string(), layout());
  }
  std::vector<std::string> tested;
  for (const fs::path& piece : pieces) {
    const std::string name = piece.filename().string();
    if (is_test(name)) tested.push_back(piece_of(name));
  }
  std::size_t n_train = 0;
  for (const fs::path& piece : pieces) {
    PlannedItem item;
    item.id = piece.filename().string();
    item.files = {piece.string() + ".mid", piece.string() + ".wav"};
    // As the reference: also where the name of a piece is only a part of another's.
    const bool overlaps = std::any_of(tested.begin(), tested.end(),
                                      [&](const std::string& name) { return item.id.find(name) != std::string::npos; });
    const std::string split = is_test(item.id) ? "test" : overlaps ? "train_overlap" : "train";
    if (split == "train") ++n_train;
    item.context = split;
    item.read = [piece, split] { return read_piece(piece, split); };
    plan.items.push_back(std::move(item));
  }
  if (pieces.size() != kAll || tested.size() != kTest || n_train != kTrain) {
    plan.remarks.push_back(
        fmt::format("{} pieces for training, {} for test, {} in all; the whole of MAPS has {}, {}, {}", n_train,
                    tested.size(), pieces.size(), kTrain, kTest, kAll));
  }
  return plan;
}

}  // namespace yourmt3
