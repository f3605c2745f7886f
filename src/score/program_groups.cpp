#include "score/program_groups.h"

#include <numeric>
#include <utility>

#include <fmt/ranges.h>

#include "core/fail.h"

namespace yourmt3 {

namespace {

std::vector<int> range(int first, int last) {
  std::vector<int> programs(static_cast<std::size_t>(last - first + 1));
  std::iota(programs.begin(), programs.end(), first);
  return programs;
}

std::vector<ProgramClass> operator+(std::vector<ProgramClass> a, const std::vector<ProgramClass>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Source: the vocabulary tables of the reference implementation; the first program stands for its class.

std::vector<ProgramClass> gm_classes() {
  return {{"Piano", range(0, 7)},      {"Chromatic Percussion", range(8, 15)},
          {"Organ", range(16, 23)},    {"Guitar", range(24, 31)},
          {"Bass", range(32, 39)},     {"Strings", range(40, 55)},
          {"Brass", range(56, 63)},    {"Reed", range(64, 71)},
          {"Pipe", range(72, 79)},     {"Synth Lead", range(80, 87)},
          {"Synth Pad", range(88, 95)}};
}

std::vector<ProgramClass> mt3_full_classes() {
  return {{"Acoustic Piano", {0, 1, 3, 6, 7}},
          {"Electric Piano", {2, 4, 5}},
          {"Chromatic Percussion", range(8, 15)},
          {"Organ", range(16, 23)},
          {"Acoustic Guitar", {24, 25}},
          {"Clean Electric Guitar", {26, 27, 28}},
          {"Distorted Electric Guitar", {29, 30, 31}},
          {"Acoustic Bass", {32, 35}},
          {"Electric Bass", {33, 34, 36, 37, 38, 39}},
          {"Violin", {40}},
          {"Viola", {41}},
          {"Cello", {42}},
          {"Contrabass", {43}},
          {"Orchestral Harp", {46}},
          {"Timpani", {47}},
          {"String Ensemble", {48, 49, 44, 45}},
          {"Synth Strings", {50, 51}},
          {"Choir and Voice", {52, 53, 54}},
          {"Orchestra Hit", {55}},
          {"Trumpet", {56, 59}},
          {"Trombone", {57}},
          {"Tuba", {58}},
          {"French Horn", {60}},
          {"Brass Section", {61, 62, 63}},
          {"Soprano/Alto Sax", {64, 65}},
          {"Tenor Sax", {66}},
          {"Baritone Sax", {67}},
          {"Oboe", {68}},
          {"English Horn", {69}},
          {"Bassoon", {70}},
          {"Clarinet", {71}},
          {"Pipe", {73, 72, 74, 75, 76, 77, 78, 79}},
          {"Synth Lead", range(80, 87)},
          {"Synth Pad", range(88, 95)}};
}

std::vector<ProgramClass> gm_ext_classes() {
  return {{"Acoustic Piano", {0, 1, 3, 6, 7}},
          {"Electric Piano", {2, 4, 5}},
          {"Chromatic Percussion", range(8, 15)},
          {"Organ", range(16, 23)},
          {"Guitar (clean)", range(24, 27)},
          {"Guitar (distortion)", {30, 28, 29, 31}},
          {"Bass", {33, 32, 34, 35, 36, 37, 38, 39}},
          {"Strings", {48, 40, 41, 42, 43, 44, 45, 46, 47, 49, 50, 51, 52, 53, 54, 55}},
          {"Brass", range(56, 63)},
          {"Reed", range(64, 71)},
          {"Pipe", range(72, 79)},
          {"Synth Lead", range(80, 87)},
          {"Synth Pad", range(88, 95)}};
}

std::vector<ProgramClass> gm_full_classes() {
  const char* const names[] = {"Acoustic Grand Piano",
                               "Bright Acoustic Piano",
                               "Electric Grand Piano",
                               "Honky-tonk Piano",
                               "Electric Piano 1",
                               "Electric Piano 2",
                               "Harpsichord",
                               "Clavinet",
                               "Celesta",
                               "Glockenspiel",
                               "Music Box",
                               "Vibraphone",
                               "Marimba",
                               "Xylophone",
                               "Tubular Bells",
                               "Dulcimer",
                               "Drawbar Organ",
                               "Percussive Organ",
                               "Rock Organ",
                               "Church Organ",
                               "Reed Organ",
                               "Accordion",
                               "Harmonica",
                               "Tango Accordion",
                               "Acoustic Guitar (nylon)",
                               "Acoustic Guitar (steel)",
                               "Electric Guitar (jazz)",
                               "Electric Guitar (clean)",
                               "Electric Guitar (muted)",
                               "Overdriven Guitar",
                               "Distortion Guitar",
                               "Guitar Harmonics",
                               "Acoustic Bass",
                               "Electric Bass (finger)",
                               "Electric Bass (pick)",
                               "Fretless Bass",
                               "Slap Bass 1",
                               "Slap Bass 2",
                               "Synth Bass 1",
                               "Synth Bass 2",
                               "Violin",
                               "Viola",
                               "Cello",
                               "Contrabass",
                               "Tremolo Strings",
                               "Pizzicato Strings",
                               "Orchestral Harp",
                               "Timpani",
                               "String Ensemble 1",
                               "String Ensemble 2",
                               "Synth Strings 1",
                               "Synth Strings 2",
                               "Choir Aahs",
                               "Voice Oohs",
                               "Synth Choir",
                               "Orchestra Hit",
                               "Trumpet",
                               "Trombone",
                               "Tuba",
                               "Muted Trumpet",
                               "French Horn",
                               "Brass Section",
                               "Synth Brass 1",
                               "Synth Brass 2",
                               "Soprano Sax",
                               "Alto Sax",
                               "Tenor Sax",
                               "Baritone Sax",
                               "Oboe",
                               "English Horn",
                               "Bassoon",
                               "Clarinet",
                               "Piccolo",
                               "Flute",
                               "Recorder",
                               "Pan Flute",
                               "Bottle Blow",
                               "Shakuhachi",
                               "Whistle",
                               "Ocarina",
                               "Lead 1 (square)",
                               "Lead 2 (sawtooth)",
                               "Lead 3 (calliope)",
                               "Lead 4 (chiff)",
                               "Lead 5 (charang)",
                               "Lead 6 (voice)",
                               "Lead 7 (fifths)",
                               "Lead 8 (bass + lead)",
                               "Pad 1 (new age)",
                               "Pad 2 (warm)",
                               "Pad 3 (polysynth)",
                               "Pad 4 (choir)",
                               "Pad 5 (bowed)",
                               "Pad 6 (metallic)",
                               "Pad 7 (halo)",
                               "Pad 8 (sweep)"};
  std::vector<ProgramClass> classes;
  for (const char* name : names) classes.push_back({name, {static_cast<int>(classes.size())}});
  return classes;
}

const std::vector<ProgramVocabulary>& all_vocabularies() {
  static const std::vector<ProgramVocabulary> all = [] {
    const std::vector<ProgramClass> singing{{"Singing Voice", {kSingingProgram, kChorusProgram}}};
    const std::vector<ProgramClass> singing_and_chorus{{"Singing Voice", {kSingingProgram}},
                                                       {"Singing Voice (chorus)", {kChorusProgram}}};
    return std::vector<ProgramVocabulary>{{"gm", gm_classes()},
                                          {"gm_plus", gm_classes() + singing},
                                          {"gm_ext_plus", gm_ext_classes() + singing_and_chorus},
                                          {"gm_full", gm_full_classes()},
                                          {"mt3_midi", gm_classes()},
                                          {"mt3_midi_plus", gm_classes() + singing},
                                          {"mt3_full", mt3_full_classes()},
                                          {"mt3_full_plus", mt3_full_classes() + singing_and_chorus}};
  }();
  return all;
}

}  // namespace

ProgramVocabulary::ProgramVocabulary(std::string name, std::vector<ProgramClass> classes)
    : name_(std::move(name)), classes_(std::move(classes)) {
  class_of_.fill(-1);
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    for (const int program : classes_[i].programs)
      class_of_.at(static_cast<std::size_t>(program)) = static_cast<int>(i);
  }
}

int ProgramVocabulary::class_of(int program) const {
  return program >= 0 && program < 128 ? class_of_[static_cast<std::size_t>(program)] : -1;
}

int ProgramVocabulary::representative(int program) const {
  const int index = class_of(program);
  return index < 0 ? program : classes_[static_cast<std::size_t>(index)].representative();
}

std::string ProgramVocabulary::instrument_name(int program) const {
  if (program == kDrumProgram) return "Drums";
  const int index = class_of(program);
  return index < 0 ? fmt::format("Prg. {}", program) : classes_[static_cast<std::size_t>(index)].name;
}

std::span<const std::string_view> program_vocabulary_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const ProgramVocabulary& vocabulary : all_vocabularies()) list.push_back(vocabulary.name());
    return list;
  }();
  return names;
}

const ProgramVocabulary& program_vocabulary(std::string_view name) {
  for (const ProgramVocabulary& vocabulary : all_vocabularies()) {
    if (vocabulary.name() == name) return vocabulary;
  }
  fail(ErrorCode::kNotFound, "no program vocabulary '{}', expected one of: {}", name,
       fmt::join(program_vocabulary_names(), ", "));
}

int channel_of_13(int program) {
  static const ProgramVocabulary& groups = program_vocabulary("gm_plus");
  return program == kDrumProgram ? static_cast<int>(groups.classes().size()) : groups.class_of(program);
}

std::vector<Note> to_representatives(std::span<const Note> notes, const ProgramVocabulary& vocabulary) {
  std::vector<Note> mapped(notes.begin(), notes.end());
  for (Note& note : mapped) {
    if (!note.is_drum) note.program = vocabulary.representative(note.program);
  }
  return mapped;
}

}  // namespace yourmt3
