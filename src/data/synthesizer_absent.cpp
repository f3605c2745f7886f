// Built where FluidSynth is missing.
#include "core/fail.h"
#include "data/synthesizer.h"

namespace yourmt3 {

struct Synthesizer::Impl {};

Synthesizer::Synthesizer(const std::filesystem::path&, int) {
  fail(ErrorCode::kUnsupported,
       "this build plays no sound fonts: install libfluidsynth-dev and build again, or play with built-in tones");
}
Synthesizer::~Synthesizer() = default;
Synthesizer::Synthesizer(Synthesizer&&) noexcept = default;
Synthesizer& Synthesizer::operator=(Synthesizer&&) noexcept = default;
std::vector<int> Synthesizer::banks(int) const {
  return {};
}
std::vector<int> Synthesizer::kits() const {
  return {};
}
void Synthesizer::drop_silent(Part&, const Timbre&) {}
std::vector<float> Synthesizer::render(const Part&, double, const Timbre&) {
  return {};
}
std::vector<float> Synthesizer::render_stereo(const Part&, double, const Timbre&, const std::function<bool()>&) {
  return {};
}

}  // namespace yourmt3
