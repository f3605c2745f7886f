#include "score/note_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "score/midi_writer.h"
#include "score/note_text.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

class NoteFile : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& content) const {
    std::ofstream(folder_ / "file", std::ios::binary) << content;
    return folder_ / "file";
  }

  ErrorCode code_of(const std::filesystem::path& path) const {
    try {
      read_note_file(path);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(path.string()));
      return error.code();
    }
    ADD_FAILURE() << "no error";
    return ErrorCode::kCancelled;
  }

  const std::vector<Note> notes_{{false, 0, 0.5, 1.0, 60, 1}, {true, kDrumProgram, 1.0, 1.01, 36, 1}};
  testing::TemporaryFolder folder_;
};

TEST_F(NoteFile, KindIsToldByTheContent) {
  EXPECT_EQ(read_note_file(write(serialize_midi(notes_to_midi(notes_)))), notes_);
  EXPECT_EQ(read_note_file(write(notes_to_json(notes_))), notes_);
  EXPECT_EQ(read_note_file(write(notes_to_csv(notes_))), notes_);
}

TEST_F(NoteFile, VelocitiesOfMidiAreKeptOnRequest) {
  std::vector<Note> notes = notes_;
  notes[0].velocity = 77;
  const std::filesystem::path path = write(serialize_midi(notes_to_midi(notes)));
  EXPECT_EQ(read_note_file(path).at(0).velocity, 1);
  EXPECT_EQ(read_note_file_with_velocity(path).at(0).velocity, 77);
}

TEST_F(NoteFile, ErrorsNameTheFile) {
  EXPECT_EQ(code_of(write("")), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(write("some text\nonset_sec\n")), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(write("MThd")), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(write("{")), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(write("onset_sec\n")), ErrorCode::kMalformed);
  EXPECT_EQ(code_of(folder_ / "missing.mid"), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace yourmt3
