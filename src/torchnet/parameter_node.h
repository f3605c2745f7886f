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

  /// A tensor of this level. Throws Error(kNotFound) when there is none.
  const at::Tensor& tensor(const std::string& name) const;
  /// The same, or null.
  const at::Tensor* find_tensor(const std::string& name) const;

  /// The level below. Throws Error(kNotFound) when there is none.
  const ParameterNode& operator[](const std::string& name) const;
  const ParameterNode& operator[](std::size_t index) const { return (*this)[std::to_string(index)]; }
  bool has_child(const std::string& name) const { return children_.contains(name); }

 private:
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, std::shared_ptr<ParameterNode>> children_;
};

}  // namespace yourmt3
