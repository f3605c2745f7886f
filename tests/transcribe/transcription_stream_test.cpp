#include "yourmt3/transcription_stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <limits>
#include <thread>

#include "score/note_ops.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"
#include "yourmt3/yourmt3.h"

namespace yourmt3 {
namespace {

using testing::TemporaryFolder;

ErrorCode code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode{-1};
}

class TranscriptionStreamTest : public ::testing::Test {
 protected:
  TranscriptionStreamTest() { testing::save_tiny_model(model_); }

  /// Collects notes.
  Transcriber::OnNotes into(std::vector<Note>& notes) {
    return [&notes](std::span<const Note> some) { notes.insert(notes.end(), some.begin(), some.end()); };
  }

  TemporaryFolder folder_;
  std::filesystem::path model_ = folder_ / "tiny.safetensors";
  std::vector<float> samples_ = testing::tones(9);
};

TEST_F(TranscriptionStreamTest, PiecesOfAnySizeGiveWhatTheWholeGives) {
  const Transcriber transcriber(model_);
  for (const int rate : {16000, 22050}) {
    std::vector<Note> told_of_whole;
    const Transcription whole = transcriber.transcribe_samples(samples_, 1, rate, {}, into(told_of_whole));
    ASSERT_FALSE(whole.notes.empty());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{999}, samples_.size()}) {
      std::vector<Note> told;
      TranscriptionStream stream(transcriber, {1, rate, into(told), {}});
      const std::size_t n_pushed = piece == 1 ? 3000 : samples_.size();
      std::span<const float> rest = std::span<const float>(samples_).first(n_pushed);
      for (; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
        stream.push(rest.first(std::min(piece, rest.size())));
      }
      const Transcription heard = stream.finish();
      const Transcription expected =
          transcriber.transcribe_samples(std::span<const float>(samples_).first(n_pushed), 1, rate);
      EXPECT_EQ(heard.notes, expected.notes) << piece;
      EXPECT_DOUBLE_EQ(heard.duration_sec, expected.duration_sec);
      sort_in_note_order(told);
      EXPECT_EQ(told, heard.notes) << "told on the way, each once";
    }
    sort_in_note_order(told_of_whole);
    EXPECT_EQ(told_of_whole, whole.notes);
  }
}

TEST_F(TranscriptionStreamTest, PiecesGiveWhatTheWholeGivesWhereSegmentsOverlap) {
  testing::save_tiny_model(model_, testing::tiny_overlapped_config());
  const Transcriber transcriber(model_);
  const Transcription whole = transcriber.transcribe_samples(samples_, 1, 16000);
  ASSERT_FALSE(whole.notes.empty());
  std::vector<Note> told;
  TranscriptionStream stream(transcriber, {1, 16000, into(told), {}});
  for (std::span<const float> rest = samples_; !rest.empty();
       rest = rest.subspan(std::min<std::size_t>(999, rest.size()))) {
    stream.push(rest.first(std::min<std::size_t>(999, rest.size())));
  }
  EXPECT_EQ(stream.finish().notes, whole.notes);
  sort_in_note_order(told);
  EXPECT_EQ(told, whole.notes);
}

TEST_F(TranscriptionStreamTest, NotesAreToldBeforeTheEnd) {
  const Transcriber transcriber(model_);
  std::promise<void> told;
  bool first = true;
  TranscriptionStream stream(transcriber, {1,
                                           16000,
                                           [&](std::span<const Note>) {
                                             if (std::exchange(first, false)) told.set_value();
                                           },
                                           {}});
  stream.push(samples_);
  told.get_future().wait();  // Would never return if notes were told at the end only.
  EXPECT_FALSE(stream.finish().notes.empty());
}

TEST_F(TranscriptionStreamTest, RefusesWhatMakesNoSense) {
  const Transcriber transcriber(model_);
  const auto open = [&](int n_channels, int rate) {
    return code_of([&] { TranscriptionStream(transcriber, {n_channels, rate, {}, {}}); });
  };
  EXPECT_EQ(open(0, 16000), ErrorCode::kInvalidArgument);
  EXPECT_EQ(open(1, 0), ErrorCode::kInvalidArgument);
  TranscriptionStream stream(transcriber, {2, 16000, {}, {}});
  EXPECT_EQ(code_of([&] { stream.push(std::vector<float>{0.f}); }), ErrorCode::kInvalidArgument);
  const std::vector<float> infinite = {0.f, std::numeric_limits<float>::infinity()};
  EXPECT_EQ(code_of([&] { stream.push(infinite); }), ErrorCode::kInvalidArgument);
  stream.push(std::vector<float>{0.f, 0.f});
  EXPECT_DOUBLE_EQ(stream.finish().duration_sec, 1 / 16000.0) << "of what was refused nothing was taken";
  EXPECT_EQ(code_of([&] { stream.push(std::vector<float>{0.f, 0.f}); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { stream.finish(); }), ErrorCode::kInvalidArgument);
}

TEST_F(TranscriptionStreamTest, CanBeCancelledOrAbandoned) {
  const Transcriber transcriber(model_);
  TranscriptionStream stream(transcriber, {});
  stream.push(samples_);
  stream.cancel();
  EXPECT_EQ(code_of([&] { stream.finish(); }), ErrorCode::kCancelled);

  TranscriptionStream asked(transcriber, {1, 16000, {}, [](double, double) { return false; }});
  // Who pushes hears of it, be it while he waits for room.
  EXPECT_EQ(code_of([&] {
              for (;;) asked.push(samples_);
            }),
            ErrorCode::kCancelled);
  TranscriptionStream abandoned(transcriber, {});
  abandoned.push(samples_);
}

TEST_F(TranscriptionStreamTest, LiveSoundIsTranscribedWhileItArrives) {
  const Transcriber transcriber(model_);
  const std::string wav = testing::wav_bytes(samples_, testing::WavSample::kF32);
  const Transcription expected = transcriber.transcribe_samples(samples_, 1, 16000);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::promise<void> told;
  std::size_t n_told = 0;
  // The second half comes only when notes of the first have been told.
  std::jthread writer([&] {
    const auto send = [&](std::string_view bytes) {
      EXPECT_EQ(::write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    };
    send(std::string_view(wav).substr(0, wav.size() / 2));
    told.get_future().wait();
    send(std::string_view(wav).substr(wav.size() / 2));
    ::close(ends[1]);
  });
  const Transcription heard = transcriber.transcribe_live(ends[0], {}, [&](std::span<const Note> notes) {
    if (n_told == 0) told.set_value();
    n_told += notes.size();
  });
  EXPECT_EQ(heard.notes, expected.notes);
  EXPECT_EQ(n_told, expected.notes.size());
  ::close(ends[0]);
}

TEST_F(TranscriptionStreamTest, WhoNoLongerListensGetsWhatWasHeard) {
  const Transcriber transcriber(model_);
  const std::string wav = testing::wav_bytes(samples_, testing::WavSample::kF32);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::atomic<bool> listening = true;
  std::jthread writer([&] {  // Sends two thirds, and then nothing, not even an end.
    EXPECT_GT(::write(ends[1], wav.data(), wav.size() * 2 / 3), 0);
  });
  const Transcription heard = transcriber.transcribe_live(
      ends[0], {}, [&](std::span<const Note>) { listening = false; }, [&] { return listening.load(); });
  EXPECT_FALSE(heard.notes.empty());
  EXPECT_LT(heard.duration_sec, 9);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(TranscriptionStreamTest, LiveSoundOfAnotherFormatIsRefusedAndWaitingIsCancelled) {
  const Transcriber transcriber(model_);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "no sound, no sound, no sound", 28), 28);
  ::close(ends[1]);
  EXPECT_EQ(code_of([&] { transcriber.transcribe_live(ends[0]); }), ErrorCode::kUnsupported);
  ::close(ends[0]);
  ASSERT_EQ(::pipe(ends), 0);  // Nothing ever comes.
  int n_calls = 0;
  EXPECT_EQ(code_of([&] { transcriber.transcribe_live(ends[0], [&](double, double) { return ++n_calls < 3; }); }),
            ErrorCode::kCancelled);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(TranscriptionStreamTest, TheCInterfaceStreams) {
  yourmt3_transcriber* transcriber = nullptr;
  ASSERT_EQ(yourmt3_transcriber_open(model_.c_str(), 1, &transcriber), YOURMT3_OK);
  std::size_t n_told = 0;
  const auto count = [](const yourmt3_note* notes, size_t n, void* user) {
    for (size_t i = 0; i < n; ++i) EXPECT_GE(notes[i].offset_sec, notes[i].onset_sec);
    *static_cast<std::size_t*>(user) += n;
  };
  yourmt3_stream* stream = nullptr;
  ASSERT_EQ(yourmt3_stream_open(transcriber, 1, 16000, count, &n_told, &stream), YOURMT3_OK);
  ASSERT_EQ(yourmt3_stream_push(stream, samples_.data(), samples_.size()), YOURMT3_OK);
  yourmt3_transcription* heard = nullptr;
  ASSERT_EQ(yourmt3_stream_finish(stream, &heard), YOURMT3_OK) << yourmt3_last_error();
  EXPECT_GT(n_told, 0u);
  EXPECT_EQ(yourmt3_note_count(heard), n_told);
  EXPECT_EQ(yourmt3_note_count(heard), Transcriber(model_).transcribe_samples(samples_, 1, 16000).notes.size());
  yourmt3_transcription_free(heard);
  EXPECT_EQ(yourmt3_stream_finish(stream, &heard), YOURMT3_INVALID_ARGUMENT);
  yourmt3_stream_close(stream);

  ASSERT_EQ(yourmt3_stream_open(transcriber, 1, 16000, nullptr, nullptr, &stream), YOURMT3_OK);
  EXPECT_EQ(yourmt3_stream_push(stream, nullptr, 5), YOURMT3_INVALID_ARGUMENT);
  yourmt3_stream_cancel(stream);
  EXPECT_EQ(yourmt3_stream_finish(stream, &heard), YOURMT3_CANCELLED);
  EXPECT_EQ(heard, nullptr);
  yourmt3_stream_close(stream);
  EXPECT_EQ(yourmt3_stream_open(nullptr, 1, 16000, nullptr, nullptr, &stream), YOURMT3_INVALID_ARGUMENT);
  EXPECT_EQ(yourmt3_stream_push(nullptr, samples_.data(), 1), YOURMT3_INVALID_ARGUMENT);
  yourmt3_stream_close(nullptr);
  yourmt3_transcriber_close(transcriber);
}

}  // namespace
}  // namespace yourmt3
