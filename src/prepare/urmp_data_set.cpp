#include "prepare/urmp_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "prepare/recording.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"
#include "prepare/visible_folders.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr std::array kTestPieces = {1, 2, 12, 13, 24, 25, 31, 38, 39};
constexpr int kPieces = 44;

// The kind of saxophone is not told; as the reference, alto.
constexpr std::array<std::pair<std::string_view, int>, 13> kPrograms = {{{"vn", 40},
                                                                         {"va", 41},
                                                                         {"vc", 42},
                                                                         {"db", 43},
                                                                         {"fl", 73},
                                                                         {"ob", 68},
                                                                         {"cl", 71},
                                                                         {"sax", 65},
                                                                         {"bn", 70},
                                                                         {"tpt", 56},
                                                                         {"hn", 60},
                                                                         {"tbn", 57},
                                                                         {"tba", 58}}};

/// What the name of a folder tells: "12_Spring_vn_vn_vc".
struct Piece {
  int number = 0;
  std::string id;     ///< "12".
  std::string title;  ///< "Spring".
  std::vector<std::string> instruments;
  std::vector<int> programs;
};

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// False for a name that is of another kind altogether; throws Error(kMalformed) for an instrument nobody knows.
bool parse_piece(const std::string& name, Piece& piece) {
  const std::vector<std::string> parts = split_at(name, '_');
  if (parts.size() < 3) return false;
  piece.id = parts[0];
  const auto [end, error] = std::from_chars(piece.id.data(), piece.id.data() + piece.id.size(), piece.number);
  if (error != std::errc() || end != piece.id.data() + piece.id.size()) return false;
  piece.title = parts[1];
  piece.instruments.assign(parts.begin() + 2, parts.end());
  for (const std::string& instrument : piece.instruments) {
    const auto* known =
        std::find_if(kPrograms.begin(), kPrograms.end(), [&](const auto& entry) { return entry.first == instrument; });
    if (known == kPrograms.end()) {
      std::string names;
      for (const auto& entry : kPrograms) names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.first);
      fail(ErrorCode::kMalformed, "folder {}: no instrument is called '{}', only {}", name, instrument, names);
    }
    piece.programs.push_back(known->second);
  }
  return true;
}

/// The file of a part. Of piece 15 the trombone's files are named as if it were a third trumpet.
fs::path part_file(const fs::path& folder, const Piece& piece, std::size_t part, std::string_view kind,
                   std::string_view extension) {
  const auto path = [&](std::string_view instrument) {
    return folder / fmt::format("{}_{}_{}_{}_{}{}", kind, part + 1, instrument, piece.id, piece.title, extension);
  };
  const fs::path named = path(piece.instruments[part]);
  std::error_code error;
  if (piece.number == 15 && part == 2 && !fs::exists(named, error) && fs::exists(path("tpt"), error)) {
    return path("tpt");
  }
  return named;
}

std::vector<Note> read_part(const fs::path& file, int program) {
  const TextTable table = TextTable::read(file, {' ', false});
  std::vector<Note> notes;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const double onset = table.number(row, 0);
    const double hz = table.number(row, 1);
    const double pitch = hz > 0 ? std::nearbyint(69 + 12 * std::log2(hz / 440)) : -1;
    if (!(pitch >= 0 && pitch <= 127)) {
      fail(ErrorCode::kMalformed, "{}, line {}: {} Hz is the frequency of no note; expected onset, frequency, duration",
           file.string(), table.line(row), hz);
    }
    notes.push_back({false, program, onset, onset + table.number(row, 2), static_cast<int>(pitch), 1});
  }
  // As the reference: trimmed first, then repaired, though this is no MIDI.
  return mix_notes({{notes}});
}

PreparedItem read_piece(const fs::path& folder, const Piece& piece, const fs::path& mix) {
  PreparedItem item;
  PreparedTrack track;
  track.id = folder.filename().string();
  track.split = std::count(kTestPieces.begin(), kTestPieces.end(), piece.number) > 0 ? "test" : "train";
  track.lists = {"all"};
  track.mix = "mix";
  for (std::size_t i = 0; i < piece.instruments.size(); ++i) {
    const std::string name = fmt::format("{}_{}", i + 1, piece.instruments[i]);
    add_recording(item, name, part_file(folder, piece, i, "AuSep", ".wav"));
    const fs::path notes = part_file(folder, piece, i, "Notes", ".txt");
    track.stems.push_back({piece.programs[i], name, read_part(notes, piece.programs[i])});
  }
  add_recording(item, track.mix, mix);
  item.tracks.push_back(std::move(track));
  return item;
}

}  // namespace

std::string UrmpDataSet::layout() const {
  return "01_Jupiter_vn_vc/AuMix_01_Jupiter_vn_vc.wav ...\n"
         "01_Jupiter_vn_vc/AuSep_1_vn_01_Jupiter.wav ...\n"
         "01_Jupiter_vn_vc/Notes_1_vn_01_Jupiter.txt ...";
}

DataSetPlan UrmpDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  DataSetPlan plan;
  // The archive holds the pieces in a folder Dataset, beside others.
  std::error_code error;
  const fs::path below = source / "Dataset";
  std::set<int> found;
  for (const fs::path& folder : visible_folders(fs::is_directory(below, error) ? below : source)) {
    const std::string name = folder.filename().string();
    Piece piece;
    if (name.find("Supplementary") != std::string::npos || !parse_piece(name, piece)) continue;
    found.insert(piece.number);
    PlannedItem item;
    item.id = name;
    fs::path mix = folder / fmt::format("AuMix_{}.wav", name);
    if (!fs::exists(mix, error)) {
      for (const fs::path& file : files_with_extension(folder, ".wav")) {
        if (file.filename().string().starts_with("AuMix")) mix = file;
      }
    }
    item.files.push_back(mix);
    for (std::size_t i = 0; i < piece.instruments.size(); ++i) {
      item.files.push_back(part_file(folder, piece, i, "AuSep", ".wav"));
      item.files.push_back(part_file(folder, piece, i, "Notes", ".txt"));
    }
    item.read = [folder, piece, mix] { return read_piece(folder, piece, mix); };
    plan.items.push_back(std::move(item));
  }
  if (plan.items.empty()) {
    fail(ErrorCode::kNotFound, "{}: no piece of URMP here; expected\n{}", source.string(), layout());
  }
  std::vector<int> missing;
  for (int number = 1; number <= kPieces; ++number) {
    if (!found.contains(number)) missing.push_back(number);
  }
  if (!missing.empty()) {
    plan.remarks.push_back(fmt::format("{} of {} pieces; missing {}", found.size(), kPieces, number_ranges(missing)));
  }
  return plan;
}

}  // namespace yourmt3
