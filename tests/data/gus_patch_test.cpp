#include "data/gus_patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "data/gus_patch_set.h"
#include "data/synthesizer.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr unsigned k16Bit = 1, kUnsigned = 2, kLooping = 4, kPingPong = 8, kReversed = 16, kSustained = 32,
                   kEnvelope = 64, kClamped = 128;

struct WrittenSample {
  unsigned modes = k16Bit;
  std::vector<int> frames;  ///< As they are stored.
  unsigned loop_begin = 0;  ///< Bytes.
  unsigned loop_end = 0;
  unsigned rate = 16000;
  double low_hz = 1, high_hz = 20000, root_hz = 440;
  std::array<unsigned, 6> rates = {63, 63, 63, 63, 63, 63};
  std::array<unsigned, 6> offsets = {255, 255, 255, 0, 0, 0};
};

class PatchBytes {
 public:
  void put(unsigned long value, int count) {
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }
  void zeros(std::size_t count) { bytes_.append(count, '\0'); }
  void text(const std::string& text) { bytes_ += text; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::string patch_bytes(const std::vector<WrittenSample>& samples) {
  PatchBytes out;
  out.text(std::string("GF1PATCH110\0ID#000002\0", 22));
  out.zeros(60);
  out.text({1, 14, 0});
  out.zeros(44 + 22);
  out.put(1, 1);
  out.zeros(40 + 6);
  out.put(samples.size(), 1);
  out.zeros(40);
  for (const auto& sample : samples) {
    const int width = (sample.modes & k16Bit) != 0 ? 2 : 1;
    out.zeros(8);
    out.put(sample.frames.size() * static_cast<std::size_t>(width), 4);
    out.put(sample.loop_begin, 4);
    out.put(sample.loop_end, 4);
    out.put(sample.rate, 2);
    for (const double hertz : {sample.low_hz, sample.high_hz, sample.root_hz}) {
      out.put(static_cast<unsigned long>(hertz * 1000), 4);
    }
    out.put(0, 2);
    out.put(7, 1);
    for (const unsigned rate : sample.rates) out.put(rate, 1);
    for (const unsigned offset : sample.offsets) out.put(offset, 1);
    out.zeros(6);
    out.put(sample.modes, 1);
    out.zeros(40);
    for (const int frame : sample.frames) out.put(static_cast<unsigned long>(frame), width);
  }
  return out.bytes();
}

GusPatch parse(const std::string& bytes, GusLoops loops = GusLoops::kKeep) {
  return parse_gus_patch(std::as_bytes(std::span(bytes)), "a.pat", loops);
}

GusSample parse_one(const WrittenSample& sample, GusLoops loops = GusLoops::kKeep) {
  return parse(patch_bytes({sample}), loops).samples.at(0);
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// `seconds` of a sine at 440 Hz, of which whole periods at the end loop.
WrittenSample sine(double seconds, unsigned more_modes = kLooping | kSustained | kEnvelope) {
  WrittenSample sample;
  sample.modes = k16Bit | more_modes;
  sample.rate = 44000;  // A period is 100 frames.
  for (int i = 0; i < static_cast<int>(seconds * 44000); ++i) {
    sample.frames.push_back(static_cast<int>(std::lround(20000 * std::sin(2 * M_PI * i / 100))));
  }
  sample.loop_begin = 2 * 1000;
  sample.loop_end = static_cast<unsigned>(2 * sample.frames.size());
  return sample;
}

double level(const std::vector<float>& samples, double from_sec, double to_sec) {
  double sum = 0;
  const auto begin = static_cast<std::size_t>(from_sec * kRenderRate);
  const auto end = static_cast<std::size_t>(to_sec * kRenderRate);
  for (std::size_t i = begin; i < end; ++i) sum += static_cast<double>(samples.at(i)) * samples[i];
  return std::sqrt(sum / static_cast<double>(end - begin));
}

/// From the zero crossings between two times.
double pitch_hz(const std::vector<float>& samples, double from_sec, double to_sec) {
  double first = 0, last = 0;
  int crossings = -1;
  for (auto i = static_cast<std::size_t>(from_sec * kRenderRate); i < static_cast<std::size_t>(to_sec * kRenderRate);
       ++i) {
    if (samples.at(i) >= 0 || samples.at(i + 1) < 0) continue;
    last = static_cast<double>(i) + samples[i] / (samples[i] - samples[i + 1]);
    if (++crossings == 0) first = last;
  }
  return crossings * kRenderRate / (last - first);
}

TEST(GusPatch, FramesBecome16BitsForwards) {
  EXPECT_THAT(parse_one({.modes = k16Bit, .frames = {1, -2, 30000}}).frames, ElementsAre(1, -2, 30000));
  EXPECT_THAT(parse_one({.modes = k16Bit | kUnsigned, .frames = {0, 32768, 65535}}).frames,
              ElementsAre(-32768, 0, 32767));
  EXPECT_THAT(parse_one({.modes = 0, .frames = {1, -2, 127}}).frames, ElementsAre(256, -512, 32512));
  EXPECT_THAT(parse_one({.modes = kUnsigned, .frames = {0, 128, 255}}).frames, ElementsAre(-32768, 0, 32512));
  EXPECT_THAT(parse_one({.modes = k16Bit | kReversed, .frames = {1, 2, 3}}).frames, ElementsAre(3, 2, 1));
}

TEST(GusPatch, LoopsAreFramesInOneDirection) {
  const auto loop = parse_one({.modes = k16Bit | kLooping, .frames = {1, 2, 3, 4, 5}, .loop_begin = 2, .loop_end = 8});
  EXPECT_EQ(loop.loop_begin, 1u);
  EXPECT_EQ(loop.loop_end, 4u);
  const WrittenSample turning{
      .modes = kLooping | kPingPong, .frames = {1, 2, 3, 4, 5, 6}, .loop_begin = 1, .loop_end = 5};
  const auto turned = parse_one(turning);
  EXPECT_THAT(turned.frames, ElementsAre(256, 512, 768, 1024, 1280, 1024, 768));
  EXPECT_EQ(turned.loop_begin, 1u);
  EXPECT_EQ(turned.loop_end, 7u);
  const auto backwards =
      parse_one({.modes = k16Bit | kLooping | kReversed, .frames = {1, 2, 3, 4, 5}, .loop_begin = 2, .loop_end = 6});
  EXPECT_EQ(backwards.loop_begin, 2u);
  EXPECT_EQ(backwards.loop_end, 4u);
  const auto stripped = parse_one(turning, GusLoops::kStrip);
  EXPECT_EQ(stripped.frames.size(), 6u);
  EXPECT_FALSE(stripped.loops());
}

TEST(GusPatch, EnvelopeIsReadAsTheChipRuns) {
  WrittenSample sample{.modes = kSustained | kEnvelope, .frames = {1}};
  EXPECT_FALSE(parse_one({.modes = kSustained, .frames = {1}}).envelope);
  sample.rates = {63, 64 + 32, 63, 128 + 16, 63, 63};
  sample.offsets = {240, 176, 176, 0, 0, 0};
  const auto envelope = parse_one(sample).envelope.value();
  // 4096 steps: 63 of them each frame are 1.5 ms; 32 each 8th 23 ms; 16 each 64th 372 ms.
  EXPECT_LT(envelope.attack_sec, 0.001);
  EXPECT_NEAR(envelope.attenuation_db, 5.6, 0.1);
  EXPECT_NEAR(envelope.decay_sec, 0.0232, 0.0001);
  EXPECT_NEAR(envelope.sustain_db, 24.1, 0.1);
  EXPECT_NEAR(envelope.release_sec.value(), 0.3715, 0.0001);
  sample.modes |= kClamped;
  EXPECT_NEAR(parse_one(sample).envelope->release_sec.value(), 0.0015, 0.0001);
  sample.offsets = {240, 240, 240, 240, 240, 240};
  EXPECT_FALSE(parse_one(sample).envelope->release_sec);
  sample.modes = kEnvelope;
  sample.offsets = {240, 240, 240, 0, 0, 0};
  EXPECT_NEAR(parse_one(sample).envelope->decay_sec, 0.3715, 0.0001);
  EXPECT_NEAR(parse_one(sample).envelope->sustain_db, 90.3, 0.1);
}

TEST(GusPatch, KeysTakeTheSampleMeantForThem) {
  const auto patch = parse(patch_bytes({{.frames = {1}, .low_hz = 50, .high_hz = 200, .root_hz = 500},
                                        {.frames = {2}, .low_hz = 200, .high_hz = 400, .root_hz = 300},
                                        {.frames = {3}, .low_hz = 350, .high_hz = 800, .root_hz = 410}}));
  const auto chosen = [&](double hertz) { return patch.sample_for(hertz).frames.at(0); };
  EXPECT_EQ(chosen(100), 1);
  EXPECT_EQ(chosen(250), 2);
  EXPECT_EQ(chosen(390), 3);  // Both fit, and this root is nearer.
  EXPECT_EQ(chosen(30), 2);   // None fits.
  EXPECT_EQ(chosen(2000), 1);
}

TEST(GusPatch, EveryCutIsAnError) {
  const auto whole = patch_bytes({{.frames = {1, 2, 3}}, {.modes = kLooping, .frames = {4, 5}, .loop_end = 2}});
  EXPECT_EQ(parse(whole).samples.size(), 2u);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(parse(whole.substr(0, length)), Error) << length;
  }
  EXPECT_THAT(message_of([&] { parse(whole.substr(0, 200)); }), HasSubstr("a.pat: the patch is cut: 200 bytes"));
  EXPECT_THAT(message_of([&] { parse(whole.substr(0, whole.size() - 1)); }),
              HasSubstr("a.pat: sample 2 of 2 is cut: 1 bytes of 2"));
}

TEST(GusPatch, NonsenseIsNamed) {
  const auto message = [](const std::string& bytes) { return message_of([&] { parse(bytes); }); };
  EXPECT_THAT(message("RIFF, but no patch, however long it may be"), HasSubstr("not a patch"));
  EXPECT_THAT(message(patch_bytes({})), HasSubstr("no samples"));
  EXPECT_THAT(message(patch_bytes({{.frames = {}}})), HasSubstr("sample 1 of 1 is empty"));
  EXPECT_THAT(message(patch_bytes({{.frames = {1}, .rate = 0}})), HasSubstr("a rate of 0 Hz"));
  EXPECT_THAT(message(patch_bytes({{.frames = {1}, .root_hz = 0}})), HasSubstr("sounds at 0 Hz"));
  for (const auto& [begin, end] : {std::pair{0u, 3u}, {2u, 2u}, {2u, 1u}, {0u, 0xffffffffu}}) {
    EXPECT_THAT(message(patch_bytes({{.modes = kLooping, .frames = {1, 2}, .loop_begin = begin, .loop_end = end}})),
                HasSubstr("loops from byte"));
  }
  auto huge = patch_bytes({{.frames = {1}}});
  huge.replace(239 + 8, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(message(huge), HasSubstr("2 bytes of 4294967295"));
}

TEST(GusPatchMap, ReadsProgramsAndDrums) {
  const auto map = parse_gus_patch_map(
      "# a comment\ndir /one\r\ndir two # behind\n 7 first.pat\nbank 3\n\t7 a.pat amp=120 pan=left note=60\n"
      "drumset 1\n36 kick.pat\n38 snare.pat keep=loop keep=env note=0 pan=-50",
      "x.cfg");
  EXPECT_THAT(map.folders, ElementsAre("/one", "two"));
  EXPECT_EQ(map.programs.at({0, 7}).file, "first.pat");
  EXPECT_FALSE(map.programs.at({0, 7}).amplitude);
  EXPECT_TRUE(map.programs.at({0, 7}).keep_loops);
  const auto& program = map.programs.at({3, 7});
  EXPECT_DOUBLE_EQ(program.amplitude.value(), 1.2);
  EXPECT_EQ(program.pan, -1);
  EXPECT_EQ(program.note, 60);
  const auto& kick = map.drums.at({1, 36});
  EXPECT_TRUE(kick.at_root && !kick.keep_loops && !kick.keep_envelope);
  const auto& snare = map.drums.at({1, 38});
  EXPECT_TRUE(!snare.at_root && snare.keep_loops && snare.keep_envelope);
  EXPECT_EQ(snare.pan, -0.5);
}

TEST(GusPatchMap, NamesTheLineThatIsWrong) {
  const auto message = [](const std::string& text) {
    return message_of([&] { (void)parse_gus_patch_map(text, "x.cfg"); });
  };
  EXPECT_THAT(message("\nsource b.cfg"), HasSubstr("x.cfg: line 2: 'source' is not understood"));
  EXPECT_THAT(message("128 a.pat"), HasSubstr("'128' is not understood"));
  EXPECT_THAT(message("bank"), HasSubstr("nothing follows 'bank'"));
  EXPECT_THAT(message("5 # a.pat"), HasSubstr("nothing follows '5'"));
  EXPECT_THAT(message("bank 128"), HasSubstr("bank '128', expected 0 to 127"));
  EXPECT_THAT(message("5 a.pat amp=x"), HasSubstr("amp 'x', expected 0 to 800"));
  EXPECT_THAT(message("5 a.pat loud"), HasSubstr("unknown option 'loud'"));
}

TEST(GusPatchSet, LeavesOutMissingPatchesButNoBrokenOnes) {
  testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "sounds");
  write(folder / "sounds" / "a.pat", patch_bytes({{.frames = {1, -16384}}}));
  write(folder / "x.cfg", "dir sounds\n0 a.pat\n1 a amp=50\n2 missing.pat\n");
  const GusPatchSet set(folder / "x.cfg");
  ASSERT_EQ(set.programs().size(), 2u);
  EXPECT_EQ(set.programs().at({0, 0}).patch, set.programs().at({0, 1}).patch);
  EXPECT_EQ(set.programs().at({0, 0}).gain, 2);
  EXPECT_EQ(set.programs().at({0, 1}).gain, 0.5);
  const auto message = [&] { return message_of([&] { GusPatchSet(folder / "x.cfg"); }); };
  write(folder / "broken.pat", "GF1PATCH110");
  write(folder / "x.cfg", "dir sounds\n0 a.pat\n1 broken.pat\n");
  EXPECT_THAT(message(), HasSubstr("broken.pat: the patch is cut"));
  write(folder / "x.cfg", "0 missing.pat\n");
  EXPECT_THAT(message(), HasSubstr("x.cfg: none of the 1 patches that it names is there"));
}

/// A set that a Synthesizer plays; none where FluidSynth is missing.
std::unique_ptr<Synthesizer> open(const testing::TemporaryFolder& folder, const std::string& map) {
  write(folder / "x.cfg", map);
  try {
    return std::make_unique<Synthesizer>(folder / "x.cfg");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return nullptr;
  }
}

TEST(PlayedGusPatches, SoundWhenAndAtThePitchThatIsWritten) {
  testing::TemporaryFolder folder;
  write(folder / "a.pat", patch_bytes({sine(0.1)}));
  const auto synth = open(folder, "5 a.pat\nbank 2\n5 a.pat note=81\n");
  if (synth == nullptr) GTEST_SKIP() << "FluidSynth is not installed";
  EXPECT_THAT(synth->banks(5), ElementsAre(0, 2));
  EXPECT_FALSE(synth->plays(6));
  EXPECT_FALSE(synth->plays(kDrumProgram));
  for (const int key : {57, 69, 76}) {
    const auto samples = synth->render({5, {{0.25, 2.25, key, 100}}}, 3);
    const double hertz = 440 * std::exp2((key - 69) / 12.0);
    EXPECT_NEAR(pitch_hz(samples, 0.5, 2), hertz, 0.002 * hertz);
    EXPECT_LT(level(samples, 0, 0.24), 1e-4);
    EXPECT_GT(level(samples, 0.255, 0.27), 0.01);
    EXPECT_NEAR(level(samples, 2, 2.2), level(samples, 0.5, 0.7), 0.001);
    EXPECT_LT(level(samples, 2.4, 2.9), 1e-4);
  }
  Timbre fixed;
  fixed.bank = 2;
  EXPECT_NEAR(pitch_hz(synth->render({5, {{0, 1, 60, 100}}}, 1, fixed), 0.1, 0.9), 880, 2);
}

TEST(PlayedGusPatches, TakeEnvelopeAmplitudeAndTuning) {
  testing::TemporaryFolder folder;
  auto falling = sine(0.1);
  falling.rates[2] = 3 * 64 + 40;  // 96 dB in 1.2 s.
  falling.offsets[2] = 0;
  write(folder / "a.pat", patch_bytes({sine(0.1)}));
  write(folder / "falling.pat", patch_bytes({falling}));
  const auto synth = open(folder, "0 a.pat amp=100\n1 a.pat amp=50\n2 falling.pat\n3 falling.pat strip=env\n");
  if (synth == nullptr) GTEST_SKIP() << "FluidSynth is not installed";
  const auto play = [&](int program, const Timbre& timbre = {}) {
    return synth->render({program, {{0, 1, 69, 100}}}, 1.5, timbre);
  };
  EXPECT_NEAR(level(play(1), 0.2, 0.8) / level(play(0), 0.2, 0.8), 0.5, 0.01);
  const auto decayed = play(2), flat = play(3);
  EXPECT_NEAR(20 * std::log10(level(decayed, 0.5, 0.52) / level(decayed, 0.25, 0.27)), -20, 2);
  EXPECT_NEAR(level(flat, 0.5, 0.52), level(flat, 0.25, 0.27), 0.001);
  Timbre sharp;
  sharp.tuning_cents = 100;
  EXPECT_NEAR(pitch_hz(play(0, sharp), 0.1, 0.9), 466.16, 1);
}

TEST(PlayedGusPatches, DrumsSoundToTheirEnd) {
  testing::TemporaryFolder folder;
  write(folder / "drum.pat", patch_bytes({sine(0.5)}));
  const auto synth = open(folder, "drumset 0\n36 drum.pat\n38 drum.pat note=57\n40 drum.pat keep=loop keep=env\n");
  if (synth == nullptr) GTEST_SKIP() << "FluidSynth is not installed";
  EXPECT_THAT(synth->kits(), ElementsAre(0));
  Part part{kDrumProgram, {{0.1, 0.15, 36, 100}, {0.1, 0.15, 37, 100}}};
  synth->drop_silent(part);
  ASSERT_EQ(part.notes.size(), 1u);
  const auto samples = synth->render(part, 1);
  EXPECT_NEAR(pitch_hz(samples, 0.15, 0.55), 440, 1);
  EXPECT_GT(level(samples, 0.5, 0.58), 0.01);
  EXPECT_LT(level(samples, 0.62, 1), 1e-4);
  EXPECT_NEAR(pitch_hz(synth->render({kDrumProgram, {{0, 0.1, 38, 100}}}, 1), 0.1, 0.9), 220, 1);
  EXPECT_LT(level(synth->render({kDrumProgram, {{0, 0.1, 40, 100}}}, 1), 0.2, 0.9), 1e-4);
}

TEST(PlayedGusPatches, AreSharedAndTellWhatIsWrong) {
  testing::TemporaryFolder folder;
  write(folder / "a.pat", patch_bytes({sine(0.1)}));
  auto first = open(folder, "0 a.pat\n");
  if (first == nullptr) GTEST_SKIP() << "FluidSynth is not installed";
  auto second = std::make_unique<Synthesizer>(folder / "x.cfg");
  const Part part{0, {{0, 0.5, 69, 100}}};
  const auto samples = first->render(part, 1);
  first = nullptr;
  EXPECT_EQ(second->render(part, 1), samples);
  second = nullptr;
  EXPECT_THAT(message_of([&] { Synthesizer(folder / "none.cfg"); }), HasSubstr("none.cfg: no such sound font"));
  write(folder / "x.cfg", "0 b.pat\n");
  EXPECT_THAT(message_of([&] { Synthesizer(folder / "x.cfg"); }), HasSubstr("none of the 1 patches"));
}

}  // namespace
}  // namespace yourmt3
