#include "prepare/bach10_data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/mat_file.h"
#include "prepare/recording.h"
#include "prepare/visible_folders.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPlayers = 4;
constexpr std::size_t kPieces = 10;
// In the order of the ground truth. The saxophone's files are spelt so; other copies of the data set mended it.
constexpr std::array<std::string_view, kPlayers> kInstruments = {"violin", "clarinet", "saxphone", "bassoon"};
constexpr std::array<std::string_view, kPlayers> kSounds = {"violin", "clarinet", "saxophone", "bassoon"};
constexpr std::array<int, kPlayers> kPrograms = {40, 71, 65, 70};

constexpr double kFirstCentreSec = 0.023;
constexpr double kHopSec = 0.01;

struct Piece {
  fs::path mix;
  std::array<fs::path, kPlayers> parts;
  fs::path notes;
};

Piece piece_in(const fs::path& folder) {
  const std::string name = folder.filename().string();
  Piece piece{folder / (name + ".wav"), {}, folder / (name + "-GTNotes.mat")};
  for (std::size_t i = 0; i < kPlayers; ++i) {
    piece.parts[i] = folder / fmt::format("{}-{}.wav", name, kInstruments[i]);
    const fs::path mended = folder / fmt::format("{}-{}.wav", name, kSounds[i]);
    std::error_code error;
    if (!fs::exists(piece.parts[i], error) && fs::exists(mended, error)) piece.parts[i] = mended;
  }
  return piece;
}

PreparedItem read_piece(const std::string& id, const Piece& piece) {
  PreparedItem item;
  std::vector<std::vector<Note>> notes = read_bach10_notes(piece.notes);
  PreparedTrack track;
  track.id = id;
  track.split = "test";
  track.mix = "mix";
  for (std::size_t i = 0; i < kPlayers; ++i) {
    const std::string sound(kSounds[i]);
    add_recording(item, sound, piece.parts[i]);
    track.stems.push_back({kPrograms[i], sound, std::move(notes[i])});
  }
  add_recording(item, track.mix, piece.mix);
  item.tracks.push_back(std::move(track));
  return item;
}

double start_of_frame(double frame) {
  return kFirstCentreSec + (frame - 1.5) * kHopSec;
}

/// `frames` is a matrix of two rows: number of the frame, pitch in it.
Note note_of(const MatValue& frames, int program) {
  const bool two_rows = !frames.is_cell && frames.size.size() == 2 && frames.size[0] == 2 && frames.size[1] > 0;
  if (!two_rows) fail(ErrorCode::kMalformed, "a note is no matrix of two rows, frames and pitches");
  std::vector<double> numbers, pitches;
  for (std::size_t i = 0; i < frames.size[1]; ++i) {
    numbers.push_back(frames.numbers[2 * i]);
    pitches.push_back(frames.numbers[2 * i + 1]);
    if (!(numbers.back() >= 1 && numbers.back() < 1e7 && pitches.back() >= 0 && pitches.back() <= 127)) {
      fail(ErrorCode::kMalformed, "a note has the pitch {} in frame {}, expected 0 to 127, and frames from 1",
           pitches.back(), numbers.back());
    }
  }
  const auto [first, last] = std::minmax_element(numbers.begin(), numbers.end());
  Note note{false, program, std::max(start_of_frame(*first), 0.0), start_of_frame(*last + 1), 60, 1};
  std::nth_element(pitches.begin(), pitches.begin() + static_cast<std::ptrdiff_t>(pitches.size() / 2), pitches.end());
  note.pitch = static_cast<int>(std::lround(pitches[pitches.size() / 2]));
  return note;
}

}  // namespace

std::vector<std::vector<Note>> read_bach10_notes(const fs::path& file) {
  const auto variables = read_mat_file(file);
  const auto players = variables.find("GTNotes");
  if (players == variables.end() || players->second.cells.size() != kPlayers) {
    fail(ErrorCode::kMalformed, "{}: no variable GTNotes with a cell for each of {} players", file.string(), kPlayers);
  }
  std::vector<std::vector<Note>> parts(kPlayers);
  for (std::size_t i = 0; i < kPlayers; ++i) {
    std::vector<Note> notes;
    try {
      for (const MatValue& frames : players->second.cells[i].cells) notes.push_back(note_of(frames, kPrograms[i]));
    } catch (const Error& error) {
      fail(error.code(), "{}: {}, note {}: {}", file.string(), kSounds[i], notes.size() + 1, error.what());
    }
    parts[i] = tidy_annotated_notes(std::move(notes));
  }
  return parts;
}

std::string Bach10DataSet::layout() const {
  return "01-AchGottundHerr/01-AchGottundHerr.wav ...\n"
         "01-AchGottundHerr/01-AchGottundHerr-violin.wav, -clarinet.wav, -saxphone.wav, -bassoon.wav ...\n"
         "01-AchGottundHerr/01-AchGottundHerr-GTNotes.mat ...";
}

DataSetPlan Bach10DataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const auto pieces_in = [](const fs::path& folder) {
    std::vector<fs::path> pieces;
    for (const fs::path& piece : visible_folders(folder)) {
      std::error_code error;
      const std::string name = piece.filename().string();
      if (fs::exists(piece / (name + "-GTNotes.mat"), error) || fs::exists(piece / (name + "-violin.wav"), error)) {
        pieces.push_back(piece);
      }
    }
    return pieces;
  };
  std::vector<fs::path> folders = pieces_in(source);
  // The archive is unpacked into a folder of its own.
  for (const fs::path& below : visible_folders(source)) {
    if (folders.empty()) folders = pieces_in(below);
  }
  if (folders.empty()) fail(ErrorCode::kNotFound, "{}: no Bach10 here; expected\n{}", source.string(), layout());
  DataSetPlan plan;
  for (const fs::path& folder : folders) {
    const Piece piece = piece_in(folder);
    PlannedItem item;
    item.id = folder.filename().string();
    item.files.push_back(piece.mix);
    item.files.insert(item.files.end(), piece.parts.begin(), piece.parts.end());
    item.files.push_back(piece.notes);
    item.read = [id = item.id, piece] { return read_piece(id, piece); };
    plan.items.push_back(std::move(item));
  }
  if (plan.items.size() != kPieces) {
    plan.remarks.push_back(fmt::format("{} pieces; the published data set has {}", plan.items.size(), kPieces));
  }
  return plan;
}

}  // namespace yourmt3
