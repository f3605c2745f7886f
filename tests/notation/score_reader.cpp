#include "score_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "xml_tree.h"

namespace yourmt3::testing {
namespace {

// Source: MusicXML 4.0, type "note".
constexpr std::array<std::string_view, 18> kNoteOrder = {
    "chord", "pitch",      "unpitched",         "rest", "duration", "tie",   "instrument", "voice",     "type",
    "dot",   "accidental", "time-modification", "stem", "notehead", "staff", "beam",       "notations", "lyric"};
constexpr std::array<std::string_view, 5> kAttributesOrder = {"divisions", "key", "time", "staves", "clef"};

class ScoreReader {
 public:
  ReadScore read(const XmlElement& root) {
    if (root.name != "score-partwise" || root.attributes.at("version") != "4.0") stop("not a score of MusicXML 4.0");
    score_.title = root.find("work")->text_of("work-title");
    std::vector<std::string> ids;
    for (const XmlElement& entry : root.find("part-list")->children) ids.push_back(list_part(entry));
    std::vector<std::string> found;
    for (const XmlElement& child : root.children) {
      if (child.name != "part") continue;
      found.push_back(child.attributes.at("id"));
      read_part(child);
      ++part_;
    }
    if (found != ids) stop("parts are not those of the list");
    std::sort(score_.notes.begin(), score_.notes.end());
    return std::move(score_);
  }

 private:
  /// What a voice has begun and not ended.
  struct OpenVoice {
    std::map<int, std::size_t> ties;       // Into the event that is read, by pitch: index of the note that goes on.
    std::map<int, std::size_t> next_ties;  // Out of it, into the next one,
    int tie_end = 0;                       // which begins here.
    std::set<int> beams;
    bool triplet = false;
    int triplet_length = 0;
  };

  [[noreturn]] void stop(const std::string& what) const {
    throw std::runtime_error("part " + std::to_string(part_) + ", measure " + std::to_string(measure_) + ": " + what);
  }

  void require(bool holds, const std::string& what) const {
    if (!holds) stop(what);
  }

  std::string list_part(const XmlElement& entry) {
    score_.part_names.push_back(entry.text_of("part-name"));
    for (const XmlElement& child : entry.children) {
      if (child.name != "midi-instrument") continue;
      const std::string& id = child.attributes.at("id");
      if (child.find("midi-unpitched") != nullptr) keys_[id] = child.number_of("midi-unpitched") - 1;
      const int program = child.number_of("midi-program");
      require(program >= 1 && program <= 128, "program out of range");
      if (score_.programs.size() < score_.part_names.size()) score_.programs.push_back(program - 1);
    }
    return entry.attributes.at("id");
  }

  template <std::size_t N>
  void require_order(const XmlElement& parent, const std::array<std::string_view, N>& order) const {
    std::size_t place = 0;
    for (const XmlElement& child : parent.children) {
      const auto found = static_cast<std::size_t>(std::find(order.begin(), order.end(), child.name) - order.begin());
      require(found < N, "unknown <" + child.name + "> in <" + parent.name + ">");
      require(found >= place, "<" + child.name + "> too late in <" + parent.name + ">");
      place = found;
    }
  }

  void read_part(const XmlElement& part) {
    int begin = 0;
    measure_ = 0;
    open_.clear();
    for (const XmlElement& measure : part.children) {
      require(measure.name == "measure", "no measure");
      begin += read_measure(measure, begin);
      ++measure_;
    }
    for (const auto& [voice, open] : open_) require(open.ties.empty() && open.next_ties.empty(), "a tie into nothing");
    require(measure_ == score_.bar_begins.size(), "parts with different numbers of measures");
  }

  int read_measure(const XmlElement& measure, int begin) {
    int at = 0, length = -1;
    std::map<int, int> filled;  // By voice.
    for (const XmlElement& child : measure.children) {
      if (child.name == "attributes") {
        read_attributes(child);
      } else if (child.name == "direction") {
        if (score_.tempo == 0) score_.tempo = std::stod(child.find("sound")->attributes.at("tempo"));
      } else if (child.name == "backup") {
        require(length < 0 || length == at, "voices of different lengths");
        length = at;
        at -= child.number_of("duration");
        require(at == 0, "a backup not to the start");
        for (const auto& [voice, open] : open_)
          require(open.beams.empty() && !open.triplet, "a beam or triplet left open");
      } else if (child.name == "note") {
        const int duration = read_note(child, begin + at);
        if (child.find("chord") == nullptr) {
          at += duration;
          filled[child.number_of("voice")] += duration;
        }
      } else {
        require(child.name == "barline", "unknown <" + child.name + ">");
      }
    }
    require(length < 0 || length == at, "voices of different lengths");
    for (const auto& [voice, duration] : filled) require(duration == at, "a voice twice in a measure");
    for (const auto& [voice, open] : open_) require(open.beams.empty() && !open.triplet, "a beam or triplet left open");
    const bool implicit = measure.attributes.count("implicit") > 0;
    require(implicit ? at < bar_ && measure_ == 0 : at == bar_, "a measure of " + std::to_string(at));
    if (part_ == 0) {
      score_.bar_begins.push_back(begin);
      score_.metres.push_back(metre_);
    }
    require(measure_ < score_.bar_begins.size() && score_.bar_begins[measure_] == begin &&
                score_.metres[measure_] == metre_,
            "parts disagree");
    return at;
  }

  void read_attributes(const XmlElement& attributes) {
    require_order(attributes, kAttributesOrder);
    if (attributes.find("divisions") != nullptr) score_.divisions = attributes.number_of("divisions");
    const XmlElement* key = attributes.find("key");
    if (key != nullptr && key->find("mode") != nullptr) {
      score_.fifths = key->number_of("fifths");
      score_.mode = key->text_of("mode");
    }
    if (const XmlElement* time = attributes.find("time")) {
      metre_ = time->text_of("beats") + "/" + time->text_of("beat-type");
      bar_ = time->number_of("beats") * 4 * score_.divisions / time->number_of("beat-type");
    }
  }

  int pitch_of(const XmlElement& note) const {
    if (note.find("unpitched") != nullptr) return keys_.at(note.find("instrument")->attributes.at("id"));
    const XmlElement& pitch = *note.find("pitch");
    static const std::map<std::string, int> steps = {{"C", 0}, {"D", 2}, {"E", 4}, {"F", 5},
                                                     {"G", 7}, {"A", 9}, {"B", 11}};
    const int octave = pitch.number_of("octave");
    require(octave >= 0 && octave <= 9, "octave out of range");
    const int alter = pitch.find("alter") != nullptr ? pitch.number_of("alter") : 0;
    return 12 * (octave + 1) + steps.at(pitch.text_of("step")) + alter;
  }

  int read_note(const XmlElement& note, int begin) {
    require_order(note, kNoteOrder);
    const int duration = note.number_of("duration");
    require(duration > 0, "a note without length");
    const bool chord = note.find("chord") != nullptr;
    if (chord) begin -= duration;
    OpenVoice& voice = open_[note.number_of("voice")];
    require_value(note, duration);
    if (!chord) {
      read_groups(note, duration, voice);
      require(voice.ties.empty(), "a tie into nothing");
      std::swap(voice.ties, voice.next_ties);
      require(voice.ties.empty() || voice.tie_end == begin, "a tie over a gap");
    }
    if (note.find("rest") == nullptr) read_pitch(note, begin, duration, voice);
    return duration;
  }

  void read_pitch(const XmlElement& note, int begin, int duration, OpenVoice& voice) {
    bool from_before = false, to_next = false;
    for (const XmlElement& child : note.children) {
      if (child.name == "tie") (child.attributes.at("type") == "stop" ? from_before : to_next) = true;
    }
    const int pitch = pitch_of(note);
    const auto tied = voice.ties.find(pitch);
    require(from_before == (tied != voice.ties.end()), "a tie from nothing or into nothing");
    std::size_t index = score_.notes.size();
    if (from_before) {
      index = tied->second;
      score_.notes[index].end = begin + duration;
      voice.ties.erase(tied);
    } else {
      score_.notes.push_back({part_, begin, begin + duration, pitch});
    }
    if (to_next) voice.next_ties[pitch] = index;
    voice.tie_end = begin + duration;
  }

  void require_value(const XmlElement& note, int duration) const {
    const XmlElement* rest = note.find("rest");
    if (rest != nullptr && rest->attributes.count("measure") > 0) {
      require(note.find("type") == nullptr, "a type of a rest of a measure");
      return;
    }
    static const std::map<std::string, int> parts = {{"whole", 1},  {"half", 2},  {"quarter", 4},
                                                     {"eighth", 8}, {"16th", 16}, {"32nd", 32}};
    double quarters = 4.0 / parts.at(note.text_of("type"));
    if (note.find("dot") != nullptr) quarters *= 1.5;
    if (const XmlElement* change = note.find("time-modification")) {
      quarters *= static_cast<double>(change->number_of("normal-notes")) / change->number_of("actual-notes");
    }
    require(duration == quarters * score_.divisions, "a value that is not as long as its duration");
  }

  void read_groups(const XmlElement& note, int duration, OpenVoice& voice) {
    const XmlElement* notations = note.find("notations");
    const bool triplet = note.find("time-modification") != nullptr;
    bool start = false, end = false;
    if (notations != nullptr) {
      for (const XmlElement& child : notations->children) {
        if (child.name == "tuplet") (child.attributes.at("type") == "start" ? start : end) = true;
      }
    }
    require(!start || !voice.triplet, "a triplet in a triplet");
    if (start) voice.triplet = true, voice.triplet_length = 0;
    require(triplet == voice.triplet, "a triplet without its bracket");
    if (voice.triplet) voice.triplet_length += duration;
    if (end) {
      require(voice.triplet_length == score_.divisions, "a triplet that is no quarter");
      voice.triplet = false;
    }
    std::set<int> beams;
    for (const XmlElement& child : note.children) {
      if (child.name != "beam") continue;
      const int number = std::stoi(child.attributes.at("number"));
      const bool open = voice.beams.count(number) > 0;
      if (child.text == "begin") require(!open, "a beam that begins twice");
      if (child.text == "continue" || child.text == "end") require(open, "a beam without a beginning");
      if (child.text == "begin" || child.text == "continue") beams.insert(number);
    }
    voice.beams = beams;
  }

  ReadScore score_;
  int part_ = 0;
  std::size_t measure_ = 0;
  std::map<std::string, int> keys_;
  std::map<int, OpenVoice> open_;
  std::string metre_;
  int bar_ = 0;
};

}  // namespace

ReadScore read_score(std::string_view musicxml) {
  return ScoreReader().read(parse_xml(musicxml));
}

}  // namespace yourmt3::testing
