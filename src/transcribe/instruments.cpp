#include "transcribe/instruments.h"

#include <algorithm>
#include <cctype>

#include "core/fail.h"
#include "score/program_groups.h"

namespace yourmt3 {
namespace {

/// "Singing Voice (chorus)" becomes "singing-voice-chorus".
std::string option_name(std::string_view title) {
  std::string name;
  for (const char c : title) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

std::vector<Instrument> make_instruments() {
  std::vector<Instrument> all;
  for (const ProgramClass& group : program_vocabulary("gm_plus").classes()) {
    const std::string family = option_name(group.name);
    all.push_back({family, family, group.programs});
    for (const ProgramClass& member : program_vocabulary("mt3_full_plus").classes()) {
      const bool inside =
          std::find(group.programs.begin(), group.programs.end(), member.representative()) != group.programs.end();
      const std::string name = option_name(member.name);
      if (inside && name != family) all.push_back({name, family, member.programs});
    }
  }
  all.push_back({"drums", "drums", {kDrumProgram}});
  return all;
}

}  // namespace

std::span<const Instrument> instruments() {
  static const std::vector<Instrument> all = make_instruments();
  return all;
}

const Instrument& find_instrument(std::string_view name) {
  const std::string_view wanted = name == "vocals" || name == "voice" ? "singing-voice" : name;
  for (const Instrument& instrument : instruments()) {
    if (instrument.name == wanted) return instrument;
  }
  fail(ErrorCode::kNotFound, "no instrument is named '{}'", name);
}

std::vector<Note> select_instruments(std::span<const Note> notes, std::span<const Instrument* const> wanted) {
  std::vector<Note> selected;
  for (const Note& note : notes) {
    const int program = note.is_drum ? kDrumProgram : note.program;
    const bool found = std::any_of(wanted.begin(), wanted.end(), [&](const Instrument* instrument) {
      return std::find(instrument->programs.begin(), instrument->programs.end(), program) != instrument->programs.end();
    });
    if (found) selected.push_back(note);
  }
  return selected;
}

}  // namespace yourmt3
