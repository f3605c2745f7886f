#include "train/step.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/zeros.h>
#include <torch/autograd.h>

#include <numeric>
#include <type_traits>

#include "data/random.h"
#include "torchnet/pass_record.h"
#include "train/losses.h"

namespace yourmt3 {
namespace {

at::Generator make_generator(at::Device device, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

/// The rows of segments whose notes are all known.
at::Tensor complete_rows(const at::Tensor& x, const Batch& batch) {
  return batch.complete.defined() ? x.index_select(0, batch.complete) : x;
}

}  // namespace

StepReport& StepReport::operator+=(const StepReport& other) {
  token_loss += other.token_loss;
  auxiliary_loss += other.auxiliary_loss;
  guided_loss += other.guided_loss;
  tokens += other.tokens;
  frames += other.frames;
  guided_places += other.guided_places;
  attention_mass += other.attention_mass;
  segments += other.segments;
  pitch_onsets += other.pitch_onsets;
  drum_onsets += other.drum_onsets;
  for (const auto& [layer, counts] : other.expert_loads) {
    std::vector<std::int64_t>& sums = expert_loads[layer];
    sums.resize(counts.size());
    for (std::size_t e = 0; e < counts.size(); ++e) sums[e] += counts[e];
  }
  return *this;
}

void StepReport::sum(const Peers& peers) {
  if (peers.alone()) return;
  const auto visit = [&](auto&& each) {
    for (double* value : {&token_loss, &auxiliary_loss, &guided_loss, &attention_mass}) each(*value);
    for (std::int64_t* count : {&tokens, &frames, &guided_places, &segments}) each(*count);
    for (OnsetScore* score : {&pitch_onsets, &drum_onsets}) {
      for (std::int64_t* count : {&score->matched, &score->estimated, &score->reference}) each(*count);
    }
    for (auto& [layer, counts] : expert_loads) {
      for (std::int64_t& count : counts) each(count);
    }
  };
  std::vector<double> values;
  visit([&](auto& value) { values.push_back(static_cast<double>(value)); });
  peers.sum(values);
  std::size_t next = 0;
  visit([&](auto& value) { value = static_cast<std::remove_reference_t<decltype(value)>>(values[next++]); });
}

TrainingStep::TrainingStep(const Network& network, const LossOptions& loss, bool bf16)
    : network_(network), loss_(loss) {
  for (const at::Tensor& parameter : network.parameters()) {
    if (parameter.requires_grad()) parameters_.push_back(parameter);
  }
  if (!bf16) return;
  if (!network.parameters().front().is_cpu()) {
    compute_ = at::kBFloat16;
  } else if (best_kernels().fast_bf16) {
    rounded_products_.emplace();
  }
}

at::Tensor TrainingStep::forward(const Batch& shard, const Pass& pass, const Weights& weights, bool score_onsets_now,
                                 StepReport& report) const {
  const EncoderOutput encoded = network_.encode(shard.features, pass);
  const bool guided = loss_.guided_attention > 0;
  const DecoderOutput decoded = network_.decode(shift_right(shard.labels), encoded.memory.flatten(0, 1), pass, guided);
  const at::Tensor tokens =
      token_cross_entropy_sum(network_.training_logits(decoded.hidden), shard.labels, {}, loss_.label_smoothing);
  at::Tensor total = tokens * weights.token;
  report.token_loss += tokens.item<double>();
  report.tokens += counted_tokens(shard.labels);
  report.segments += shard.n_segments();

  at::Tensor auxiliary;
  const auto add_head = [&](const at::Tensor& logits, const at::Tensor& targets) {
    const at::Tensor loss =
        binary_cross_entropy_sum(complete_rows(logits, shard), complete_rows(targets, shard), loss_.positive_weight);
    auxiliary = auxiliary.defined() ? auxiliary + loss : loss;
  };
  if (encoded.notes.defined()) add_head(encoded.notes, shard.notes);
  if (encoded.groups.defined()) add_head(encoded.groups, shard.groups);
  if (encoded.group_notes.defined()) add_head(encoded.group_notes, shard.group_notes.view_as(encoded.group_notes));
  if (encoded.local.defined()) {
    // (B, T, P, 2) against onsets and sounding, which lie one after the other in the targets.
    const std::int64_t n_pitches = encoded.local.size(2);
    add_head(encoded.local,
             shard.notes.slice(2, 0, 2 * n_pitches).unflatten(2, {2, n_pitches}).transpose(2, 3).contiguous());
  }
  if (auxiliary.defined()) {
    total = total + auxiliary * weights.auxiliary;
    report.auxiliary_loss += auxiliary.item<double>();
    report.frames += shard.n_complete() * shard.features.size(1);
  }

  if (pass.record != nullptr && !pass.record->experts.empty()) {
    // Each shard's balance counts by its share of the batch's tokens.
    const double share = weights.token * static_cast<double>(counted_tokens(shard.labels));
    if (loss_.balance > 0) total = total + pass.record->balance_loss() * (loss_.balance * share);
    for (const ExpertLoad& load : pass.record->experts) {
      const at::Tensor counts = load.counts.to(at::kCPU);
      std::vector<std::int64_t>& sums = report.expert_loads[load.layer];
      sums.resize(static_cast<std::size_t>(counts.numel()));
      for (std::size_t e = 0; e < sums.size(); ++e) sums[e] += counts.data_ptr<std::int64_t>()[e];
    }
  }
  if (guided) {
    const at::Tensor loss = guided_attention_sum(decoded.first_head_attention, shard.frames, loss_.guided_radius);
    total = total + loss * weights.guided;
    const auto layers = static_cast<std::int64_t>(decoded.first_head_attention.size());
    const at::Tensor wanted = shard.frames >= 0;
    report.guided_loss += loss.item<double>();
    report.guided_places += wanted.sum().item<std::int64_t>() * layers;
    const at::NoGradGuard no_grad;
    for (const at::Tensor& attention : decoded.first_head_attention) {
      report.attention_mass +=
          mass_at_frames(attention, shard.frames, loss_.guided_radius).masked_select(wanted).sum().item<double>();
    }
  }
  if (score_onsets_now && encoded.notes.defined()) {
    const std::int64_t n_pitches = network_.config().pre_encoder.n_pitches;
    report.pitch_onsets += score_onsets(encoded.notes, shard.notes, 0, n_pitches);
    report.drum_onsets += score_onsets(encoded.notes, shard.notes, 2 * n_pitches, shard.notes.size(2));
  }
  return total;
}

StepReport TrainingStep::gradients(std::span<const Batch> shards, WorkerTeam& team, const Peers& peers,
                                   const Options& options, std::vector<at::Tensor>& gradients) const {
  double counts[3] = {};
  auto& [tokens, frames, places] = counts;
  for (const Batch& shard : shards) {
    tokens += static_cast<double>(counted_tokens(shard.labels));
    frames += static_cast<double>(shard.n_complete() * shard.features.size(1));
    places += static_cast<double>((shard.frames >= 0).sum().item<std::int64_t>()) * network_.config().decoder.n_layers;
  }
  peers.sum(counts);
  const Weights weights = {tokens > 0 ? 1 / tokens : 0, frames > 0 ? loss_.auxiliary / frames : 0,
                           places > 0 ? loss_.guided_attention / places : 0};
  std::vector<StepReport> reports(shards.size());
  std::vector<PassRecord> records(shards.size());
  std::vector<std::vector<at::Tensor>> parts(shards.size());
  team.run([&](int worker) {
    for (std::size_t i = static_cast<std::size_t>(worker); i < shards.size();
         i += static_cast<std::size_t>(team.size())) {
      const std::uint64_t stream = static_cast<std::uint64_t>(peers.rank()) * shards.size() + i;
      Pass pass = {compute_, true};
      pass.record = &records[i];
      pass.generator = make_generator(shards[i].features.device(), Random(options.seed, stream).bits());
      const at::Tensor loss = forward(shards[i], pass, weights, options.score_onsets, reports[i]);
      parts[i] = torch::autograd::grad({loss}, parameters_, {}, {}, false, true);
    }
  });
  StepReport report;
  gradients.clear();
  for (std::size_t i = 0; i < shards.size(); ++i) {
    report += reports[i];
    if (gradients.empty()) {
      gradients = std::move(parts[i]);
      continue;
    }
    for (std::size_t p = 0; p < gradients.size(); ++p) {
      if (!parts[i][p].defined()) continue;
      gradients[p] = gradients[p].defined() ? gradients[p].add_(parts[i][p]) : parts[i][p];
    }
  }
  update_running_statistics(records);
  peers.sum(gradients, parameters_);
  return report;
}

StepReport TrainingStep::evaluate(std::span<const Batch> shards, WorkerTeam& team) const {
  std::vector<StepReport> reports(shards.size());
  const Pass pass = {compute_, false};
  team.run([&](int worker) {
    const at::NoGradGuard no_grad;
    for (std::size_t i = static_cast<std::size_t>(worker); i < shards.size();
         i += static_cast<std::size_t>(team.size())) {
      forward(shards[i], pass, {1, 1, 1}, true, reports[i]);
    }
  });
  StepReport report;
  for (const StepReport& part : reports) report += part;
  return report;
}

std::int64_t TrainingStep::count_exact(std::span<const Batch> shards, WorkerTeam& team) const {
  std::vector<std::int64_t> exact(shards.size());
  team.run([&](int worker) {
    const at::NoGradGuard no_grad;
    const Pass pass = {compute_, false};
    for (std::size_t i = static_cast<std::size_t>(worker); i < shards.size();
         i += static_cast<std::size_t>(team.size())) {
      const at::Tensor& labels = shards[i].labels;
      const at::Tensor memory = network_.encode(shards[i].features, pass).memory.flatten(0, 1);
      at::Tensor written = network_.greedy(memory, static_cast<int>(labels.size(1)), pass);
      written = at::constant_pad_nd(written, {0, labels.size(1) - written.size(1)}, 0);
      // A channel without labels is not known, so that whatever is written there is right.
      const at::Tensor right = (written == labels).all(1).logical_or((labels == 0).all(1));
      exact[i] = right.view({shards[i].n_segments(), -1}).all(1).sum().item<std::int64_t>();
    }
  });
  return std::accumulate(exact.begin(), exact.end(), std::int64_t{0});
}

}  // namespace yourmt3
