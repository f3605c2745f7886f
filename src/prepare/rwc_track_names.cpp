#include "prepare/rwc_track_names.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {
namespace {

using Kind = RwcTrackRole::Kind;

struct Rule {
  RwcTrackRole role;
  std::vector<std::string_view> words;     ///< One of them is somewhere in the name.
  std::vector<std::string_view> excluded;  ///< None of them is.
  std::vector<std::string_view> exact;     ///< Or the whole name is one of these.

  bool holds(std::string_view name) const {
    const auto inside = [&](std::string_view word) { return name.find(word) != std::string_view::npos; };
    if (std::any_of(excluded.begin(), excluded.end(), inside)) return false;
    return std::any_of(words.begin(), words.end(), inside) ||
           std::find(exact.begin(), exact.end(), name) != exact.end();
  }
};

// Typing errors are those of the files. In this order, for "LEAD" is a guitar only where it is no synthesizer.
const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {{Kind::kProgram, kSingingProgram}, {"MELO", "VOCAL"}, {"SUB", "GT"}, {}},
      {{Kind::kProgram, kChorusProgram}, {"CHORUS", "SUB VOCAL", "SUB MELO"}, {"/", "GT"}, {}},
      {{Kind::kProgram, kDrumProgram}, {"DRUMS", "DR", "HIHAT", "BD&SD", "TOM", "KICK"}, {"ATOMOS"}, {"DS"}},
      {{Kind::kProgram, 0}, {"P.F.", "PF", "PIANO", "A.P", "CLAV", "CEMBAL", "HARPSI"}, {"E.PIANO", "MARIMBA"}, {}},
      {{Kind::kProgram, 2}, {"E.P"}, {}, {}},
      {{Kind::kProgram, 8},
       {"GLOCKEN", "VIBRA", "VIBE", "MARIMBA", "BELL", "CHIME", "CHAIM", "KALIMB", "CHIMRE", "MALLET"},
       {},
       {}},
      {{Kind::kProgram, 16}, {"ORG", "HAMO", "HARMONICA", "ACCORD"}, {}, {}},
      {{Kind::kProgram, 24},
       {"MANDORIN", "AG", "NYLON", "AC.G", "GUITAR", "A.G", "E.G", "GT", "G. SOLO", "CLEAN LEAD", "SITAR", "ATOMOS",
        "ATMOS", "CLEAN"},
       {"DIST", "DIS.", "D.", "E.G SOLO", "E.G.SOLO"},
       {}},
      {{Kind::kProgram, 30},
       {"OD L", "OD R", "DIS.", "DIST GT", "D.G", "DIST", "DIS.SOLO", "E.GUITAR (SOLO)", "E.G SOLO", "LEAD", "E.G.SOLO",
        "EG", "GT MELO"},
       {"PAD", "SYN.LEAD"},
       {}},
      {{Kind::kProgram, 33}, {"BASS"}, {}, {}},
      {{Kind::kProgram, 48},
       {"OR 2", "ST", "STR", "ORCH", "PIZZ", "HIT", "TIMPANI", "VIORA", "VIOLA", "VIOLIN", "VN", "VA", "VC", "HARP",
        "LO FI", "CHO", "VLN", "CELLO"},
       {"CHORUS", "HARPSI", "STEEL", "GUITAR", "PAD", "BRASS", "GT", "HORN"},
       {"OR"}},
      {{Kind::kProgram, 56}, {"BRAS", "TRUMP", "TP", "TB", "TROM", "HORN", "FLUGEL"}, {}, {}},
      {{Kind::kProgram, 64}, {"SAX", "OBOE", "BASS"}, {"SYNSAX"}, {}},
      {{Kind::kProgram, 72}, {"FLUTE", "PICO", "BOTTLE", "GAYA"}, {}, {}},
      {{Kind::kProgram, 80},
       {"S SOLO", "SYN SOLO", "SOLO SYNTH", "SYNTH SOLO", "SYN.LEAD", "SYNTH(SEQ)", "PORTASYN", "SQ", "SEQ", "VOICE"},
       {},
       {}},
      {{Kind::kProgram, 88},
       {"SYNTH", "SYN", "PAD", "FANTASIA", "BRIGHTNESS", "FANTASY"},
       {"SYNBELL", "PORTA", "SOLO", "SEQ", "LEAD", "ORGAN", "BRAS", "BASS", "TROM"},
       {}},
      {{Kind::kDropped, 0},
       {"INTRO SE", "WOW", "PERC", "EXC", "REVERSE", "GONG", "PER.", "RAP", "REV", "S.E", "LASER", "LESER",
        "TAMBOURINE", "KANE", "PER", "SHAKER", "RWC-MDB"},
       {},
       {"SE", "EX", "808", "ICERAIN"}},
      {{Kind::kOwnProgram, 0}, {"KIRA", "KILA", "ETHNIC&GK"}, {}, {"FUE", "OU-01A"}},
  };
  return all;
}

}  // namespace

RwcTrackRole rwc_track_role(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const Rule& rule : rules()) {
    if (rule.holds(upper)) return rule.role;
  }
  return {};
}

int rwc_own_program(int program) {
  switch (program) {
    case 9:
    case 11:
      return 8;
    case 74:
      return 72;
    case 94:
      return 80;
    case 98:
    case 100:
      return 88;
    default:
      return program;
  }
}

}  // namespace yourmt3
