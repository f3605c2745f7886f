#include "train/example.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

constexpr int kGroups = 13;               // Channels of the mc13 tasks.
constexpr double kDrumPresenceSec = 0.1;  // How long a stroke counts as presence of the drums.

}  // namespace

std::size_t Example::longest() const {
  std::size_t longest = 0;
  for (const auto& channel : tokens) longest = std::max(longest, channel.size());
  return longest;
}

bool Example::complete() const {
  return std::find(annotated.begin(), annotated.end(), false) == annotated.end();
}

ExampleMaker::ExampleMaker(const ModelConfig& config, bool mask_unannotated)
    : config_(config), mask_unannotated_(mask_unannotated), task_(task(config.task)), front_end_(config.front_end) {
  if (task_.vocabulary.size() != config.decoder.vocab_size || task_.n_channels != config.decoder.n_channels) {
    fail(ErrorCode::kInvalidArgument, "task '{}' has {} tokens and {} channels, the decoder {} and {}", config.task,
         task_.vocabulary.size(), task_.n_channels, config.decoder.vocab_size, config.decoder.n_channels);
  }
  if (config.auxiliary.n_groups != 0 && config.auxiliary.n_groups != kGroups) {
    fail(ErrorCode::kUnsupported, "auxiliary.n_groups is {}, expected 0 or {}", config.auxiliary.n_groups, kGroups);
  }
}

std::vector<Note> ExampleMaker::clean(std::span<const Note> notes) const {
  std::vector<Note> kept;
  for (Note note : notes) {
    if (!note.is_drum && task_.channel_of(note.program) < 0) continue;
    note.velocity = 1;
    if (note.is_drum) {
      note.pitch = task_.vocabulary.drums().representative(note.pitch);
      note.onset_sec = std::nearbyint(note.onset_sec * kTicksPerSecond) / kTicksPerSecond;
      note.offset_sec = note.onset_sec + kMinimumDurationSec;
    } else {
      note.program = task_.vocabulary.programs().representative(note.program);
    }
    kept.push_back(note);
  }
  return mix_notes(std::array{std::move(kept)});
}

int ExampleMaker::frame_at(double sec) const {
  const double frame = sec * config_.front_end.sample_rate / config_.front_end.hop_length;
  return static_cast<int>(std::clamp(std::lround(frame), 0L, static_cast<long>(front_end_.n_frames()) - 1));
}

std::vector<std::int32_t> ExampleMaker::token_frames(std::span<const std::int32_t> tokens) const {
  std::vector<std::int32_t> frames;
  std::int32_t now = 0;
  for (const std::int32_t token : tokens) {
    const Event event = task_.vocabulary.event(token);
    if (event.type == EventType::kShift) now = frame_at(static_cast<double>(event.value) / kTicksPerSecond);
    const bool timeless = event.type == EventType::kTask || event.type == EventType::kEos;
    frames.push_back(timeless ? -1 : now);
  }
  return frames;
}

void ExampleMaker::fill_note_targets(std::span<const Note> notes, Example& example) const {
  const int n_pitches = config_.pre_encoder.n_pitches, pitch_min = config_.front_end.pitch_min;
  const int n_drums = config_.auxiliary.n_drums, drum_min = config_.auxiliary.drum_min;
  const auto width = static_cast<std::size_t>(n_note_targets());
  const int n_frames = front_end_.n_frames();
  example.notes.assign(static_cast<std::size_t>(n_frames) * width, 0);
  const auto set = [&](int frame, int column) {
    example.notes[static_cast<std::size_t>(frame) * width + static_cast<std::size_t>(column)] = 1;
  };
  for (const Note& note : notes) {
    const bool begins = note.onset_sec >= 0 && note.onset_sec < kSegmentSec;
    if (note.is_drum) {
      const int drum = note.pitch - drum_min;
      if (begins && drum >= 0 && drum < n_drums) set(frame_at(note.onset_sec), 2 * n_pitches + drum);
      continue;
    }
    const int pitch = note.pitch - pitch_min;
    if (pitch < 0 || pitch >= n_pitches || note.offset_sec <= 0 || note.onset_sec >= kSegmentSec) continue;
    if (begins) set(frame_at(note.onset_sec), pitch);
    const int first = frame_at(note.onset_sec);
    const int last = note.offset_sec >= kSegmentSec ? n_frames : std::max(first + 1, frame_at(note.offset_sec));
    for (int frame = first; frame < last; ++frame) set(frame, n_pitches + pitch);
  }
}

void ExampleMaker::fill_group_targets(std::span<const Note> notes, Example& example) const {
  const int n_frames = front_end_.n_frames();
  example.groups.assign(static_cast<std::size_t>(n_frames) * kGroups, 0);
  for (const Note& note : notes) {
    const int group = channel_of_13(note.is_drum ? kDrumProgram : note.program);
    const double offset = note.is_drum ? note.onset_sec + kDrumPresenceSec : note.offset_sec;
    if (group < 0 || offset <= 0 || note.onset_sec >= kSegmentSec) continue;
    const int first = frame_at(note.onset_sec);
    const int last = offset >= kSegmentSec ? n_frames : std::max(first + 1, frame_at(offset));
    for (int frame = first; frame < last; ++frame) {
      example.groups[static_cast<std::size_t>(frame * kGroups + group)] = 1;
    }
  }
}

void ExampleMaker::fill_group_note_targets(std::span<const Note> notes, Example& example) const {
  const int n_pitches = config_.pre_encoder.n_pitches, pitch_min = config_.front_end.pitch_min;
  const int n_groups = config_.auxiliary.n_pitched_groups();
  example.group_notes.assign(static_cast<std::size_t>(front_end_.n_frames() * n_pitches * n_groups), 0);
  for (const Note& note : notes) {
    const int group = note.is_drum ? -1 : channel_of_13(note.program);
    const int pitch = note.pitch - pitch_min;
    if (group < 0 || pitch < 0 || pitch >= n_pitches || note.onset_sec < 0 || note.onset_sec >= kSegmentSec) continue;
    const int row = frame_at(note.onset_sec) * n_pitches + pitch;
    example.group_notes[static_cast<std::size_t>(row * n_groups + group)] = 1;
  }
}

std::vector<bool> ExampleMaker::annotated_channels(const MixedSegment& segment) const {
  const auto n_channels = static_cast<std::size_t>(task_.n_channels);
  std::vector<bool> annotated(n_channels, true);
  if (!mask_unannotated_ || !segment.annotated) return annotated;
  annotated.assign(n_channels, false);
  if (n_channels == 1) return annotated;
  for (const int program : *segment.annotated) {
    const int channel = task_.channel_of(program);
    if (channel >= 0) annotated[static_cast<std::size_t>(channel)] = true;
  }
  return annotated;
}

Example ExampleMaker::make(const MixedSegment& segment, TokenMode mode) const {
  Example example;
  example.features.resize(static_cast<std::size_t>(front_end_.n_frames()) *
                          static_cast<std::size_t>(front_end_.n_bins()));
  front_end_.compute(segment.samples, example.features);
  const std::vector<Note> cleaned = clean(segment.notes);
  const SongEvents song(cleaned);
  example.tokens = encode_channels(slice_events(song, 0.0, kSegmentSec), task_, mode);
  for (const auto& channel : example.tokens) example.frames.push_back(token_frames(channel));
  example.annotated = annotated_channels(segment);
  if (config_.auxiliary.notes) fill_note_targets(cleaned, example);
  if (config_.auxiliary.group_notes > 0) fill_group_note_targets(cleaned, example);
  if (config_.auxiliary.n_groups > 0) fill_group_targets(cleaned, example);
  return example;
}

}  // namespace yourmt3
