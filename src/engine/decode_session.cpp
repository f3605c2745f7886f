#include "engine/decode_session.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// Token 0 is PAD and starts a row.
constexpr std::int32_t kPad = 0, kEos = 1;

}  // namespace

struct DecodeSession::Segment {
  DecodeRequest request;
  DecodedRows decoded;
  std::vector<int> channels;  // To be decoded.
  std::size_t n_started = 0, n_ended = 0;
};

DecodeSession::DecodeSession(const T5Decoder& decoder, const Compute& compute, int n_channels, int memory_length,
                             int n_slots, int max_length)
    : decoder_(decoder),
      compute_(compute),
      n_channels_(n_channels),
      memory_length_(memory_length),
      n_slots_(n_slots),
      max_length_(max_length),
      batch_(decoder, compute_, n_slots, memory_length, max_length) {
  for (int slot = n_slots - 1; slot >= 0; --slot) free_slots_.push_back(slot);
}

void DecodeSession::push(DecodeRequest request) {
  const auto fits = [&](std::int32_t length) { return length >= 1 && length <= max_length_; };
  if (!request.forced.empty() && (static_cast<int>(request.forced.size()) != n_channels_ ||
                                  !std::all_of(request.forced.begin(), request.forced.end(), fits))) {
    fail(ErrorCode::kInvalidArgument, "forced lengths, expected {} from 1 to {}", n_channels_, max_length_);
  }
  const auto exists = [&](int channel) { return channel >= 0 && channel < n_channels_; };
  if (!std::all_of(request.channels.begin(), request.channels.end(), exists)) {
    fail(ErrorCode::kInvalidArgument, "channels to decode, expected some of 0 to {}", n_channels_ - 1);
  }
  auto segment = std::make_shared<Segment>();
  segment->decoded.id = request.id;
  segment->decoded.rows.resize(static_cast<std::size_t>(n_channels_));
  segment->decoded.probabilities.resize(static_cast<std::size_t>(n_channels_));
  segment->channels.assign(request.channels.begin(), request.channels.end());
  if (segment->channels.empty()) {
    for (int channel = 0; channel < n_channels_; ++channel) segment->channels.push_back(channel);
  }
  n_waiting_ += static_cast<int>(segment->channels.size());
  segment->request = std::move(request);
  waiting_.push_back(std::move(segment));
}

void DecodeSession::start_waiting() {
  const std::size_t first = running_.size();
  while (!waiting_.empty() && !free_slots_.empty()) {
    const std::shared_ptr<Segment>& segment = waiting_.front();
    slots_.push_back(free_slots_.back());
    free_slots_.pop_back();
    running_.push_back({segment, segment->channels[segment->n_started++]});
    tokens_.push_back(kPad);
    --n_waiting_;
    if (segment->n_started == segment->channels.size()) waiting_.pop_front();
  }
  const int width = decoder_.memory_width();
  const double work = 50.0 * static_cast<double>(running_.size() - first) * memory_length_ * width;
  compute_.team.run(static_cast<int>(running_.size() - first), work, [&](int task, int) {
    const std::size_t i = first + static_cast<std::size_t>(task);
    const float* memory = running_[i].segment->request.memory.data() + running_[i].channel * width;
    batch_.start(slots_[i], {memory, static_cast<std::ptrdiff_t>(n_channels_) * width});
  });
  for (std::size_t i = first; i < running_.size(); ++i) {
    Segment& segment = *running_[i].segment;
    if (segment.n_started == segment.channels.size()) segment.request.memory = {};
  }
}

bool DecodeSession::has_ended(const Row& row) const {
  const std::size_t channel = static_cast<std::size_t>(row.channel);
  const std::vector<std::int32_t>& tokens = row.segment->decoded.rows[channel];
  const int n = static_cast<int>(tokens.size());
  if (!row.segment->request.forced.empty()) return n == row.segment->request.forced[channel];
  // As the reference: an EOS in first place does not end the row.
  return (tokens.back() == kEos && n > 1) || n == max_length_;
}

void DecodeSession::step() {
  start_waiting();
  const std::span<float> logits = batch_.step(slots_, tokens_);
  const std::size_t vocabulary = static_cast<std::size_t>(decoder_.config().vocab_size);
  const bool processed = std::any_of(running_.begin(), running_.end(),
                                     [](const Row& row) { return row.segment->request.processor != nullptr; });
  const double work = (processed ? 40.0 : 5.0) * static_cast<double>(logits.size());
  compute_.team.run(static_cast<int>(running_.size()), work, [&](int task, int) {
    const std::size_t i = static_cast<std::size_t>(task);
    const Row& row = running_[i];
    const DecodeRequest& request = row.segment->request;
    const std::span<float> mine = logits.subspan(i * vocabulary, vocabulary);
    std::vector<std::int32_t>& written = row.segment->decoded.rows[static_cast<std::size_t>(row.channel)];
    if (request.processor != nullptr) request.processor->process(request.first_row + row.channel, written, mine);
    // Of equal logits the lowest token.
    const auto best = std::max_element(mine.begin(), mine.end());
    tokens_[i] = static_cast<std::int32_t>(best - mine.begin());
    float probability = 1.f / compute_.kernels.exp_sum(mine.data(), static_cast<int>(vocabulary), *best);
    if (request.processor != nullptr) {
      probability *= request.processor->trust(request.first_row + row.channel, tokens_[i]);
    }
    written.push_back(tokens_[i]);
    row.segment->decoded.probabilities[static_cast<std::size_t>(row.channel)].push_back(probability);
  });
  n_row_steps_ += static_cast<std::int64_t>(running_.size());
  ++n_steps_;

  std::size_t kept = 0;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (!has_ended(running_[i])) {
      if (kept != i) running_[kept] = std::move(running_[i]);
      slots_[kept] = slots_[i];
      tokens_[kept++] = tokens_[i];
      continue;
    }
    batch_.finish(slots_[i]);
    free_slots_.push_back(slots_[i]);
    Segment& segment = *running_[i].segment;
    if (++segment.n_ended == segment.channels.size()) ended_.push_back(std::move(running_[i].segment));
  }
  running_.resize(kept);
  slots_.resize(kept);
  tokens_.resize(kept);
}

std::optional<DecodedRows> DecodeSession::pop() {
  if (ended_.empty()) return std::nullopt;
  const std::shared_ptr<Segment> segment = std::move(ended_.front());
  ended_.pop_front();
  DecodedRows decoded = std::move(segment->decoded);
  for (std::size_t channel = 0; channel < decoded.rows.size(); ++channel) {
    std::vector<std::int32_t>& row = decoded.rows[channel];
    while (segment->request.forced.empty() && !row.empty() && row.back() == kPad) row.pop_back();
    decoded.probabilities[channel].resize(row.size());
  }
  return decoded;
}

}  // namespace yourmt3
