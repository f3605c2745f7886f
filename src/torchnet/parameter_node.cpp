#include "torchnet/parameter_node.h"

#include <ATen/ops/addmm.h>

#include "core/fail.h"

namespace yourmt3 {

void ParameterNode::add(std::string_view path, const at::Tensor& tensor, Role role) {
  const std::size_t dot = path.find('.');
  const std::string head(path.substr(0, dot));
  if (dot != std::string_view::npos) {
    std::shared_ptr<ParameterNode>& child = children_[head];
    if (!child) {
      child = register_module(head, std::make_shared<ParameterNode>());
      child->path_ = path_.empty() ? head : path_ + "." + head;
    }
    return child->add(path.substr(dot + 1), tensor, role);
  }
  if (role == Role::kBuffer) {
    tensors_[head] = register_buffer(head, tensor);
  } else {
    tensors_[head] = register_parameter(head, tensor, role == Role::kTrained);
  }
}

void ParameterNode::add_low_rank(std::string_view path, const at::Tensor& a, const at::Tensor& b, double scale) {
  if (!path.empty()) {
    const std::size_t dot = path.find('.');
    const auto child = children_.find(std::string(path.substr(0, dot)));
    if (child == children_.end()) fail(ErrorCode::kNotFound, "the network has no part '{}' at '{}'", path, path_);
    return child->second->add_low_rank(dot == std::string_view::npos ? "" : path.substr(dot + 1), a, b, scale);
  }
  add("lora_a", a, Role::kTrained);
  add("lora_b", b, Role::kTrained);
  low_rank_scale_ = scale;
}

const at::Tensor& ParameterNode::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) fail(ErrorCode::kNotFound, "the network has no tensor '{}' at '{}'", name, path_);
  return found->second;
}

const at::Tensor* ParameterNode::find_tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

at::Tensor ParameterNode::weight() const {
  const at::Tensor& own = tensor("weight");
  if (!has_low_rank()) return own;
  return at::addmm(own, tensors_.at("lora_b"), tensors_.at("lora_a"), 1, low_rank_scale_);
}

const ParameterNode& ParameterNode::operator[](const std::string& name) const {
  const auto found = children_.find(name);
  if (found == children_.end()) fail(ErrorCode::kNotFound, "the network has no part '{}' at '{}'", name, path_);
  return *found->second;
}

const ParameterNode* ParameterNode::find(std::string_view path) const {
  if (path.empty()) return this;
  const std::size_t dot = path.find('.');
  const auto child = children_.find(std::string(path.substr(0, dot)));
  if (child == children_.end()) return nullptr;
  return dot == std::string_view::npos ? child->second.get() : child->second->find(path.substr(dot + 1));
}

}  // namespace yourmt3
