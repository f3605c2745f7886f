#include "transcribe/group_evidence.h"

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "score/program_groups.h"

namespace yourmt3 {

GroupEvidence::GroupEvidence(const ModelConfig& config, const Task& task, const EncodedSegments& encoded)
    : task_(&task),
      logits_(encoded.group_notes),
      n_frames_(static_cast<std::size_t>(encoded.n_segments * config.front_end.n_frames())),
      n_pitches_(static_cast<std::size_t>(config.pre_encoder.n_pitches)),
      n_groups_(static_cast<std::size_t>(config.auxiliary.n_pitched_groups())),
      pitch_min_(config.front_end.pitch_min),
      weight_(config.inference.group_weight),
      offsets_(n_groups_) {
  if (logits_.size() != n_frames_ * n_pitches_ * n_groups_) {
    fail(ErrorCode::kMalformed, "the head for groups gives {} values, expected {} frames of {} pitches and {} groups",
         logits_.size(), n_frames_, n_pitches_, n_groups_);
  }
}

float GroupEvidence::of(std::size_t frame, std::size_t pitch, std::size_t group) const {
  const std::size_t next = std::min(frame + 1, n_frames_ - 1);
  const auto at = [&](std::size_t t) { return logits_[(t * n_pitches_ + pitch) * n_groups_ + group]; };
  return (at(frame) + at(next)) / 2 + offsets_[group];
}

void GroupEvidence::append(std::size_t frame, std::size_t pitch, std::vector<float>& logits) const {
  const std::size_t p = pitch - static_cast<std::size_t>(pitch_min_);
  for (std::size_t g = 0; g < n_groups_; ++g) logits.push_back(of(frame, p, g));
}

void GroupEvidence::add(std::size_t frame, int program, const std::bitset<128>& pitches,
                        std::span<float> logits) const {
  const Vocabulary& vocabulary = task_->vocabulary;
  const auto& programs = vocabulary.range(EventType::kProgram);
  constexpr float kNobody = std::numeric_limits<float>::lowest();
  std::vector<float> best(n_groups_, kNobody), said(n_groups_);  // Of all pitches, and to the present one.
  const int group_now = program < 0 ? -1 : channel_of_13(program);
  for (std::size_t p = 0; p < n_pitches_; ++p) {
    const std::size_t pitch = p + static_cast<std::size_t>(pitch_min_);
    if (pitch >= pitches.size() || !pitches.test(pitch)) continue;
    for (std::size_t g = 0; g < n_groups_; ++g) said[g] = of(frame, p, g);
    const float likeliest = *std::max_element(said.begin(), said.end());
    for (std::size_t g = 0; g < n_groups_; ++g) best[g] = std::max(best[g], said[g] - likeliest);
    if (group_now >= 0 && static_cast<std::size_t>(group_now) < n_groups_) {
      logits[static_cast<std::size_t>(vocabulary.id(EventType::kPitch, static_cast<int>(pitch)))] +=
          weight_ * (said[static_cast<std::size_t>(group_now)] - likeliest);
    }
  }
  for (int i = 0; i < programs.count; ++i) {
    const int group = channel_of_13(i);
    if (group < 0 || static_cast<std::size_t>(group) >= n_groups_) continue;
    const float of_best = best[static_cast<std::size_t>(group)];
    if (of_best > kNobody) logits[static_cast<std::size_t>(programs.first_id + i)] += weight_ * of_best;
  }
}

}  // namespace yourmt3
