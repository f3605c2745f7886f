#include "torchnet/parameter_node.h"

#include "core/fail.h"

namespace yourmt3 {

void ParameterNode::add(std::string_view path, const at::Tensor& tensor, Role role) {
  const std::size_t dot = path.find('.');
  const std::string head(path.substr(0, dot));
  if (dot != std::string_view::npos) {
    std::shared_ptr<ParameterNode>& child = children_[head];
    if (!child) child = register_module(head, std::make_shared<ParameterNode>());
    return child->add(path.substr(dot + 1), tensor, role);
  }
  if (role == Role::kBuffer) {
    tensors_[head] = register_buffer(head, tensor);
  } else {
    tensors_[head] = register_parameter(head, tensor, role == Role::kTrained);
  }
}

const at::Tensor& ParameterNode::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) fail(ErrorCode::kNotFound, "the network has no tensor '{}' at this place", name);
  return found->second;
}

const at::Tensor* ParameterNode::find_tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const ParameterNode& ParameterNode::operator[](const std::string& name) const {
  const auto found = children_.find(name);
  if (found == children_.end()) fail(ErrorCode::kNotFound, "the network has no part '{}' at this place", name);
  return *found->second;
}

}  // namespace yourmt3
