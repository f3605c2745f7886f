#include "data/instruments.h"

#include <array>

#include "core/fail.h"
#include "yourmt3/note.h"

namespace yourmt3 {
namespace {

constexpr std::array<PitchRange, 96> kRanges = {{
    {21, 108}, {21, 108}, {21, 108}, {21, 108}, {28, 103}, {28, 103}, {29, 89},  {36, 96},  // piano
    {60, 108}, {60, 103}, {60, 96},  {53, 89},  {45, 96},  {60, 103}, {55, 84},  {48, 84},  // chromatic percussion
    {36, 96},  {36, 96},  {36, 96},  {36, 96},  {36, 96},  {48, 89},  {55, 89},  {48, 89},  // organ
    {40, 84},  {40, 84},  {40, 86},  {40, 86},  {40, 86},  {40, 86},  {40, 86},  {52, 88},  // guitar
    {28, 60},  {28, 60},  {28, 60},  {28, 60},  {28, 60},  {28, 60},  {24, 60},  {24, 60},  // bass
    {55, 100}, {48, 86},  {36, 76},  {28, 60},  {36, 96},  {36, 90},  {24, 100}, {36, 57},  // strings
    {36, 96},  {36, 96},  {36, 96},  {36, 96},  {48, 79},  {48, 79},  {48, 79},  {48, 72},  // ensemble
    {54, 86},  {40, 72},  {28, 58},  {54, 82},  {41, 77},  {36, 84},  {36, 84},  {36, 84},  // brass
    {56, 87},  {49, 80},  {44, 75},  {36, 69},  {58, 91},  {52, 81},  {34, 72},  {50, 91},  // reed
    {74, 108}, {60, 96},  {60, 96},  {60, 96},  {60, 96},  {55, 84},  {60, 96},  {60, 84},  // pipe
    {40, 96},  {40, 96},  {40, 96},  {40, 96},  {40, 96},  {40, 96},  {40, 96},  {40, 96},  // lead
    {36, 96},  {36, 96},  {36, 96},  {36, 96},  {36, 96},  {36, 96},  {36, 96},  {36, 96},  // pad
}};

constexpr std::array<int, 96> make_all() {
  std::array<int, 96> programs{};
  for (int i = 0; i < 96; ++i) programs[static_cast<std::size_t>(i)] = i;
  return programs;
}
constexpr auto kAll = make_all();
constexpr std::array kStrings = {40, 41, 42, 43, 44, 45, 46};
constexpr std::array kEnsemble = {48, 49, 50, 51, 52, 53, 54};

}  // namespace

PitchRange instrument_range(int program) {
  if (program == kDrumProgram) return {35, 81};
  if (program < 0 || program > 127) fail(ErrorCode::kInvalidArgument, "program {} is not in 0-128", program);
  return program < 96 ? kRanges[static_cast<std::size_t>(program)] : PitchRange{36, 96};
}

int instrument_group(int program) {
  if (program == kDrumProgram) return 12;
  if (program == kSingingProgram || program == kChorusProgram) return 11;
  if (program < 0 || program >= 96) return -1;
  const int family = program / 8;
  return family <= 5 ? family : family - 1;
}

std::span<const int> family_programs(int family) {
  if (family < 0 || family > 11) fail(ErrorCode::kInvalidArgument, "GM family {} is not in 0-11", family);
  if (family == 5) return kStrings;
  if (family == 6) return kEnsemble;
  return std::span(kAll).subspan(static_cast<std::size_t>(family) * 8, 8);
}

int fold_into(PitchRange range, int pitch) {
  while (pitch < range.low && pitch + 12 <= range.high) pitch += 12;
  while (pitch > range.high && pitch - 12 >= range.low) pitch -= 12;
  return pitch;
}

}  // namespace yourmt3
