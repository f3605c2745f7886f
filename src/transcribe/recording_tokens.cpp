#include "transcribe/recording_tokens.h"

#include <span>

#include "transcribe/settled_notes.h"

namespace yourmt3 {
RecordingTokens::RecordingTokens(const ModelConfig& config, const Task& task) : config_(&config), task_(&task) {
  if (config.inference.onset_only && config.auxiliary.notes) sounding_.emplace(config);
}

void RecordingTokens::append(std::span<const float> auxiliary) {
  segments_.emplace_back();
  row_sizes_.resize(segments_.size() * static_cast<std::size_t>(task_->n_channels));
  if (sounding_) sounding_->append(auxiliary);
}

void RecordingTokens::set(std::size_t segment, const Rows& rows, const Probabilities& probabilities) {
  segments_.at(segment) = {true, !probabilities.empty(), tokens_.size(), probabilities_.size()};
  std::uint32_t* size = &row_sizes_[segment * rows.size()];
  for (const auto& row : rows) {
    *size++ = static_cast<std::uint32_t>(row.size());
    tokens_.insert(tokens_.end(), row.begin(), row.end());
  }
  for (const auto& row : probabilities) probabilities_.insert(probabilities_.end(), row.begin(), row.end());
}

template <class Value>
std::vector<std::vector<Value>> RecordingTokens::rows_of(std::size_t segment, const std::vector<Value>& values,
                                                         std::size_t first) const {
  std::vector<std::vector<Value>> rows;
  auto from = values.begin() + static_cast<std::ptrdiff_t>(first);
  const auto n_channels = static_cast<std::size_t>(task_->n_channels);
  for (const std::uint32_t size : std::span(row_sizes_).subspan(segment * n_channels, n_channels)) {
    rows.emplace_back(from, from + size);
    from += size;
  }
  return rows;
}

RecordingTokens::Rows RecordingTokens::rows(std::size_t segment) const {
  const Segment& found = segments_.at(segment);
  return found.is_set ? rows_of(segment, tokens_, found.first_token) : Rows();
}

RecordingTokens::Probabilities RecordingTokens::probabilities(std::size_t segment) const {
  const Segment& found = segments_.at(segment);
  return found.has_probabilities ? rows_of(segment, probabilities_, found.first_probability) : Probabilities();
}

// As tokens_to_notes() of the score module, for segments of any length.
void RecordingTokens::finish(Transcription& heard) const {
  const FrontEndConfig& front_end = config_->front_end;
  std::vector<double> start_sec(segments_.size());
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    start_sec[i] = static_cast<double>(i) * config_->segment_advance() / front_end.sample_rate;
  }
  heard.n_tokens = static_cast<std::int64_t>(tokens_.size());
  std::vector<std::vector<DecodedSegment>> by_channel(static_cast<std::size_t>(task_->n_channels));
  DecodeErrors errors;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Rows tokens = rows(i);
    const Probabilities known = probabilities(i);
    for (std::size_t channel = 0; channel < by_channel.size(); ++channel) {
      by_channel[channel].push_back(read_row(tokens, known, channel, start_sec[i], *task_, errors));
    }
  }
  heard.notes = notes_of_segments(by_channel, start_sec, config_->inference.onset_only, sounding(), errors);
  for (std::size_t kind = 0; kind < kDecodeErrorKinds; ++kind) {
    const auto error = static_cast<DecodeError>(kind);
    if (errors.count(error) > 0) heard.decode_errors[reference_name(error)] = errors.count(error);
  }
}

}  // namespace yourmt3
