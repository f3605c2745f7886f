#include "torchnet/pass_record.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include "torchnet/parameter_node.h"

namespace yourmt3 {
namespace {

constexpr double kMomentum = 0.1;

/// Statistics of all values that those of the parts were taken from.
BatchStatistics pool(const std::vector<const BatchStatistics*>& parts) {
  BatchStatistics all = {parts[0]->layer, at::zeros_like(parts[0]->mean, at::kDouble), {}, 0};
  for (const BatchStatistics* part : parts) {
    all.count += part->count;
    all.mean += part->mean.to(at::kDouble) * static_cast<double>(part->count);
  }
  all.mean /= static_cast<double>(all.count);
  all.variance = at::zeros_like(all.mean);
  for (const BatchStatistics* part : parts) {
    all.variance += part->variance.to(at::kDouble) * static_cast<double>(part->count - 1) +
                    (part->mean.to(at::kDouble) - all.mean).square() * static_cast<double>(part->count);
  }
  all.variance /= static_cast<double>(all.count - 1);
  return all;
}

}  // namespace

at::Tensor PassRecord::balance_loss() const {
  std::vector<at::Tensor> balances;
  for (const ExpertLoad& load : experts) balances.push_back(load.balance);
  return balances.empty() ? at::Tensor() : at::stack(balances).mean();
}

void update_running_statistics(std::span<const PassRecord> records) {
  const at::NoGradGuard no_grad;
  if (records.empty()) return;
  // All passes ran the same layers in the same order.
  for (std::size_t i = 0; i < records[0].statistics.size(); ++i) {
    std::vector<const BatchStatistics*> parts;
    for (const PassRecord& record : records) parts.push_back(&record.statistics.at(i));
    const BatchStatistics all = pool(parts);
    at::Tensor mean = all.layer->tensor("running_mean"), variance = all.layer->tensor("running_var");
    mean.mul_(1 - kMomentum).add_(all.mean.to(mean.scalar_type()), kMomentum);
    variance.mul_(1 - kMomentum).add_(all.variance.to(variance.scalar_type()), kMomentum);
    at::Tensor count = all.layer->tensor("num_batches_tracked");
    count.add_(1);
  }
}

}  // namespace yourmt3
