#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

#include "core/fail.h"
#include "core/lower_case.h"
#include "data/fluidsynth_library.h"
#include "data/gus_sound_font.h"
#include "data/synthesizer.h"

namespace yourmt3 {
namespace {

constexpr int kBlock = 64;  // FluidSynth takes events between blocks of this many samples.
constexpr int kDrumChannel = 9;

const FluidSynthLibrary& lib() {
  return fluidsynth_library();
}

struct Settings {
  explicit Settings(int rate) : handle(lib().new_fluid_settings()) {
    lib().fluid_settings_setnum(handle, "synth.sample-rate", rate);
    lib().fluid_settings_setint(handle, "synth.midi-channels", 16);
    lib().fluid_settings_setint(handle, "synth.polyphony", 512);  // Stolen voices would cut notes.
    lib().fluid_settings_setint(handle, "synth.cpu-cores", 1);
    lib().fluid_settings_setint(handle, "synth.threadsafe-api", 0);
    lib().fluid_settings_setnum(handle, "synth.gain", 0.5);
    lib().fluid_settings_setstr(handle, "synth.midi-bank-select", "gs");
  }
  ~Settings() { lib().delete_fluid_settings(handle); }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  fluid_settings_t* handle;
};

bool is_patch_set(const std::filesystem::path& path) {
  return lower_case(path.extension().string()) == ".cfg";
}

/// FluidSynth tells neither why it refuses a font, nor does it refuse every broken one quietly.
void check_font(const std::filesystem::path& path) {
  const std::string name = path.string();
  if (!std::filesystem::exists(path)) fail(ErrorCode::kNotFound, "{}: no such sound font", name);
  if (!std::filesystem::is_regular_file(path))
    fail(ErrorCode::kMalformed, "{}: not a file, expected a sound font", name);
  if (is_patch_set(path)) return;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorCode::kIo, "{}: cannot read this sound font", name);
  std::array<char, 12> head{};
  file.read(head.data(), head.size());
  const std::string_view kind(head.data(), 4), form(head.data() + 8, 4);
  if (file.gcount() != 12 || kind != "RIFF" || (form != "sfbk" && form != "DLS ")) {
    fail(ErrorCode::kMalformed, "{}: not a sound font (SF2, SF3 or DLS) or patch set (.cfg)", name);
  }
  std::uint64_t stated = 8;
  for (std::size_t i = 0; i < 4; ++i) stated += std::uint64_t{static_cast<unsigned char>(head[4 + i])} << (8 * i);
  const std::uint64_t present = std::filesystem::file_size(path);
  if (present < stated) {
    fail(ErrorCode::kMalformed, "{}: the sound font is cut: {} bytes of {}", name, present, stated);
  }
}

/// Patches in use are shared. Not for several threads.
std::shared_ptr<const GusPatchSet> shared_patch_set(const std::filesystem::path& path) {
  static std::map<std::filesystem::path, std::weak_ptr<const GusPatchSet>> open;
  auto& known = open[std::filesystem::absolute(path)];
  auto patches = known.lock();
  if (!patches) known = patches = std::make_shared<const GusPatchSet>(path);
  return patches;
}

struct Event {
  long frame;
  bool on;
  int key;
  int velocity;
};

}  // namespace

struct Synthesizer::Impl {
  explicit Impl(int synth_rate) : settings(synth_rate), rate(synth_rate) {}

  Settings settings;
  int rate;
  fluid_synth_t* synth = nullptr;
  int font = -1;
  std::map<int, std::set<int>> banks_of;
  std::set<int> kits;
  std::string name;

  ~Impl() {
    if (synth != nullptr) lib().delete_fluid_synth(synth);
  }
};

namespace {

int channel_of(const Part& part) {
  return part.is_drum() ? kDrumChannel : 0;
}

/// A fresh synth that borrows the font which is loaded in another, with the preset of a part chosen.
struct PlayingSynth {
  template <class Impl>
  PlayingSynth(const Impl& impl, const Part& part, const Timbre& timbre)
      : synth(lib().new_fluid_synth(impl.settings.handle)) {
    if (synth == nullptr) fail(ErrorCode::kOutOfMemory, "cannot start FluidSynth");
    borrowed = lib().fluid_synth_get_sfont_by_id(impl.synth, impl.font);
    font = lib().fluid_synth_add_sfont(synth, borrowed);
    const int bank = part.is_drum() ? 128 : timbre.bank;
    const int preset = part.is_drum() ? timbre.kit : part.program;
    if (lib().fluid_synth_program_select(synth, channel_of(part), font, bank, preset) != FLUID_OK) {
      stop();
      fail(ErrorCode::kNotFound, "{}: no preset {} in bank {}", impl.name, preset, bank);
    }
  }
  ~PlayingSynth() { stop(); }
  void stop() {
    lib().fluid_synth_all_sounds_off(synth, -1);
    lib().fluid_synth_remove_sfont(synth, borrowed);
    lib().delete_fluid_synth(synth);
  }
  PlayingSynth(const PlayingSynth&) = delete;
  PlayingSynth& operator=(const PlayingSynth&) = delete;

  fluid_synth_t* synth;
  fluid_sfont_t* borrowed = nullptr;
  int font = -1;
};

}  // namespace

Synthesizer::Synthesizer(const std::filesystem::path& sound_font, int rate) {
  if (rate < 8000 || rate > 96000)
    fail(ErrorCode::kInvalidArgument, "cannot render at {} Hz, expected 8000 to 96000", rate);
  check_font(sound_font);
  impl_ = std::make_unique<Impl>(rate);
  impl_->name = sound_font.string();
  // Its cache of samples is shared by all synths and not made for concurrent loading.
  static std::mutex loading;
  const std::lock_guard lock(loading);
  impl_->synth = lib().new_fluid_synth(impl_->settings.handle);
  if (impl_->synth == nullptr) fail(ErrorCode::kOutOfMemory, "cannot start FluidSynth");
  if (is_patch_set(sound_font)) {
    impl_->font = lib().fluid_synth_add_sfont(impl_->synth, new_gus_sound_font(shared_patch_set(sound_font)));
  } else {
    impl_->font = lib().fluid_synth_sfload(impl_->synth, impl_->name.c_str(), 1);
  }
  if (impl_->font < 0) fail(ErrorCode::kMalformed, "{}: not a sound font that FluidSynth can read", impl_->name);
  fluid_sfont_t* font = lib().fluid_synth_get_sfont_by_id(impl_->synth, impl_->font);
  lib().fluid_sfont_iteration_start(font);
  while (fluid_preset_t* preset = lib().fluid_sfont_iteration_next(font)) {
    const int bank = lib().fluid_preset_get_banknum(preset);
    const int number = lib().fluid_preset_get_num(preset);
    if (bank == 128) {
      // The orchestra and effects kits have timpani and laughter where others have drums.
      if (number != 48 && number != 56) impl_->kits.insert(number);
    } else if (bank < 128) {
      impl_->banks_of[number].insert(bank);
    }
  }
}

Synthesizer::~Synthesizer() = default;
Synthesizer::Synthesizer(Synthesizer&&) noexcept = default;
Synthesizer& Synthesizer::operator=(Synthesizer&&) noexcept = default;

std::vector<int> Synthesizer::banks(int program) const {
  const auto found = impl_->banks_of.find(program);
  if (found == impl_->banks_of.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<int> Synthesizer::kits() const {
  return {impl_->kits.begin(), impl_->kits.end()};
}

void Synthesizer::drop_silent(Part& part, const Timbre& timbre) {
  const PlayingSynth playing(*impl_, part, timbre);
  const int channel = channel_of(part);
  std::map<std::pair<int, int>, bool> sounds;
  for (const auto& note : part.notes) {
    const auto [known, fresh] = sounds.try_emplace({note.pitch, note.velocity});
    if (!fresh) continue;
    const int before = lib().fluid_synth_get_active_voice_count(playing.synth);
    lib().fluid_synth_noteon(playing.synth, channel, note.pitch, note.velocity);
    known->second = lib().fluid_synth_get_active_voice_count(playing.synth) > before;
    lib().fluid_synth_all_sounds_off(playing.synth, channel);
    // Voices are given back while a block is made.
    std::array<float, 2 * kBlock> ignored;
    lib().fluid_synth_write_float(playing.synth, kBlock, ignored.data(), 0, 2, ignored.data(), 1, 2);
  }
  std::erase_if(part.notes, [&](const PlayedNote& note) { return !sounds.at({note.pitch, note.velocity}); });
}

std::vector<float> Synthesizer::render_stereo(const Part& part, double seconds, const Timbre& timbre,
                                              const std::function<bool()>& keep_going) {
  if (!(seconds >= 0) || seconds > 24 * 3600) {
    fail(ErrorCode::kInvalidArgument, "cannot render {} s, expected 0 to 86400", seconds);
  }
  const int rate = impl_->rate;
  const int channel = channel_of(part);
  // A synth of its own for each part: resetting one leaves the tail of its reverb and the phases of its chorus.
  const PlayingSynth playing(*impl_, part, timbre);
  fluid_synth_t* synth = playing.synth;
  lib().fluid_synth_reverb_on(synth, -1, timbre.reverb > 0);
  lib().fluid_synth_set_reverb_group_roomsize(synth, -1, timbre.room_size);
  lib().fluid_synth_set_reverb_group_damp(synth, -1, timbre.damping);
  lib().fluid_synth_set_reverb_group_level(synth, -1, timbre.reverb);
  lib().fluid_synth_chorus_on(synth, -1, timbre.chorus > 0);
  lib().fluid_synth_set_chorus_group_level(synth, -1, 4 * timbre.chorus);
  lib().fluid_synth_cc(synth, channel, 10, std::clamp(static_cast<int>(64 + 63 * timbre.pan), 0, 127));
  lib().fluid_synth_cc(synth, channel, 91, timbre.reverb > 0 ? 100 : 0);
  lib().fluid_synth_cc(synth, channel, 93, timbre.chorus > 0 ? 100 : 0);
  // Generators are offsets from the preset.
  lib().fluid_synth_set_gen(synth, channel, GEN_FINETUNE, static_cast<float>(timbre.tuning_cents));
  lib().fluid_synth_set_gen(synth, channel, GEN_FILTERFC, static_cast<float>(timbre.brightness));
  lib().fluid_synth_set_gen(synth, channel, GEN_VOLENVATTACK, static_cast<float>(timbre.attack));
  lib().fluid_synth_set_gen(synth, channel, GEN_VOLENVRELEASE, static_cast<float>(timbre.release));

  const long length = std::lround(seconds * rate);
  std::vector<Event> events;
  for (const auto& note : part.notes) {
    const auto block = [rate](double at) { return std::lround(at * rate / kBlock) * kBlock; };
    const long on = block(note.onset_sec);
    if (on >= length || note.velocity < 1 || note.pitch < 0 || note.pitch > 127) continue;
    events.push_back({on, true, note.pitch, std::min(note.velocity, 127)});
    events.push_back({std::max(on + kBlock, block(note.offset_sec)), false, note.pitch, 0});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.frame != b.frame ? a.frame < b.frame : a.on < b.on; });

  std::vector<float> samples(2 * static_cast<std::size_t>(length));
  long now = 0;
  const auto advance = [&](long to) {
    to = std::min(to, length);
    while (now < to) {
      if (keep_going && !keep_going()) fail(ErrorCode::kCancelled, "cancelled");
      // Pieces of about a second, whole blocks.
      const long stop = std::min(to, now + rate / kBlock * kBlock);
      const auto at = static_cast<int>(2 * now);
      lib().fluid_synth_write_float(synth, static_cast<int>(stop - now), samples.data(), at, 2, samples.data(), at + 1,
                                    2);
      now = stop;
    }
  };
  for (const auto& event : events) {
    if (event.frame >= length) break;
    advance(event.frame);
    if (event.on) {
      lib().fluid_synth_noteon(synth, channel, event.key, event.velocity);
    } else {
      lib().fluid_synth_noteoff(synth, channel, event.key);
    }
  }
  advance(length);
  return samples;
}

std::vector<float> Synthesizer::render(const Part& part, double seconds, const Timbre& timbre) {
  const auto stereo = render_stereo(part, seconds, timbre);
  std::vector<float> mono(stereo.size() / 2);
  for (std::size_t i = 0; i < mono.size(); ++i) mono[i] = 0.5f * (stereo[2 * i] + stereo[2 * i + 1]);
  auto samples = resample_to_render_rate(mono, impl_->rate);
  samples.resize(static_cast<std::size_t>(std::lround(seconds * kRenderRate)));
  return samples;
}

}  // namespace yourmt3
