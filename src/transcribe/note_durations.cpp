#include "transcribe/note_durations.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/fail.h"

namespace yourmt3 {
namespace {

float logit(float probability) {
  const float inside = std::clamp(probability, 1e-6f, 1.f - 1e-6f);
  return std::log(inside / (1.f - inside));
}

}  // namespace

SoundingFrames::SoundingFrames(const ModelConfig& config)
    : layout_(config),
      front_end_(config.front_end),
      advance_(config.segment_advance()),
      threshold_logit_(logit(config.inference.sounding_threshold)) {
  if (layout_.n_pitches == 0) {
    fail(ErrorCode::kInvalidArgument,
         "inference.onset_only needs the note heads (auxiliary.notes), which tell when "
         "notes end");
  }
}

void SoundingFrames::append(std::span<const float> auxiliary) {
  const auto width = static_cast<std::size_t>(layout_.width);
  for (std::size_t frame = 0; frame + width <= auxiliary.size(); frame += width) {
    std::bitset<128>& sounding = frames_.emplace_back();
    for (int k = 0; k < layout_.n_pitches && layout_.pitch_min + k < 128; ++k) {
      const float value = auxiliary[frame + static_cast<std::size_t>(layout_.n_pitches + k)];
      sounding.set(static_cast<std::size_t>(layout_.pitch_min + k), value >= threshold_logit_);
    }
  }
}

double SoundingFrames::frame_sec(std::size_t frame) const {
  const auto n_frames = static_cast<std::size_t>(front_end_.n_frames());
  const std::size_t sample = frame / n_frames * static_cast<std::size_t>(advance_) +
                             frame % n_frames * static_cast<std::size_t>(front_end_.hop_length);
  return static_cast<double>(sample) / front_end_.sample_rate;
}

std::size_t SoundingFrames::first_frame_at(double time_sec) const {
  const double sample = std::max(0.0, time_sec) * front_end_.sample_rate;
  const double segment = std::floor(sample / advance_);
  const double in_segment = std::ceil((sample - segment * advance_) / front_end_.hop_length - 1e-9);
  const double frame = segment * front_end_.n_frames() + std::min<double>(in_segment, front_end_.n_frames());
  return std::min(frames_.size(), static_cast<std::size_t>(frame));
}

double SoundingFrames::end_of_note(double onset_sec, int pitch) const {
  YOURMT3_ASSERT(covers(pitch));
  const auto index = static_cast<std::size_t>(pitch);
  const double earliest_sec = onset_sec + kShortestSec, latest_sec = onset_sec + kLongestSec;
  for (std::size_t frame = first_frame_at(earliest_sec); frame < frames_.size(); ++frame) {
    const double time_sec = frame_sec(frame);
    if (time_sec >= latest_sec) return latest_sec;
    const bool silent_next = frame + 1 == frames_.size() || !frames_[frame + 1].test(index);
    if (!frames_[frame].test(index) && silent_next) return std::max(time_sec, earliest_sec);
  }
  return std::clamp(frame_sec(frames_.size()), earliest_sec, latest_sec);
}

void set_offsets(std::vector<Note>& notes, const SoundingFrames& sounding) {
  std::map<std::pair<int, int>, double> next_onset_sec;  // By program and pitch.
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    if (note->is_drum) continue;
    const std::pair key(note->program, note->pitch);
    note->offset_sec = sounding.covers(note->pitch) ? sounding.end_of_note(note->onset_sec, note->pitch)
                                                    : note->onset_sec + SoundingFrames::kShortestSec;
    if (const auto next = next_onset_sec.find(key); next != next_onset_sec.end() && next->second > note->onset_sec) {
      note->offset_sec = std::min(note->offset_sec, next->second);
    }
    next_onset_sec[key] = note->onset_sec;
  }
}

}  // namespace yourmt3
