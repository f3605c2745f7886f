#include "score/note_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

const std::vector<Note> kNotes{{false, 0, 0.1, 1.0 / 3, 60, 1}, {true, kDrumProgram, 1, 1.01, 36, 1}};

template <class Read>
std::string error_of(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(NoteText, CsvNamesItsColumnsAndInstruments) {
  EXPECT_EQ(notes_to_csv(kNotes),
            "onset_sec,offset_sec,pitch,program,is_drum,velocity,instrument\n"
            "0.1,0.3333333333333333,60,0,0,1,Acoustic Piano\n"
            "1,1.01,36,128,1,1,Drums\n");
}

TEST(NoteText, JsonIsReadBack) {
  EXPECT_EQ(notes_from_json(notes_to_json(kNotes)), kNotes);
  EXPECT_TRUE(notes_from_json(notes_to_json({})).empty());
  EXPECT_THAT(notes_to_json(kNotes), HasSubstr("\"instrument\":\"Acoustic Piano\""));
}

TEST(NoteText, CsvColumnsMayStandInAnyOrder) {
  EXPECT_EQ(notes_from_csv("pitch,program,comment,offset_sec,onset_sec\r\n60,0,loud,2,1\r\n\r\n36,128,,4,3\r\n"),
            (std::vector<Note>{{false, 0, 1, 2, 60, 1}, {true, kDrumProgram, 3, 4, 36, 1}}));
}

TEST(NoteText, ConfidenceIsWrittenWhereThereIsOne) {
  std::vector<Note> notes = kNotes;
  notes[1].confidence = 0.8214;
  EXPECT_EQ(notes_to_csv(notes),
            "onset_sec,offset_sec,pitch,program,is_drum,velocity,instrument,confidence\n"
            "0.1,0.3333333333333333,60,0,0,1,Acoustic Piano,\n"
            "1,1.01,36,128,1,1,Drums,0.8214\n");
  EXPECT_EQ(notes_from_csv(notes_to_csv(notes)), notes);
  EXPECT_THAT(notes_to_json(notes), HasSubstr("\"instrument\":\"Drums\",\"confidence\":0.8214}"));
  EXPECT_EQ(notes_from_json(notes_to_json(notes)), notes);
  notes[1].confidence = 1.5;
  EXPECT_THAT(error_of([&] { notes_from_json(notes_to_json(notes)); }), HasSubstr("note 1: confidence 1.5"));
  EXPECT_THAT(error_of([&] { notes_from_csv(notes_to_csv(notes)); }), HasSubstr("line 3: confidence 1.5"));
}

TEST(NoteText, BadCsvIsNamedByItsLine) {
  const std::string heading = "onset_sec,offset_sec,pitch,program\n";
  EXPECT_THAT(error_of([] { notes_from_csv(""); }), HasSubstr("line 1"));
  EXPECT_THAT(error_of([&] { notes_from_csv("onset_sec," + heading); }), HasSubstr("line 1"));
  EXPECT_THAT(error_of([&] { notes_from_csv(heading + "1,2,60,0\n1,2,60\n"); }), HasSubstr("line 3: found 3 cells"));
  EXPECT_THAT(error_of([&] { notes_from_csv(heading + "1,2,60 ,0"); }), HasSubstr("line 2: '60 '"));
  EXPECT_THAT(error_of([&] { notes_from_csv(heading + "1,nan,60,0"); }), HasSubstr("line 2: onset 1"));
  EXPECT_THAT(error_of([&] { notes_from_csv(heading + "1,2,128,0"); }), HasSubstr("pitch 128"));
}

TEST(NoteText, BadJsonIsNamedByItsPlace) {
  const auto with_note = [](const std::string& note) {
    return R"({"format": "yourmt3-notes", "version": 1, "notes": [)" + note + "]}";
  };
  EXPECT_THAT(error_of([] { notes_from_json("[1, 2"); }), HasSubstr("notes as JSON"));
  EXPECT_THAT(error_of([] { notes_from_json("[]"); }), HasSubstr("notes as JSON"));
  EXPECT_THAT(error_of([] { notes_from_json(R"({"format": "other"})"); }), HasSubstr("yourmt3-notes"));
  EXPECT_THAT(error_of([] { notes_from_json(R"({"format": "yourmt3-notes", "version": 2})"); }), HasSubstr("version"));
  EXPECT_THAT(error_of([&] { notes_from_json(with_note("{}")); }), HasSubstr("onset_sec"));
  EXPECT_THAT(
      error_of([&] { notes_from_json(with_note(R"({"onset_sec": 1, "offset_sec": 2, "pitch": 300, "program": 0})")); }),
      HasSubstr("note 0"));
  EXPECT_THAT(error_of([&] {
                notes_from_json(with_note(R"({"onset_sec": 1, "offset_sec": 2, "pitch": 60, "program": 1e65})"));
              }),
              HasSubstr("1e+65 is no pitch, program or velocity"));
}

}  // namespace
}  // namespace yourmt3
