#include "transcribe/instrument_mask.h"

#include <algorithm>

#include "core/fail.h"
#include "transcribe/instruments.h"

namespace yourmt3 {

InstrumentMask::InstrumentMask(std::span<const std::string> only, std::span<const std::string> without) {
  if (only.empty()) programs_.set();
  const auto set = [this](std::span<const std::string> names, bool allowed) {
    for (const std::string& name : names) {
      for (const int program : find_instrument(name).programs)
        programs_.set(static_cast<std::size_t>(program), allowed);
    }
  };
  set(only, true);
  set(without, false);
  if (programs_.none()) {
    fail(ErrorCode::kInvalidArgument, "no instrument is left: what is wanted is left out, too");
  }
}

void require_told_apart(std::span<const std::string> names, const Task& task) {
  const ProgramVocabulary& programs = task.vocabulary.programs();
  const auto written = [&](int program) {
    return program == kDrumProgram || (programs.class_of(program) >= 0 && programs.representative(program) == program);
  };
  for (const std::string& name : names) {
    const Instrument& instrument = find_instrument(name);
    if (std::any_of(instrument.programs.begin(), instrument.programs.end(), written)) continue;
    const Instrument& family = find_instrument(instrument.family);
    if (std::any_of(family.programs.begin(), family.programs.end(), written)) {
      fail(ErrorCode::kInvalidArgument, "the network does not tell '{}' from the rest of its family; name '{}'", name,
           family.name);
    }
    fail(ErrorCode::kInvalidArgument, "the network does not know '{}'", name);
  }
}

}  // namespace yourmt3
