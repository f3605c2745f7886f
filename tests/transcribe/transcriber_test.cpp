#include "yourmt3/transcriber.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "score/note_file.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"
#include "yourmt3/notation.h"
#include "yourmt3/yourmt3.h"

namespace yourmt3 {
namespace {

using testing::TemporaryFolder;

class TranscriberTest : public ::testing::Test {
 protected:
  TranscriberTest() {
    testing::save_tiny_model(model_);
    std::ofstream(audio_, std::ios::binary) << testing::wav_bytes(samples_, testing::WavSample::kF32);
  }

  TemporaryFolder folder_;
  std::filesystem::path model_ = folder_ / "tiny.safetensors";
  std::filesystem::path audio_ = folder_ / "tones.wav";
  std::vector<float> samples_ = testing::tones(5);
};

TEST_F(TranscriberTest, AFileAndItsSamplesGiveTheSameNotes) {
  const Transcriber transcriber(model_);
  const Transcription from_file = transcriber.transcribe_file(audio_);
  const Transcription from_samples = transcriber.transcribe_samples(samples_, 1, 16000);
  ASSERT_FALSE(from_file.notes.empty());
  EXPECT_EQ(from_file.notes, from_samples.notes);
  EXPECT_DOUBLE_EQ(from_file.duration_sec, 5);
}

TEST_F(TranscriberTest, SeveralFilesGiveWhatEachGivesAlone) {
  const Transcriber transcriber(model_);
  const std::vector<Note> expected = transcriber.transcribe_file(audio_).notes;
  const std::vector<std::filesystem::path> files = {audio_, folder_ / "none.wav", audio_};
  std::string outcomes;
  std::size_t n_begun = 0;
  Transcriber::Recordings recordings;
  recordings.next = [&]() -> std::optional<std::filesystem::path> {
    if (n_begun == files.size()) return std::nullopt;
    return files[n_begun++];
  };
  recordings.done = [&](const Transcription& heard) {
    EXPECT_EQ(heard.notes, expected);
    outcomes += "done ";
  };
  recordings.failed = [&](const Error& error) { outcomes += std::string(to_string(error.code())) + " "; };
  transcriber.transcribe_files(recordings);
  EXPECT_EQ(outcomes, "done not_found done ");

  n_begun = 0;
  recordings.progress = [](double, double) { return false; };
  EXPECT_THROW(transcriber.transcribe_files(recordings), Error);
}

TEST_F(TranscriberTest, ChannelsAreAveraged) {
  const Transcriber transcriber(model_);
  std::vector<float> stereo;
  for (const float sample : samples_) stereo.insert(stereo.end(), {1.5f * sample, 0.5f * sample});
  const Transcription heard = transcriber.transcribe_samples(stereo, 2, 16000);
  EXPECT_DOUBLE_EQ(heard.duration_sec, 5);
  EXPECT_EQ(transcriber.transcribe_samples(samples_, 1, 16000).notes.size(), heard.notes.size());
}

TEST_F(TranscriberTest, RefusesSamplesThatMakeNoSense) {
  const Transcriber transcriber(model_);
  const auto code_of = [&](std::vector<float> samples, int n_channels, int rate) {
    try {
      transcriber.transcribe_samples(samples, n_channels, rate);
    } catch (const Error& error) {
      return std::string(to_string(error.code()));
    }
    return std::string("none");
  };
  EXPECT_EQ(code_of({0.f, 0.f}, 1, 16000), "none");
  EXPECT_EQ(code_of({0.f, 0.f, 0.f}, 2, 16000), "invalid_argument");
  EXPECT_EQ(code_of({0.f}, 0, 16000), "invalid_argument");
  EXPECT_EQ(code_of({0.f}, 1, 0), "invalid_argument");
  EXPECT_EQ(code_of({0.f, std::nanf("")}, 1, 16000), "invalid_argument");
  EXPECT_EQ(code_of({std::numeric_limits<float>::infinity()}, 1, 16000), "invalid_argument");
}

TEST_F(TranscriberTest, MissingFilesAreNotFound) {
  EXPECT_THROW(Transcriber(folder_ / "none.safetensors"), Error);
  const Transcriber transcriber(model_);
  try {
    transcriber.transcribe_file(folder_ / "none.wav");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

TEST_F(TranscriberTest, TellsThePrecisionThatItChose) {
  for (const Precision wanted : {Precision::kF32, Precision::kBf16, Precision::kInt8}) {
    EXPECT_EQ(Transcriber(model_, {.precision = wanted}).precision(), wanted);
  }
  EXPECT_NE(Transcriber(model_).precision(), Precision::kAuto);
}

TEST_F(TranscriberTest, TokensAreChosenAsAsked) {
  const Transcriber transcriber(model_);
  const std::vector<Note> all = transcriber.transcribe_file(audio_).notes;
  const Transcriber organ = transcriber.with({.only = {"organ"}});
  const std::vector<Note> heard = organ.transcribe_file(audio_).notes;
  ASSERT_FALSE(heard.empty());
  for (const Note& note : heard) EXPECT_EQ(note.program, 16);
  EXPECT_EQ(Transcriber(model_, {.decoding = {.only = {"organ"}}}).transcribe_file(audio_).notes, heard);
  EXPECT_EQ(organ.with({}).transcribe_file(audio_).notes, all);
  EXPECT_EQ(transcriber.with({.constrained = true}).transcribe_file(audio_).notes, all);
  EXPECT_THROW(transcriber.with({.only = {"kazoo"}}), Error);
  EXPECT_THROW(Transcriber(model_, {.decoding = {.only = {"organ"}, .without = {"organ"}}}), Error);
}

TEST_F(TranscriberTest, TokensAreChosenAsAskedByTheCInterface) {
  yourmt3_transcriber *all = nullptr, *some = nullptr;
  ASSERT_EQ(yourmt3_transcriber_open(model_.c_str(), 1, &all), YOURMT3_OK);
  EXPECT_EQ(yourmt3_transcriber_with(all, "kazoo", nullptr, YOURMT3_CONSTRAINED_AS_MODEL, &some), YOURMT3_NOT_FOUND);
  ASSERT_EQ(yourmt3_transcriber_with(all, "organ,drums", "drums", YOURMT3_CONSTRAINED_YES, &some), YOURMT3_OK);
  yourmt3_transcriber_close(all);
  yourmt3_transcription* heard = nullptr;
  ASSERT_EQ(yourmt3_transcribe_file(some, audio_.c_str(), nullptr, nullptr, &heard), YOURMT3_OK);
  ASSERT_GT(yourmt3_note_count(heard), 0u);
  for (std::size_t i = 0; i < yourmt3_note_count(heard); ++i) {
    yourmt3_note note;
    ASSERT_EQ(yourmt3_get_note(heard, i, &note), YOURMT3_OK);
    EXPECT_EQ(note.program, 16);
  }
  yourmt3_transcription_free(heard);
  yourmt3_transcriber_close(some);
}

TEST_F(TranscriberTest, TheCInterfaceTellsTheSameNotes) {
  yourmt3_transcriber* transcriber = nullptr;
  ASSERT_EQ(yourmt3_transcriber_open_with(model_.c_str(), 1, YOURMT3_PRECISION_AUTO, &transcriber), YOURMT3_OK)
      << yourmt3_last_error();
  yourmt3_transcription* heard = nullptr;
  ASSERT_EQ(yourmt3_transcribe_file(transcriber, audio_.c_str(), nullptr, nullptr, &heard), YOURMT3_OK);
  const std::vector<Note> expected = Transcriber(model_).transcribe_file(audio_).notes;
  ASSERT_EQ(yourmt3_note_count(heard), expected.size());
  EXPECT_DOUBLE_EQ(yourmt3_duration_sec(heard), 5);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    yourmt3_note note;
    ASSERT_EQ(yourmt3_get_note(heard, i, &note), YOURMT3_OK);
    EXPECT_EQ(note.onset_sec, expected[i].onset_sec);
    EXPECT_EQ(note.offset_sec, expected[i].offset_sec);
    EXPECT_EQ(note.program, expected[i].program);
    EXPECT_EQ(note.pitch, expected[i].pitch);
    EXPECT_EQ(note.is_drum != 0, expected[i].is_drum);
    EXPECT_EQ(note.confidence, expected[i].confidence);
  }
  yourmt3_note none;
  EXPECT_EQ(yourmt3_get_note(heard, expected.size(), &none), YOURMT3_INVALID_ARGUMENT);
  const std::filesystem::path midi = folder_ / "c.mid";
  EXPECT_EQ(yourmt3_write_midi(heard, midi.c_str()), YOURMT3_OK);
  EXPECT_FALSE(read_note_file(midi).empty());
  EXPECT_EQ(yourmt3_write_midi(heard, (folder_ / "no" / "such.mid").c_str()), YOURMT3_IO);

  EXPECT_EQ(yourmt3_write_midi_with_beats(heard, midi.c_str()), YOURMT3_OK);
  EXPECT_FALSE(read_note_file(midi).empty());
  EXPECT_EQ(yourmt3_write_musicxml(heard, (folder_ / "c.musicxml").c_str(), "Tones"), YOURMT3_OK);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "c.musicxml"));
  EXPECT_EQ(yourmt3_write_musicxml(heard, (folder_ / "no" / "such.mxl").c_str(), ""), YOURMT3_IO);
  EXPECT_EQ(yourmt3_write_musicxml(heard, midi.c_str(), nullptr), YOURMT3_INVALID_ARGUMENT);
  yourmt3_transcription_free(heard);

  heard = nullptr;
  ASSERT_EQ(
      yourmt3_transcribe_samples(transcriber, samples_.data(), samples_.size(), 1, 16000, nullptr, nullptr, &heard),
      YOURMT3_OK);
  EXPECT_EQ(yourmt3_note_count(heard), expected.size());
  yourmt3_transcription_free(heard);
  yourmt3_transcriber_close(transcriber);
}

TEST_F(TranscriberTest, TheCInterfaceTurnsErrorsIntoStatuses) {
  yourmt3_transcriber* transcriber = nullptr;
  EXPECT_EQ(yourmt3_transcriber_open("/none.safetensors", 0, &transcriber), YOURMT3_NOT_FOUND);
  EXPECT_EQ(transcriber, nullptr);
  EXPECT_NE(std::string(yourmt3_last_error()).find("none.safetensors"), std::string::npos);
  EXPECT_EQ(yourmt3_transcriber_open(nullptr, 0, &transcriber), YOURMT3_INVALID_ARGUMENT);
  EXPECT_EQ(yourmt3_transcriber_open(audio_.c_str(), 0, &transcriber), YOURMT3_MALFORMED);
  EXPECT_EQ(yourmt3_transcriber_open_with(model_.c_str(), 0, static_cast<yourmt3_precision>(7), &transcriber),
            YOURMT3_INVALID_ARGUMENT);
  ASSERT_EQ(yourmt3_transcriber_open(model_.c_str(), 0, &transcriber), YOURMT3_OK);
  yourmt3_transcriber* other = nullptr;
  EXPECT_EQ(yourmt3_transcriber_with(transcriber, nullptr, nullptr, static_cast<yourmt3_constrained>(7), &other),
            YOURMT3_INVALID_ARGUMENT);
  EXPECT_EQ(other, nullptr);
  yourmt3_transcription* heard = nullptr;
  EXPECT_EQ(yourmt3_transcribe_file(transcriber, "/none.wav", nullptr, nullptr, &heard), YOURMT3_NOT_FOUND);
  EXPECT_EQ(yourmt3_transcribe_file(nullptr, audio_.c_str(), nullptr, nullptr, &heard), YOURMT3_INVALID_ARGUMENT);
  const auto cancel = [](double, double, void* user) { return *static_cast<int*>(user); };
  int stop = 1;
  EXPECT_EQ(yourmt3_transcribe_file(transcriber, audio_.c_str(), cancel, &stop, &heard), YOURMT3_CANCELLED);
  EXPECT_EQ(heard, nullptr);
  yourmt3_transcriber_close(transcriber);
}

TEST_F(TranscriberTest, CBeatsAreThoseOfCxx) {
  yourmt3_transcriber* transcriber = nullptr;
  ASSERT_EQ(yourmt3_transcriber_open(model_.c_str(), 1, &transcriber), YOURMT3_OK);
  yourmt3_transcription* heard = nullptr;
  ASSERT_EQ(yourmt3_transcribe_file(transcriber, audio_.c_str(), nullptr, nullptr, &heard), YOURMT3_OK);
  yourmt3_beats* found = nullptr;
  ASSERT_EQ(yourmt3_find_beats(heard, &found), YOURMT3_OK) << yourmt3_last_error();
  const Beats expected = find_beats(Transcriber(model_).transcribe_file(audio_).notes);
  ASSERT_EQ(yourmt3_beat_count(found), expected.beats.size());
  EXPECT_FALSE(expected.beats.empty());
  yourmt3_beat beat;
  for (std::size_t i = 0; i < expected.beats.size(); ++i) {
    ASSERT_EQ(yourmt3_get_beat(found, i, &beat), YOURMT3_OK);
    EXPECT_EQ((Beat{beat.time_sec, beat.begins_bar != 0}), expected.beats[i]);
  }
  EXPECT_EQ(yourmt3_get_beat(found, expected.beats.size(), &beat), YOURMT3_INVALID_ARGUMENT);
  yourmt3_metre metre;
  ASSERT_EQ(yourmt3_get_metre(found, &metre), YOURMT3_OK);
  EXPECT_EQ(metre.quarters_per_minute, expected.quarters_per_minute);
  EXPECT_EQ(metre.numerator, expected.numerator);
  EXPECT_EQ(metre.denominator, expected.denominator);
  EXPECT_EQ(metre.fifths, expected.fifths);
  EXPECT_EQ(metre.is_minor != 0, expected.is_minor);
  EXPECT_EQ(metre.tonic, expected.tonic);
  yourmt3_beats_free(found);
  EXPECT_EQ(yourmt3_find_beats(nullptr, &found), YOURMT3_INVALID_ARGUMENT);
  EXPECT_EQ(found, nullptr);
  EXPECT_EQ(yourmt3_beat_count(nullptr), 0u);
  yourmt3_beats_free(nullptr);
  yourmt3_transcription_free(heard);
  yourmt3_transcriber_close(transcriber);
}

TEST(CInterface, NamesVersionAndInstruments) {
  EXPECT_STREQ(yourmt3_version(), YOURMT3_VERSION);
  EXPECT_STREQ(yourmt3_instrument_name(128), "Drums");
  EXPECT_STREQ(yourmt3_instrument_name(0), "Acoustic Piano");
  yourmt3_transcription_free(nullptr);
  yourmt3_transcriber_close(nullptr);
  EXPECT_EQ(yourmt3_note_count(nullptr), 0u);
}

}  // namespace
}  // namespace yourmt3
