// Files made to do harm, handed to the program itself: refused with a message, within seconds of one processor and
// little memory. What each reader refuses in detail is in the tests of its module.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "recordings.h"
#include "run_program.h"
#include "support/checkpoint_builder.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kAbsurd = std::uint64_t{1} << 60;
constexpr double kMostMiB = 256;

#ifdef YOURMT3_SANITIZED
constexpr bool kMemoryIsComparable = false;  // Sanitizers keep what was freed for a while, and notes on every byte.
#else
constexpr bool kMemoryIsComparable = true;
#endif

/// Ends the program with SIGXCPU where it would compute for more than 20 s; what is tested here takes milliseconds, or,
/// for 32 MiB of MIDI, a few seconds with sanitizers.
ProgramRun run_bounded(const std::vector<std::string>& arguments, double most_mib = kMostMiB) {
  RunOptions options;
  options.program = "/bin/sh";
  std::vector<std::string> command = {"-c", "ulimit -t 20; exec \"$0\" \"$@\"", YOURMT3_TEST_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ProgramRun run = run_program(command, options);
  if (kMemoryIsComparable) {
    EXPECT_LT(run.peak_memory_mib, most_mib);
  }
  return run;
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& message) {
  const ProgramRun run = run_bounded(arguments);
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr(message));
}

std::string big_endian(std::uint32_t value, int n_bytes) {
  std::string bytes;
  for (int i = n_bytes - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

std::string midi_track(const std::string& messages) {
  return "MTrk" + big_endian(static_cast<std::uint32_t>(messages.size()), 4) + messages;
}

std::string midi(int n_tracks, const std::string& tracks) {
  return "MThd" + big_endian(6, 4) + big_endian(1, 2) + big_endian(static_cast<std::uint32_t>(n_tracks), 2) +
         big_endian(480, 2) + tracks;
}

std::string repeat(const std::string& text, int n) {
  std::string all;
  all.reserve(text.size() * static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(HostileFiles, APickleRunsNothing) {
  const Workplace place;
  const std::string marker = place.path("ran");
  const std::string call = p_global("posix", "system") + p_text("touch " + marker) + "\x85R";
  const std::string as_all = place.put("all.ckpt", checkpoint_zip(p_program(call)).build());
  const std::string as_tensor = place.put("tensor.ckpt", checkpoint_zip(checkpoint_pickle(call)).build());
  expect_refused({"info", as_all}, "all.ckpt: holds no state_dict");
  expect_refused({"info", as_tensor}, "is not a tensor that we can read");
  expect_refused({"transcribe", place.put_tones("song.wav"), "--model", as_tensor}, "is not a tensor that we can read");
  expect_refused({"convert", as_tensor, place.path("out.safetensors")}, "is not a tensor that we can read");
  EXPECT_FALSE(place.has("ran"));
}

TEST(HostileFiles, AnArchiveThatWouldUnpackWithoutEndIsRefused) {
  const Workplace place;
  ZipBuilder compressed = checkpoint_zip(checkpoint_pickle(p_tensor({})));
  compressed.method = 8;
  expect_refused({"info", place.put("bomb.ckpt", compressed.build())}, "is compressed, expected plain stored data");
  // Six numbers that stand for 2^40, by a stride of zero.
  const std::string tensor = p_tensor({.shape = {1 << 20, 1 << 20}, .strides = {0, 0}});
  expect_refused({"info", place.put("strides.ckpt", checkpoint_zip(checkpoint_pickle(tensor)).build())},
                 "is larger than the file that it comes from");
}

TEST(HostileFiles, LengthsOf2To60AreRefused) {
  const Workplace place;
  expect_refused({"info", place.put("header.safetensors", little_endian(kAbsurd) + "{}")},
                 "announce a header of 1152921504606846976 bytes");
  const std::string header =
      R"({"w":{"dtype":"F32","shape":[288230376151711744],"data_offsets":[0,1152921504606846976]}})";
  expect_refused({"info", place.put("tensor.safetensors", little_endian<std::uint64_t>(header.size()) + header)},
                 "ends at byte 1152921504606846976");
  const std::string storage = checkpoint_pickle(p_tensor({.numel = 1ll << 60, .shape = {1ll << 60}, .strides = {1}}));
  expect_refused({"info", place.put("storage.ckpt", checkpoint_zip(storage).build())}, "storage");
  // Samples that are not there: the two that are there are read.
  std::string wave = wav_bytes({0.5f, 0.5f});
  wave.replace(0, 4, "RF64").replace(4, 4, "\xff\xff\xff\xff").replace(40, 4, "\xff\xff\xff\xff");
  wave.insert(12, "ds64" + little_endian<std::uint32_t>(28) + little_endian(kAbsurd) + little_endian(kAbsurd) +
                      little_endian(kAbsurd / 2) + little_endian<std::uint32_t>(0));
  const ProgramRun run = run_bounded({"transcribe", place.put("long.wav", wave), "--model", place.model()});
  EXPECT_EQ(run.status, 0) << run.err;
}

TEST(HostileFiles, MidiWithAMillionTracksEndsSoon) {
  const Workplace place;
  constexpr int kMost = 65535;
  const std::string tracks = repeat(midi_track(""), 1'000'000);
  const ProgramRun run = run_bounded({"info", place.put("tracks.mid", midi(kMost, tracks))});
  EXPECT_EQ(run.status, 0) << "the header can promise 65535, and the rest is not looked at: " << run.err;
  expect_refused({"info", place.put("few.mid", midi(kMost, midi_track("")))}, "its header promises 65535");
}

TEST(HostileFiles, MidiWithManyOpenNotesEndsSoon) {
  const Workplace place;
  // Key after key goes down and none comes up, and then one other goes down and up again, over and over.
  const std::string open("\0\x90\x3c\x40", 4), next("\1\x3c\x40", 3), other("\0\x3d\x40\0\x3d\0", 6);
  const std::string track = std::string("\0\xc0\0", 3) + open + repeat(next, 200'000) + repeat(other, 100'000);
  const ProgramRun run = run_bounded({"info", place.put("open.mid", midi(1, midi_track(track)))}, 2 * kMostMiB);
  EXPECT_EQ(run.status, 0) << run.err;
}

TEST(HostileFiles, DeeplyNestedTextIsRefused) {
  const Workplace place;
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const std::string notes = R"({"format": "yourmt3-notes", "version": )" + deep + "}";
  expect_refused({"info", place.put("deep.json", notes)}, "nested more than 64 levels");
  const std::string config = R"({"__metadata__":{"yourmt3.format":"1","yourmt3.config":"{\"task\":)" + deep + "}\"}}";
  expect_refused({"info", place.put("deep.safetensors", little_endian<std::uint64_t>(config.size()) + config)},
                 "deep.safetensors: JSON is nested more than 64 levels");
}

}  // namespace
}  // namespace yourmt3::testing
