#include "notation/musicxml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>

#include "core/printable_text.h"
#include "core/xml_text.h"
#include "notation/drum_notation.h"
#include "score/midi_writer.h"
#include "yourmt3/note.h"
#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

const char* type_name(int level) {
  static constexpr std::array kNames = {"whole", "half", "quarter", "eighth", "16th", "32nd"};
  return kNames.at(static_cast<std::size_t>(level));
}

const char* beam_name(BeamState state) {
  static constexpr std::array kNames = {"begin", "continue", "end", "forward hook", "backward hook"};
  return kNames.at(static_cast<std::size_t>(state));
}

const char* accidental_name(int alter) {
  return alter == 0 ? "natural" : alter > 0 ? "sharp" : "flat";
}

struct ClefText {
  const char* sign;
  int line, octave_change;
};

ClefText clef_text(Clef clef) {
  switch (clef) {
    case Clef::kBass:
      return {"F", 4, 0};
    case Clef::kAlto:
      return {"C", 3, 0};
    case Clef::kTrebleOctaveLower:
      return {"G", 2, -1};
    case Clef::kBassOctaveLower:
      return {"F", 4, -1};
    case Clef::kPercussion:
      return {"percussion", 0, 0};
    default:
      return {"G", 2, 0};
  }
}

/// Appends lines, indented by the depth of open elements.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_.append(depth_, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  template <class... Args>
  void open(fmt::format_string<Args...> format, Args&&... args) {
    line(format, std::forward<Args>(args)...);
    ++depth_;
  }

  void close(std::string_view name) {
    --depth_;
    line("</{}>", name);
  }

 private:
  std::string& out_;
  std::size_t depth_ = 0;
};

/// Writes one part: what stands in <part>.
class PartXml {
 public:
  PartXml(const SheetMusic& sheet, std::size_t index, XmlWriter& xml)
      : sheet_(sheet), part_(sheet.parts[index]), id_(fmt::format("P{}", index + 1)), first_(index == 0), xml_(xml) {}

  /// The part's entry in <part-list>.
  void list() const {
    xml_.open("<score-part id=\"{}\">", id_);
    xml_.line("<part-name>{}</part-name>", xml_text(printable_text(part_.name)));
    if (is_drum()) {
      list_drums();
    } else {
      xml_.open("<score-instrument id=\"{}-I1\">", id_);
      xml_.line("<instrument-name>{}</instrument-name>", xml_text(printable_text(part_.name)));
      xml_.close("score-instrument");
      xml_.open("<midi-instrument id=\"{}-I1\">", id_);
      xml_.line("<midi-program>{}</midi-program>", midi_program(part_.program) + 1);
      xml_.close("midi-instrument");
    }
    xml_.close("score-part");
  }

  void write() const {
    xml_.open("<part id=\"{}\">", id_);
    const bool pickup = sheet_.measures.front().pickup;
    for (std::size_t i = 0; i < sheet_.measures.size(); ++i) {
      if (sheet_.measures[i].pickup) {
        xml_.open("<measure number=\"0\" implicit=\"yes\">");
      } else {
        xml_.open("<measure number=\"{}\">", pickup ? i : i + 1);
      }
      attributes(i);
      if (first_ && sheet_.measures[i].tempo_mark) tempo(*sheet_.measures[i].tempo_mark);
      voices(i);
      if (i + 1 == sheet_.measures.size()) {
        xml_.line("<barline location=\"right\"><bar-style>light-heavy</bar-style></barline>");
      }
      xml_.close("measure");
    }
    xml_.close("part");
  }

 private:
  bool is_drum() const { return part_.program == kDrumProgram; }

  void list_drums() const {
    std::map<int, std::string_view> keys;
    for (const auto& measure : part_.measures) {
      for (const VoiceMeasure& voice : measure) {
        for (const VoiceEvent& event : voice.events) {
          for (const NoteHead& head : event.heads) keys[head.pitch] = drum_symbol(head.pitch).name;
        }
      }
    }
    for (const auto& [key, name] : keys) {
      xml_.open("<score-instrument id=\"{}-I{}\">", id_, key + 1);
      xml_.line("<instrument-name>{}</instrument-name>", name);
      xml_.close("score-instrument");
    }
    for (const auto& [key, name] : keys) {
      xml_.open("<midi-instrument id=\"{}-I{}\">", id_, key + 1);
      xml_.line("<midi-channel>10</midi-channel>");
      xml_.line("<midi-program>1</midi-program>");
      xml_.line("<midi-unpitched>{}</midi-unpitched>", key + 1);
      xml_.close("midi-instrument");
    }
  }

  /// Beats that the signature of a measure shows; a pickup has that of the piece.
  int shown_beats(std::size_t index) const {
    return sheet_.measures[index].pickup ? sheet_.metre.beats_per_bar : sheet_.measures[index].beats;
  }

  void attributes(std::size_t index) const {
    const bool new_metre = index == 0 || shown_beats(index) != shown_beats(index - 1);
    if (!new_metre) return;
    xml_.open("<attributes>");
    if (index == 0) {
      xml_.line("<divisions>{}</divisions>", kQuarterDivisions);
      if (is_drum()) {
        xml_.line("<key><fifths>0</fifths></key>");
      } else {
        xml_.line("<key><fifths>{}</fifths><mode>{}</mode></key>", sheet_.key.fifths,
                  sheet_.key.minor ? "minor" : "major");
      }
    }
    const Metre shown{shown_beats(index), sheet_.metre.compound};
    xml_.line("<time><beats>{}</beats><beat-type>{}</beat-type></time>", shown.numerator(), shown.denominator());
    if (index == 0) clefs();
    xml_.close("attributes");
  }

  void clefs() const {
    const bool several = part_.staves.size() > 1;
    if (several) xml_.line("<staves>{}</staves>", part_.staves.size());
    for (std::size_t i = 0; i < part_.staves.size(); ++i) {
      const ClefText clef = clef_text(part_.staves[i]);
      const std::string number = several ? fmt::format(" number=\"{}\"", i + 1) : "";
      const std::string line = clef.line > 0 ? fmt::format("<line>{}</line>", clef.line) : "";
      const std::string change =
          clef.octave_change != 0 ? fmt::format("<clef-octave-change>{}</clef-octave-change>", clef.octave_change) : "";
      xml_.line("<clef{}><sign>{}</sign>{}{}</clef>", number, clef.sign, line, change);
    }
  }

  void tempo(double beats_per_minute) const {
    xml_.open("<direction placement=\"above\">");
    xml_.line(
        "<direction-type><metronome><beat-unit>quarter</beat-unit>{}<per-minute>{}</per-minute></metronome></"
        "direction-type>",
        sheet_.metre.compound ? "<beat-unit-dot/>" : "", beats_per_minute);
    xml_.line("<sound tempo=\"{}\"/>", beats_per_minute * sheet_.metre.quarters_per_beat());
    xml_.close("direction");
  }

  void voices(std::size_t index) const {
    bool begun = false;
    for (const VoiceMeasure& voice : part_.measures[index]) {
      if (begun) xml_.line("<backup><duration>{}</duration></backup>", sheet_.measures[index].divisions);
      begun = true;
      const bool shared = std::count_if(part_.measures[index].begin(), part_.measures[index].end(),
                                        [&](const VoiceMeasure& other) { return other.staff == voice.staff; }) > 1;
      for (const VoiceEvent& event : voice.events) {
        if (event.heads.empty()) note(voice, event, nullptr, false, shared);
        for (std::size_t i = 0; i < event.heads.size(); ++i) note(voice, event, &event.heads[i], i > 0, shared);
      }
    }
  }

  // The order of elements is that of the schema.
  void note(const VoiceMeasure& voice, const VoiceEvent& event, const NoteHead* head, bool in_chord,
            bool shared_staff) const {
    xml_.open("<note>");
    if (in_chord) xml_.line("<chord/>");
    place(event, head);
    xml_.line("<duration>{}</duration>", event.divisions);
    if (head != nullptr && head->tied_from_before) xml_.line("<tie type=\"stop\"/>");
    if (head != nullptr && head->tied_to_next) xml_.line("<tie type=\"start\"/>");
    if (head != nullptr && is_drum()) xml_.line("<instrument id=\"{}-I{}\"/>", id_, head->pitch + 1);
    xml_.line("<voice>{}</voice>", voice.voice);
    if (!event.whole_measure) value(event.value);
    if (head != nullptr && head->accidental)
      xml_.line("<accidental>{}</accidental>", accidental_name(*head->accidental));
    if (event.value.triplet) {
      xml_.line("<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>");
    }
    if (head != nullptr && shared_staff && event.value.level > 0) {
      xml_.line("<stem>{}</stem>", voice.voice % 4 == 1 ? "up" : "down");
    }
    if (head != nullptr && is_drum()) xml_.line("<notehead>{}</notehead>", drum_symbol(head->pitch).head);
    if (part_.staves.size() > 1) xml_.line("<staff>{}</staff>", voice.staff);
    if (!in_chord) {
      for (std::size_t i = 0; i < event.beams.size(); ++i) {
        xml_.line("<beam number=\"{}\">{}</beam>", i + 1, beam_name(event.beams[i]));
      }
    }
    notations(event, head, in_chord);
    xml_.close("note");
  }

  void place(const VoiceEvent& event, const NoteHead* head) const {
    if (head == nullptr) {
      xml_.line("{}", event.whole_measure ? "<rest measure=\"yes\"/>" : "<rest/>");
      return;
    }
    const Spelling& spelling = head->spelling;
    if (is_drum()) {
      xml_.line("<unpitched><display-step>{}</display-step><display-octave>{}</display-octave></unpitched>",
                spelling.step, spelling.octave);
      return;
    }
    const std::string alter = spelling.alter != 0 ? fmt::format("<alter>{}</alter>", spelling.alter) : "";
    xml_.line("<pitch><step>{}</step>{}<octave>{}</octave></pitch>", spelling.step, alter, spelling.octave);
  }

  void value(const NoteValue& value) const {
    xml_.line("<type>{}</type>", type_name(value.level));
    if (value.dotted) xml_.line("<dot/>");
  }

  void notations(const VoiceEvent& event, const NoteHead* head, bool in_chord) const {
    const bool tied = head != nullptr && (head->tied_from_before || head->tied_to_next);
    const bool tuplet = !in_chord && (event.tuplet_start || event.tuplet_stop);
    if (!tied && !tuplet) return;
    xml_.open("<notations>");
    if (tied && head->tied_from_before) xml_.line("<tied type=\"stop\"/>");
    if (tied && head->tied_to_next) xml_.line("<tied type=\"start\"/>");
    if (tuplet && event.tuplet_start) xml_.line("<tuplet type=\"start\"/>");
    if (tuplet && event.tuplet_stop) xml_.line("<tuplet type=\"stop\"/>");
    xml_.close("notations");
  }

  const SheetMusic& sheet_;
  const PartSheet& part_;
  std::string id_;
  bool first_;
  XmlWriter& xml_;
};

/// An A4 page with staves small enough that one system fits on it.
void write_page(const SheetMusic& sheet, XmlWriter& xml) {
  constexpr double kWidthMm = 210, kHeightMm = 297, kMarginMm = 12, kUsualStaffMm = 7;
  // A staff and the space below take two and a half times its height; a title takes 40 mm.
  constexpr double kStavesMm = (kHeightMm - 2 * kMarginMm - 40) / 2.7;
  std::size_t n_staves = 0;
  for (const PartSheet& part : sheet.parts) n_staves += part.staves.size();
  const double staff_mm = std::clamp(kStavesMm / static_cast<double>(n_staves), 1.5, kUsualStaffMm);
  const auto tenths = [&](double mm) { return std::round(mm / staff_mm * 40); };
  xml.open("<defaults>");
  xml.line("<scaling><millimeters>{:.2f}</millimeters><tenths>40</tenths></scaling>", staff_mm);
  xml.open("<page-layout>");
  xml.line("<page-height>{}</page-height>", tenths(kHeightMm));
  xml.line("<page-width>{}</page-width>", tenths(kWidthMm));
  xml.open("<page-margins type=\"both\">");
  for (const char* side : {"left", "right", "top", "bottom"}) {
    xml.line("<{0}-margin>{1}</{0}-margin>", side, tenths(kMarginMm));
  }
  xml.close("page-margins");
  xml.close("page-layout");
  xml.close("defaults");
}

}  // namespace

std::string sheet_to_musicxml(const SheetMusic& sheet) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE score-partwise PUBLIC \"-//Recordare//DTD MusicXML 4.0 Partwise//EN\""
      " \"http://www.musicxml.org/dtds/partwise.dtd\">\n";
  XmlWriter xml(out);
  xml.open("<score-partwise version=\"4.0\">");
  xml.line("<work><work-title>{}</work-title></work>", xml_text(printable_text(sheet.title)));
  xml.open("<identification>");
  xml.open("<encoding>");
  xml.line("<software>yourmt3 {}</software>", YOURMT3_VERSION);
  xml.line("<supports element=\"accidental\" type=\"yes\"/>");
  xml.line("<supports element=\"beam\" type=\"yes\"/>");
  xml.close("encoding");
  xml.close("identification");
  write_page(sheet, xml);
  xml.open("<part-list>");
  for (std::size_t i = 0; i < sheet.parts.size(); ++i) PartXml(sheet, i, xml).list();
  xml.close("part-list");
  for (std::size_t i = 0; i < sheet.parts.size(); ++i) PartXml(sheet, i, xml).write();
  xml.close("score-partwise");
  return out;
}

}  // namespace yourmt3
