#include "transcribe/guided_decoding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/fail.h"
#include "score/segments.h"

namespace yourmt3 {

GuidedDecoding::GuidedDecoding(const ModelConfig& config, const Grammar& grammar, const EncodedSegments& encoded,
                               const HeadMargins& margins, GroupPrior* prior)
    : grammar_(&grammar),
      by_grammar_(config.inference.grammar),
      n_channels_(config.decoder.n_channels),
      layout_(config),
      n_frames_(config.front_end.n_frames()) {
  for (int tick = 0; tick < kShiftValues; ++tick) {
    const double sample = static_cast<double>(tick) * config.front_end.sample_rate / kTicksPerSecond;
    const auto frame = static_cast<int>(std::lround(sample / config.front_end.hop_length));
    frame_of_tick_.push_back(std::min(frame, n_frames_ - 1));
  }
  rows_.resize(static_cast<std::size_t>(encoded.n_segments * config.decoder.n_channels));
  for (Row& row : rows_) {
    row.state = grammar.start();
    row.allowed.resize(static_cast<std::size_t>(grammar.task().vocabulary.size()));
  }
  if (config.inference.fusion_weight != 0.f && layout_.n_pitches > 0) prepare_evidence(encoded, config.inference);
  if (config.inference.certain_onset > 0.f) {
    const std::size_t values = static_cast<std::size_t>(n_frames_) * static_cast<std::size_t>(layout_.width);
    for (std::size_t first = 0; first + values <= encoded.auxiliary.size(); first += values) {
      candidates_.emplace_back(config, grammar, std::span(encoded.auxiliary).subspan(first, values), margins);
    }
    if (config.inference.group_weight > 0.f) groups_.emplace(config, grammar.task(), encoded);
    if (groups_ && prior != nullptr) ask(*prior);
  }
}

void GuidedDecoding::ask(GroupPrior& prior) {
  YOURMT3_ASSERT(candidates_.size() == 1);
  std::vector<float> logits;
  for (const OnsetCandidates::Chord& chord : candidates_[0].chords()) {
    for (std::size_t pitch = 0; pitch < chord.certain_pitches.size(); ++pitch) {
      if (chord.certain_pitches.test(pitch)) groups_->append(frame_of_tick(chord.tick), pitch, logits);
    }
  }
  groups_->set_offsets(prior.update(logits));
}

void GuidedDecoding::prepare_evidence(const EncodedSegments& encoded, const InferenceConfig& inference) {
  const std::size_t n_all = static_cast<std::size_t>(encoded.n_segments) * static_cast<std::size_t>(n_frames_);
  const auto width = static_cast<std::size_t>(layout_.width);
  if (encoded.auxiliary.size() != n_all * width) {
    fail(ErrorCode::kMalformed, "the auxiliary heads give {} values, expected {} frames of {}",
         encoded.auxiliary.size(), n_all, width);
  }
  const int n_keys = layout_.n_pitches + layout_.n_drums;
  evidence_.resize(n_all * static_cast<std::size_t>(n_keys));
  pitch_evidence_.resize(n_all);
  drum_evidence_.resize(n_all);
  // Onsets of pitches, then of drums: two runs of columns, with those of sounding pitches between them.
  const auto n_pitches = static_cast<std::size_t>(layout_.n_pitches);
  const auto run = [&](std::size_t frame, std::size_t key, std::size_t n, std::size_t column) {
    const std::size_t in_segment = frame % static_cast<std::size_t>(n_frames_);
    const float* here = encoded.auxiliary.data() + frame * width + column;
    const float* before = in_segment > 0 ? here - width : here;
    const float* after = in_segment + 1 < static_cast<std::size_t>(n_frames_) ? here + width : here;
    float* out = evidence_.data() + frame * static_cast<std::size_t>(n_keys) + key;
    float largest = std::numeric_limits<float>::lowest();
    for (std::size_t i = 0; i < n; ++i) {
      const float logit = std::max(std::max(before[i], here[i]), after[i]);
      out[i] = inference.fusion_weight *
               std::clamp(logit + inference.fusion_bias, -inference.fusion_clamp, inference.fusion_clamp);
      largest = std::max(largest, out[i]);
    }
    return largest;
  };
  for (std::size_t frame = 0; frame < n_all; ++frame) {
    pitch_evidence_[frame] = run(frame, 0, n_pitches, 0);
    drum_evidence_[frame] = run(frame, n_pitches, static_cast<std::size_t>(layout_.n_drums), 2 * n_pitches);
  }
}

void GuidedDecoding::add_evidence(const Row& row, int segment, int channel, std::span<float> logits) const {
  if (row.state.section != GrammarState::Section::kNotes) return;
  const Task& task = grammar_->task();
  const auto first_frame = static_cast<std::size_t>(segment) * static_cast<std::size_t>(n_frames_);
  const bool drums_here = task.channel_of(kDrumProgram) == channel;
  const bool only_drums = drums_here && task.n_channels > 1;

  if (row.state.velocity == 1) {
    const int n_keys = layout_.n_pitches + layout_.n_drums;
    const std::size_t frame = first_frame + frame_of_tick(row.state.tick);
    const float* evidence = evidence_.data() + frame * static_cast<std::size_t>(n_keys);
    const std::int32_t first_pitch_id = task.vocabulary.range(EventType::kPitch).first_id;
    const std::int32_t first_drum_id = task.vocabulary.range(EventType::kDrum).first_id;
    for (int k = 0; k < layout_.n_pitches; ++k) {
      const int pitch = layout_.pitch_min + k;
      if (pitch < 128) logits[static_cast<std::size_t>(first_pitch_id + pitch)] += evidence[k];
    }
    for (int k = 0; k < layout_.n_drums; ++k) {
      const int drum = layout_.drum_min + k;
      if (drum < 128) logits[static_cast<std::size_t>(first_drum_id + drum)] += evidence[layout_.n_pitches + k];
    }
  }
  const std::int32_t first_shift_id = task.vocabulary.range(EventType::kShift).first_id;
  for (int tick = 0; tick < kShiftValues; ++tick) {
    const std::size_t frame = first_frame + frame_of_tick(tick);
    float evidence = only_drums ? drum_evidence_[frame] : pitch_evidence_[frame];
    if (drums_here) evidence = std::max(evidence, drum_evidence_[frame]);
    logits[static_cast<std::size_t>(first_shift_id + tick)] += evidence;
  }
}

void GuidedDecoding::take(OnsetCandidates& candidates, int tick, std::int32_t token) const {
  const Event event = grammar_->task().vocabulary.event(token);
  if (event.type == EventType::kPitch) candidates.take_pitch(tick, event.value);
  if (event.type == EventType::kDrum) candidates.take_drum(tick, event.value);
}

void GuidedDecoding::process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) {
  Row& state = rows_.at(static_cast<std::size_t>(row));
  const int channel = row % n_channels_;
  OnsetCandidates* candidates =
      candidates_.empty() ? nullptr : &candidates_.at(static_cast<std::size_t>(row / n_channels_));
  for (; state.n_read < tokens.size(); ++state.n_read) {
    grammar_->advance(state.state, tokens[state.n_read]);
    if (candidates != nullptr) take(*candidates, state.state.tick, tokens[state.n_read]);
  }
  if (!evidence_.empty()) add_evidence(state, row / n_channels_, channel, logits);
  if (groups_ && state.state.section == GrammarState::Section::kNotes) {
    const std::size_t first = static_cast<std::size_t>(row) * static_cast<std::size_t>(n_frames_);
    groups_->add(first + frame_of_tick(state.state.tick), state.state.program,
                 candidates->possible_pitches(state.state.tick), logits);
  }
  constexpr float kForbidden = -std::numeric_limits<float>::infinity();
  if (!by_grammar_) {
    for (const std::int32_t id : grammar_->masked_tokens()) {
      if (static_cast<std::size_t>(id) < logits.size()) logits[static_cast<std::size_t>(id)] = kForbidden;
    }
    return;
  }
  if (candidates != nullptr && state.state.section == GrammarState::Section::kNotes) {
    candidates->allowed_tokens(*grammar_, state.state, state.allowed);
  } else {
    grammar_->allowed_tokens(state.state, channel, state.allowed);
  }
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (id >= state.allowed.size() || state.allowed[id] == 0) logits[id] = kForbidden;
  }
}

float GuidedDecoding::trust(int row, std::int32_t token) const {
  if (candidates_.empty()) return 1.f;
  const Event event = grammar_->task().vocabulary.event(token);
  if (event.type != EventType::kPitch && event.type != EventType::kDrum) return 1.f;
  const GrammarState& state = rows_.at(static_cast<std::size_t>(row)).state;
  if (state.section != GrammarState::Section::kNotes) return 1.f;
  return candidates_.at(static_cast<std::size_t>(row / n_channels_))
      .evidence(state.tick, event.type == EventType::kDrum, event.value);
}

}  // namespace yourmt3
