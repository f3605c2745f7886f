#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace yourmt3 {

/// One level of a network's state dict: tensors and deeper levels by name.
///
/// The tree is built from expected_tensors(), so that named_parameters() and named_buffers() give the official names
/// whatever the configuration, and the functions that compute a layer only look their tensors up.
class ParameterNode : public torch::nn::Module {
 public:
  enum class Role { kTrained, kFrozen, kBuffer };

  /// Registers a tensor under a dotted path and makes the levels on the way.
  void add(std::string_view path, const at::Tensor& tensor, Role role);

  /// Adds trained tensors `lora_a` (rank, in) and `lora_b` (out, rank) to the level at `path`, whose weight() becomes
  /// weight + scale lora_b lora_a. Throws Error(kNotFound) when there is no such level.
  void add_low_rank(std::string_view path, const at::Tensor& a, const at::Tensor& b, double scale);

  /// A tensor of this level. Throws Error(kNotFound) when there is none.
  const at::Tensor& tensor(const std::string& name) const;
  /// The same, or null.
  const at::Tensor* find_tensor(const std::string& name) const;

  /// The matrix by which a linear layer multiplies: `weight`, with what add_low_rank() added.
  at::Tensor weight() const;
  bool has_low_rank() const { return tensors_.contains("lora_a"); }

  /// The level below. Throws Error(kNotFound) when there is none.
  const ParameterNode& operator[](const std::string& name) const;
  const ParameterNode& operator[](std::size_t index) const { return (*this)[std::to_string(index)]; }
  bool has_child(const std::string& name) const { return children_.contains(name); }
  /// The level at a dotted path, or null.
  const ParameterNode* find(std::string_view path) const;

  /// Where this level is in the state dict, dotted; empty for the root.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, std::shared_ptr<ParameterNode>> children_;
  double low_rank_scale_ = 0;
};

}  // namespace yourmt3
