#include "torchnet/fine_tuning.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/fail.h"
#include "core/name_pattern.h"

namespace yourmt3 {
namespace {

constexpr std::string_view kWeight = ".weight";

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

[[noreturn]] void refuse(const std::string& pattern, const char* what, std::vector<std::string> names) {
  std::ranges::stable_sort(names, std::ranges::greater(),
                           [&](const std::string& name) { return common_prefix(pattern, name); });
  std::string near;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 4); ++i) near += (i == 0 ? "" : ", ") + names[i];
  fail(ErrorCode::kInvalidArgument, "no {} fits the pattern '{}'; near names are: {}", what, pattern, near);
}

/// The names that fit any of the patterns, each of which fits something.
std::set<std::string> select(std::span<const std::string> patterns, const std::vector<std::string>& names,
                             const char* what) {
  std::set<std::string> chosen;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& name : names) {
      if (!matches_pattern(name, pattern) && !matches_pattern(name, pattern + std::string(kWeight))) continue;
      chosen.insert(name);
      found = true;
    }
    if (!found) refuse(pattern, what, names);
  }
  return chosen;
}

std::vector<std::string> names_of(const Network& network) {
  std::vector<std::string> names;
  for (const auto& entry : network.named_parameters()) names.push_back(entry.key());
  return names;
}

/// Tables that are looked up are matrices too.
bool is_linear(const std::string& name, const at::Tensor& tensor) {
  return tensor.dim() == 2 && name.ends_with(kWeight) && name != "embed_tokens.weight" &&
         !name.ends_with("relative_attention_bias.weight") && !name.ends_with("additive_pe.weight");
}

}  // namespace

void freeze(Network& network, std::span<const std::string> patterns) {
  const std::set<std::string> chosen = select(patterns, names_of(network), "parameter");
  for (const auto& entry : network.named_parameters()) {
    at::Tensor parameter = entry.value();
    if (chosen.contains(entry.key())) parameter.set_requires_grad(false);
  }
}

void add_lora(Network& network, const LoraOptions& options, std::uint64_t seed) {
  std::vector<std::string> linear;
  for (const auto& entry : network.named_parameters()) {
    if (entry.key().ends_with(".lora_a")) fail(ErrorCode::kInvalidArgument, "the network has low-rank tensors already");
    if (is_linear(entry.key(), entry.value())) linear.push_back(entry.key());
  }
  if (options.patterns.empty()) fail(ErrorCode::kInvalidArgument, "no patterns of linear layers to adapt");
  const std::set<std::string> adapted = select(options.patterns, linear, "linear layer");
  const std::set<std::string> trained = select(options.also_trained, names_of(network), "parameter");
  const double scale = options.alpha / options.rank;
  auto parameters = network.named_parameters();
  for (const std::string& name : adapted) {
    const at::Tensor& weight = parameters[name];
    if (options.rank < 1 || options.rank > std::min(weight.size(0), weight.size(1))) {
      fail(ErrorCode::kInvalidArgument, "the rank is {}, but '{}' is a matrix of {} by {}", options.rank, name,
           weight.size(0), weight.size(1));
    }
  }
  for (const auto& entry : parameters) {
    // Position tables and the like were never trained.
    at::Tensor parameter = entry.value();
    parameter.set_requires_grad(parameter.requires_grad() && trained.contains(entry.key()));
  }
  at::Generator generator = at::detail::createCPUGenerator(seed);
  for (const std::string& name : adapted) {
    const at::Tensor& weight = parameters[name];
    at::Tensor a = at::empty({options.rank, weight.size(1)}, at::kFloat);
    a.normal_(0, 1 / std::sqrt(static_cast<double>(weight.size(1))), generator);
    const std::string_view path = std::string_view(name).substr(0, name.size() - kWeight.size());
    network.add_low_rank(path, a.to(weight.options()), at::zeros({weight.size(0), options.rank}, weight.options()),
                         scale);
  }
}

}  // namespace yourmt3
