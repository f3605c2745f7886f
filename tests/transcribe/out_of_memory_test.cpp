// What loads files of others, and the C interface, where memory runs out at any moment.

#include <gtest/gtest.h>
#include <yourmt3/yourmt3.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio/audio_reader.h"
#include "core/atomic_file.h"
#include "model/checkpoint.h"
#include "model/weights.h"
#include "score/midi_reader.h"
#include "score/midi_writer.h"
#include "score/note_text.h"
#include "support/checkpoint_builder.h"
#include "support/failing_allocation.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

const std::vector<Note> kNotes = {
    {false, 0, 0.1, 0.4, 60, 1}, {false, 33, 0.2, 0.9, 40, 1}, {true, 128, 0.5, 0.51, 36, 1}};

TEST(OutOfMemory, CheckpointsOfOthersGiveAllBack) {
  const std::string file = checkpoint_zip(checkpoint_pickle(p_tensor({}))).build();
  EXPECT_GT(survive_each_failure([&] { parse_checkpoint(std::as_bytes(std::span(file)), "some.ckpt"); }), 10);
}

TEST(OutOfMemory, ModelsGiveAllBack) {
  const TemporaryFolder folder;
  save_tiny_model(folder / "tiny.safetensors");
  EXPECT_GT(survive_each_failure([&] { load_model(folder / "tiny.safetensors"); }), 100);
}

TEST(OutOfMemory, RecordingsGiveAllBack) {
  const TemporaryFolder folder;
  const std::string path = folder / "song.wav";
  write_file_atomically(path, wav_bytes(tones(0.5)));
  EXPECT_GT(survive_each_failure([&] { load_audio(path); }), 10);
}

TEST(OutOfMemory, MidiGivesAllBack) {
  const std::string file = serialize_midi(notes_to_midi(kNotes));
  EXPECT_GT(
      survive_each_failure([&] { read_notes(parse_midi(std::as_bytes(std::span(file))), general_midi_options()); }),
      10);
}

TEST(OutOfMemory, NotesAsTextGiveAllBack) {
  const std::string json = notes_to_json(kNotes), csv = notes_to_csv(kNotes);
  EXPECT_GT(survive_each_failure([&] { notes_from_json(json); }), 10);
  EXPECT_GT(survive_each_failure([&] { notes_from_csv(csv); }), 3);
}

/// As survive_each_failure(), for a call that tells by its status; it frees what it made.
long survive_each_failure_by_status(const std::function<yourmt3_status()>& call) {
  return survive_each_failure([&call] {
    const yourmt3_status status = call();
    if (status == YOURMT3_OK) return;
    if (status != YOURMT3_OUT_OF_MEMORY) throw std::runtime_error(yourmt3_last_error());
    EXPECT_STREQ(yourmt3_last_error(), "out of memory");
    throw std::bad_alloc();
  });
}

TEST(OutOfMemory, TheCInterfaceTellsIt) {
  const TemporaryFolder folder;
  const std::string model = folder / "tiny.safetensors", song = folder / "song.wav", midi = folder / "song.mid";
  save_tiny_model(model);
  write_file_atomically(song, wav_bytes(tones(3)));
  constexpr int kThreads = 2;
  EXPECT_GT(survive_each_failure_by_status([&] {
              yourmt3_transcriber* opened = nullptr;
              const yourmt3_status status = yourmt3_transcriber_open(model.c_str(), kThreads, &opened);
              yourmt3_transcriber_close(opened);
              return status;
            }),
            100);
  yourmt3_transcriber* transcriber = nullptr;
  ASSERT_EQ(yourmt3_transcriber_open(model.c_str(), kThreads, &transcriber), YOURMT3_OK);
  EXPECT_GT(survive_each_failure_by_status([&] {
              yourmt3_transcription* heard = nullptr;
              yourmt3_status status = yourmt3_transcribe_file(transcriber, song.c_str(), nullptr, nullptr, &heard);
              if (status == YOURMT3_OK) status = yourmt3_write_midi(heard, midi.c_str());
              yourmt3_transcription_free(heard);
              return status;
            }),
            100);
  yourmt3_transcriber_close(transcriber);
}

}  // namespace
}  // namespace yourmt3::testing
