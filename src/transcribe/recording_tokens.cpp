#include "transcribe/recording_tokens.h"

#include <utility>

#include "transcribe/settled_notes.h"

namespace yourmt3 {
RecordingTokens::RecordingTokens(const ModelConfig& config, const Task& task) : config_(&config), task_(&task) {
  if (config.inference.onset_only && config.auxiliary.notes) sounding_.emplace(config);
}

void RecordingTokens::append(std::span<const float> auxiliary) {
  segments_.emplace_back();
  if (sounding_) sounding_->append(auxiliary);
}

void RecordingTokens::set(std::size_t segment, Rows rows, Probabilities probabilities) {
  for (auto& tokens : rows) tokens.shrink_to_fit();
  for (auto& row : probabilities) row.shrink_to_fit();
  segments_.at(segment) = {std::move(rows), std::move(probabilities)};
}

// As tokens_to_notes() of the score module, for segments of any length.
void RecordingTokens::finish(Transcription& heard) const {
  const FrontEndConfig& front_end = config_->front_end;
  std::vector<double> start_sec(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    start_sec[i] = static_cast<double>(i) * front_end.segment_samples / front_end.sample_rate;
    for (const auto& tokens : segments_[i].rows) heard.n_tokens += static_cast<std::int64_t>(tokens.size());
  }
  std::vector<std::vector<DecodedSegment>> by_channel(static_cast<std::size_t>(task_->n_channels));
  DecodeErrors errors;
  for (std::size_t channel = 0; channel < by_channel.size(); ++channel) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      by_channel[channel].push_back(
          read_row(segments_[i].rows, segments_[i].probabilities, channel, start_sec[i], *task_, errors));
    }
  }
  heard.notes = notes_of_segments(by_channel, start_sec, config_->inference.onset_only, sounding(), errors);
  for (std::size_t kind = 0; kind < kDecodeErrorKinds; ++kind) {
    const auto error = static_cast<DecodeError>(kind);
    if (errors.count(error) > 0) heard.decode_errors[reference_name(error)] = errors.count(error);
  }
}

}  // namespace yourmt3
