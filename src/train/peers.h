#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/launcher.h"

namespace yourmt3 {

/// Where a process stands among those that train one network together.
struct PeerPlace {
  int rank = 0;
  int size = 1;
  int local_rank = 0;   ///< Among those of this machine; chooses the GPU.
  std::string address;  ///< Where process 0 listens.
  int port = 29500;
  /// Set when the launcher itself listens there, as torchrun does: what keeps this start apart from earlier ones.
  std::optional<std::string> attempt;
};

/// Finds the place that the innermost launcher gave this process, see launcher_place(). MASTER_ADDR and MASTER_PORT say
/// where to meet; without them processes of one machine meet at 127.0.0.1:29500. Throws Error(kInvalidArgument) naming
/// what contradicts itself or is missing.
PeerPlace peer_place(const Environment& environment);
PeerPlace peer_place();  ///< From the real environment.

/// The processes of a run, which call the same methods in the same order. Between several, each call throws Error(kIo)
/// when one of them is gone.
class Peers {
 public:
  Peers();  ///< Alone.
  /// Waits for the others, at most `timeout_sec`. Throws Error(kIo) when they do not come.
  explicit Peers(const PeerPlace& place, double timeout_sec = 1800);
  ~Peers();
  Peers(Peers&&) noexcept;

  int rank() const { return place_.rank; }
  int size() const { return place_.size; }
  bool alone() const { return place_.size == 1; }
  bool first() const { return place_.rank == 0; }

  /// Adds up over all processes, in place.
  void sum(std::span<double> values) const;
  /// The same for float tensors, of which each process has as many and of the same shapes. One that is not defined in
  /// any process stays so; otherwise it counts as zero where it is not.
  void sum(std::vector<at::Tensor>& tensors, std::span<const at::Tensor> like) const;
  /// Waits until all are here.
  void meet() const;

 private:
  struct Group;
  PeerPlace place_;
  std::unique_ptr<Group> group_;
};

}  // namespace yourmt3
