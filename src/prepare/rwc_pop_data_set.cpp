#include "prepare/rwc_pop_data_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/lower_case.h"
#include "prepare/annotated_notes.h"
#include "prepare/recording.h"
#include "prepare/rwc_pop_notes.h"
#include "prepare/source_folder.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMapping = "wav_to_midi_filename_mapping.csv";
constexpr const char* kMetadata = "metadata-master/rwc-p.csv";
constexpr const char* kAlignedMidi = "AIST.RWC-MDB-P-2001.SMF_SYNC";
constexpr const char* kBassMidi = "MIDI-Bass-Octave-fixed-v2";

struct Piece {
  std::string id;  ///< "001".
  fs::path sound;
  fs::path midi;
  fs::path bass;  ///< Empty where there is none.
};

/// The package of the reference: a table from recordings to MIDI files. Its heading is the beginning of every folder's
/// name and the end of every file's.
std::vector<Piece> mapped_pieces(const fs::path& folder) {
  const TextTable table = TextTable::read(folder / kMapping, {',', false});
  std::vector<Piece> pieces;
  for (std::size_t row = 1; row < table.n_rows(); ++row) {
    Piece piece;
    piece.id = table.text(row, 2);
    piece.sound =
        folder / (table.text(0, 0) + table.text(row, 0)) / (table.text(row, 1) + " " + table.text(0, 1) + ".wav");
    piece.midi = folder / "MIDI" / (piece.id + ".mid");
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

/// "No. 7" and "Tr. 07" as 7.
int number_in(const TextTable& table, std::size_t row, std::size_t column) {
  std::string digits;
  for (const char c : table.text(row, column)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.empty() || digits.size() > 4) {
    fail(ErrorCode::kMalformed, "{}, line {}: '{}' has no number of a piece or track", kMetadata, table.line(row),
         table.text(row, column));
  }
  return std::stoi(digits);
}

/// The compact discs as mirdata expects them, with the aligned MIDI files of AIST.
std::vector<Piece> disc_pieces(const fs::path& folder) {
  const TextTable table = TextTable::read(folder / kMetadata, {});
  const std::size_t number = table.column("Piece No."), disc = table.column("Cat. Suffix"),
                    place = table.column("Tr. No.");
  std::error_code error;
  fs::path midi_folder = folder / kAlignedMidi;
  if (!fs::is_directory(midi_folder, error)) midi_folder = folder / "annotations" / kAlignedMidi;
  std::vector<Piece> pieces;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    Piece piece;
    piece.id = fmt::format("{:03}", number_in(table, row, number));
    piece.sound = folder / "audio" / ("rwc-p-" + lower_case(table.text(row, disc))) /
                  fmt::format("{}.wav", number_in(table, row, place));
    piece.midi = midi_folder / fmt::format("RM-P{}.SMF_SYNC.MID", piece.id);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

PreparedTrack one_mix(std::string id, std::string split, std::vector<Note> notes, bool complete) {
  PreparedTrack track;
  track.id = std::move(id);
  track.split = std::move(split);
  std::vector<int> programs = programs_of(notes);
  if (!complete) programs.push_back(kUnannotatedProgram);
  track.stems.push_back({programs.front(), "mix", std::move(notes), programs});
  return track;
}

PreparedItem read_piece(const Piece& piece) {
  PreparedItem item;
  add_recording(item, "mix", piece.sound);
  RwcPopNotes all;
  try {
    all = rwc_pop_notes(read_midi_file(piece.midi));
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(piece.midi.string())) throw;
    fail(error.code(), "{}: {}", piece.midi.string(), error.what());
  }
  if (all.notes.empty()) fail(ErrorCode::kMalformed, "{}: no notes in tracks after the first", piece.midi.string());
  if (!all.unknown.empty()) {
    item.remarks.push_back(fmt::format("{}: no rule knows what these tracks play, so their notes are not told: {}",
                                       piece.midi.filename().string(), fmt::join(all.unknown, ", ")));
  }
  PreparedTrack full = one_mix(piece.id + "_full", "test", std::move(all.notes), all.unknown.empty());
  full.lists = {"full"};
  item.tracks.push_back(std::move(full));
  if (piece.bass.empty()) return item;
  MidiNoteOptions options;
  options.channel_10_is_drums = true;
  options.ignore_pedal = true;
  // Not "test", where the same recording would be found twice.
  item.tracks.push_back(one_mix(piece.id + "_bass", "bass", read_midi_notes(piece.bass, options), false));
  return item;
}

}  // namespace

std::string RwcPopDataSet::layout() const {
  return fmt::format(
      "the package of the reference:\n"
      "  {}\n"
      "  the recordings that it names\n"
      "  MIDI/001.mid ...\n"
      "  {}/001_bass.mid ...\n"
      "or the compact discs:\n"
      "  {}\n"
      "  audio/rwc-p-m01/1.wav ...\n"
      "  {}/RM-P001.SMF_SYNC.MID ... (here or below annotations)\n"
      "  {}/001_bass.mid ... (for the bass)",
      kMapping, kBassMidi, kMetadata, kAlignedMidi, kBassMidi);
}

DataSetPlan RwcPopDataSet::plan(const fs::path& source, const DataSetOptions&) const {
  const fs::path package = source_folder(source, kMapping);
  const fs::path discs = package.empty() ? source_folder(source, kMetadata) : fs::path();
  const fs::path& folder = package.empty() ? discs : package;
  if (folder.empty()) {
    fail(ErrorCode::kNotFound, "{}: no RWC-Pop here; expected\n{}", source.string(), layout());
  }
  std::vector<Piece> pieces = package.empty() ? disc_pieces(folder) : mapped_pieces(folder);
  DataSetPlan plan;
  std::size_t n_bass = 0;
  for (Piece& piece : pieces) {
    std::error_code error;
    fs::path bass = folder / kBassMidi / (piece.id + "_bass.mid");
    PlannedItem item{piece.id, {piece.sound, piece.midi}, {}};
    if (fs::exists(bass, error)) {
      ++n_bass;
      piece.bass = bass;
      item.files.push_back(std::move(bass));
    }
    item.read = [piece] { return read_piece(piece); };
    plan.items.push_back(std::move(item));
  }
  std::sort(plan.items.begin(), plan.items.end(),
            [](const PlannedItem& a, const PlannedItem& b) { return a.id < b.id; });
  // Ten of the hundred pieces have no bass.
  if (n_bass * 10 < pieces.size() * 9) {
    plan.remarks.push_back(fmt::format("{} of {} pieces have a bass in {}; the published list 'bass' has 90 of 100",
                                       n_bass, pieces.size(), (folder / kBassMidi).string()));
  }
  return plan;
}

}  // namespace yourmt3
