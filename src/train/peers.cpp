#include "train/peers.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros_like.h>

#include <chrono>
#include <cstdlib>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "core/fail.h"

namespace yourmt3 {
PeerPlace peer_place(const Environment& environment) {
  PeerPlace place;
  const std::optional<LauncherPlace> launched = launcher_place(environment);
  if (!launched) {
    if (environment("WORLD_SIZE").value_or("1") != "1") {
      fail(ErrorCode::kInvalidArgument, "the environment's WORLD_SIZE is {}, but RANK is not set",
           *environment("WORLD_SIZE"));
    }
    return place;
  }
  const Launcher& launcher = *launched->launcher;
  place.rank = launched->rank;
  place.size = launched->size;
  if (environment(launcher.local_rank)) place.local_rank = environment_number(environment, launcher.local_rank, 0);
  if (place.size == 1) return place;
  const bool one_machine =
      launcher.local_size != nullptr && environment(launcher.local_size) == std::to_string(place.size);
  if (const auto address = environment("MASTER_ADDR")) {
    place.address = *address;
  } else if (one_machine) {
    place.address = "127.0.0.1";
  } else {
    fail(ErrorCode::kInvalidArgument,
         "{} processes on several machines: set MASTER_ADDR to the name of the machine of process 0", place.size);
  }
  if (environment("MASTER_PORT")) place.port = environment_number(environment, "MASTER_PORT", 1);
  if (environment("TORCHELASTIC_USE_AGENT_STORE") == "True") {
    place.attempt = environment("TORCHELASTIC_RESTART_COUNT").value_or("0");
  }
  return place;
}

PeerPlace peer_place() {
  return peer_place(process_environment());
}

struct Peers::Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

  void sum(at::Tensor tensor) const {
    std::vector<at::Tensor> tensors = {std::move(tensor)};
    gloo->allreduce(tensors)->wait();
  }
};

namespace {

/// The network interface by which others reach this process. GLOO_SOCKET_IFNAME names it where the machine's own name
/// leads to another one.
std::shared_ptr<::gloo::transport::Device> device_for(const PeerPlace& place) {
  using Gloo = c10d::ProcessGroupGloo;
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME")) return Gloo::createDeviceForInterface(name);
  if (place.address == "127.0.0.1" || place.address == "localhost") return Gloo::createDeviceForHostname("127.0.0.1");
  return Gloo::createDefaultDevice();
}

/// What libtorch throws says little to someone whose other process was killed.
template <class Action>
void among_peers(const PeerPlace& place, Action&& action) {
  try {
    action();
  } catch (const std::exception& error) {
    const std::string_view text = error.what();
    fail(ErrorCode::kIo,
         "process {} of {}: another process of this run is gone or does not answer; the last checkpoint is kept, start "
         "all of them again with --resume ({})",
         place.rank, place.size, text.substr(0, text.find('\n')));
  }
}

}  // namespace

Peers::Peers() = default;
Peers::~Peers() = default;
Peers::Peers(Peers&&) noexcept = default;

Peers::Peers(const PeerPlace& place, double timeout_sec) : place_(place) {
  if (place.size == 1) return;
  const auto timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout_sec * 1000));
  group_ = std::make_unique<Group>();
  try {
    c10d::TCPStoreOptions store;
    store.port = static_cast<std::uint16_t>(place.port);
    store.isServer = place.rank == 0 && !place.attempt;
    store.numWorkers = static_cast<std::size_t>(place.size);
    store.timeout = timeout;
    group_->store = c10::make_intrusive<c10d::TCPStore>(place.address, store);
    if (place.attempt) {
      group_->store = c10::make_intrusive<c10d::PrefixStore>("yourmt3/" + *place.attempt, group_->store);
    }
    const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
    options->devices.push_back(device_for(place));
    group_->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(group_->store, place.rank, place.size, options);
  } catch (const std::exception& error) {
    const std::string_view text = error.what();
    fail(ErrorCode::kIo, "process {} of {} cannot meet the others at {}:{} (MASTER_ADDR, MASTER_PORT): {}", place.rank,
         place.size, place.address, place.port, text.substr(0, text.find('\n')));
  }
}

void Peers::sum(std::span<double> values) const {
  if (alone() || values.empty()) return;
  among_peers(place_, [&] {
    group_->sum(at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kDouble));
  });
}

void Peers::sum(std::vector<at::Tensor>& tensors, std::span<const at::Tensor> like) const {
  if (alone() || tensors.empty()) return;
  std::vector<double> defined;
  std::vector<at::Tensor> flat;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    defined.push_back(tensors[i].defined() ? 1 : 0);
    flat.push_back((tensors[i].defined() ? tensors[i] : at::zeros_like(like[i])).flatten().to(at::kCPU));
  }
  sum(defined);
  at::Tensor all = at::cat(flat);
  among_peers(place_, [&] { group_->sum(all); });
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::int64_t end = begin + flat[i].numel();
    if (defined[i] > 0) tensors[i] = all.slice(0, begin, end).view_as(like[i]).to(like[i].device());
    begin = end;
  }
}

void Peers::meet() const {
  double nothing = 0;
  sum({&nothing, 1});
}

}  // namespace yourmt3
