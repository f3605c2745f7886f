#include "transcribe/grammar.h"

#include <algorithm>

#include "core/fail.h"

namespace yourmt3 {

Grammar::Grammar(const Task& task, bool onset_only, const InstrumentMask& mask)
    : task_(&task), onset_only_(onset_only), drums_(mask.allows(kDrumProgram)) {
  if (const auto found = task.prefixes.find(onset_only ? "onsets" : "notes"); found != task.prefixes.end()) {
    prefix_ = found->second;
  }
  for (const ProgramClass& group : task.vocabulary.programs().classes()) {
    if (mask.allows(group.representative())) programs_.push_back(group.representative());
  }
  std::sort(programs_.begin(), programs_.end());
  for (int channel = 0; channel < task.n_channels; ++channel) {
    const auto here = [&](int program) { return task.channel_of(program) == channel; };
    if ((drums_ && here(kDrumProgram)) || std::any_of(programs_.begin(), programs_.end(), here)) {
      channels_.push_back(channel);
    }
  }
  const auto forbid = [&](EventType type, auto which) {
    const EventRange& range = task.vocabulary.range(type);
    for (int value = 0; value < range.count; ++value) {
      if (which(value)) masked_tokens_.push_back(range.first_id + value);
    }
  };
  forbid(EventType::kProgram, [&](int program) { return !mask.allows(program); });
  // Pitches without a program make no notes, but cost steps.
  forbid(EventType::kPitch, [&](int) { return programs_.empty(); });
  forbid(EventType::kDrum, [&](int) { return !drums_; });
}

GrammarState Grammar::start() const {
  GrammarState state;
  state.section = prefix_.empty() ? GrammarState::Section::kTies : GrammarState::Section::kPrefix;
  state.sounding.resize(programs_.size());
  return state;
}

int Grammar::position_of(int program) const {
  const auto found = std::lower_bound(programs_.begin(), programs_.end(), program);
  return found != programs_.end() && *found == program ? static_cast<int>(found - programs_.begin()) : -1;
}

bool Grammar::sounds(const GrammarState& state, int program) const {
  const int position = position_of(program);
  return position >= 0 && state.sounding[static_cast<std::size_t>(position)].any();
}

void Grammar::advance(GrammarState& state, std::int32_t token) const {
  using Section = GrammarState::Section;
  if (state.section == Section::kPrefix) {
    if (++state.n_prefix == static_cast<int>(prefix_.size())) state.section = Section::kTies;
    return;
  }
  const Event event = task_->vocabulary.event(token);
  const bool in_notes = state.section == Section::kNotes;
  switch (event.type) {
    case EventType::kTie:
      if (in_notes) return;
      state.section = Section::kNotes;
      state.last.reset();
      return;
    case EventType::kProgram:
      state.program = event.value;
      state.program_pending = true;
      return;
    case EventType::kVelocity:
      state.velocity = event.value;
      state.velocity_pending = true;
      return;
    case EventType::kShift:
      state.tick = event.value;
      state.last.reset();
      state.last_drum = -1;
      state.shift_pending = true;
      return;
    case EventType::kDrum:
      state.last_drum = event.value;
      break;
    case EventType::kPitch: {
      const int velocity = in_notes ? state.velocity : 1;
      state.last = {state.program, velocity, event.value};
      if (const int position = position_of(state.program); position >= 0) {
        state.sounding[static_cast<std::size_t>(position)].set(static_cast<std::size_t>(event.value), velocity == 1);
      }
      break;
    }
    default:
      return;
  }
  state.program_pending = state.velocity_pending = state.shift_pending = false;
}

void Grammar::allowed_tokens(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const {
  YOURMT3_ASSERT(static_cast<int>(allowed.size()) == task_->vocabulary.size());
  std::fill(allowed.begin(), allowed.end(), std::uint8_t{0});
  switch (state.section) {
    case GrammarState::Section::kPrefix:
      allowed[static_cast<std::size_t>(prefix_[static_cast<std::size_t>(state.n_prefix)])] = 1;
      break;
    case GrammarState::Section::kTies:
      allow_ties(state, channel, allowed);
      break;
    case GrammarState::Section::kNotes:
      allow_notes(state, channel, allowed);
      break;
  }
}

void Grammar::allow_ties(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const {
  const Vocabulary& vocabulary = task_->vocabulary;
  const auto allow = [&](EventType type, int value) {
    allowed[static_cast<std::size_t>(vocabulary.id(type, value))] = 1;
  };
  if (!state.program_pending) allow(EventType::kTie, 0);
  if (onset_only_) return;
  if (state.program >= 0) {
    const int first = state.last && state.last->program == state.program ? state.last->pitch + 1 : 0;
    for (int pitch = first; pitch < 128; ++pitch) allow(EventType::kPitch, pitch);
  }
  if (state.program_pending) return;
  for (const int program : programs_) {
    if (program > state.program && task_->channel_of(program) == channel) allow(EventType::kProgram, program);
  }
}

void Grammar::allow_pitches(const GrammarState& state, std::span<std::uint8_t> allowed) const {
  const int position = position_of(state.program);
  if (state.program < 0 || state.velocity < 0 || position < 0) return;
  const bool same_run = state.last && state.last->program == state.program && state.last->velocity == state.velocity;
  for (int pitch = same_run ? state.last->pitch + 1 : 0; pitch < 128; ++pitch) {
    const auto index = static_cast<std::size_t>(pitch);
    if (state.velocity == 0 && !state.sounding[static_cast<std::size_t>(position)].test(index)) continue;
    allowed[static_cast<std::size_t>(task_->vocabulary.range(EventType::kPitch).first_id) + index] = 1;
  }
}

void Grammar::allow_notes(const GrammarState& state, int channel, std::span<std::uint8_t> allowed) const {
  const Vocabulary& vocabulary = task_->vocabulary;
  const auto allow = [&](EventType type, int value) {
    allowed[static_cast<std::size_t>(vocabulary.id(type, value))] = 1;
  };
  const bool drums_here = drums_ && task_->channel_of(kDrumProgram) == channel;
  const bool drums_begun = state.last_drum >= 0;

  if (!drums_begun) allow_pitches(state, allowed);
  if (state.program_pending) {
    if (state.velocity_pending) return;
    if (state.velocity != 1) allow(EventType::kVelocity, 1);
    if (state.velocity != 0 && !onset_only_ && sounds(state, state.program)) allow(EventType::kVelocity, 0);
    return;
  }
  if (drums_here && state.velocity == 1) {
    for (int drum = state.last_drum + 1; drum < 128; ++drum) allow(EventType::kDrum, drum);
  }
  if (state.velocity_pending) return;

  const bool pitched_here = !drums_begun && position_of(state.program) >= 0;
  if (state.velocity != 1 && (drums_here || pitched_here)) allow(EventType::kVelocity, 1);
  if (state.velocity != 0 && !onset_only_ && pitched_here && !state.last && sounds(state, state.program)) {
    allow(EventType::kVelocity, 0);
  }
  if (!drums_begun) {
    for (const int program : programs_) {
      const bool in_order = state.last ? program > state.last->program : program != state.program;
      if (in_order && task_->channel_of(program) == channel) allow(EventType::kProgram, program);
    }
  }
  if (state.shift_pending) return;
  for (int shift = state.tick + 1; shift < kShiftValues; ++shift) allow(EventType::kShift, shift);
  allowed[kEosId] = 1;
}

}  // namespace yourmt3
