#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "train/example.h"

namespace yourmt3 {

/// Makes groups of examples in threads of its own and hands them out in order; what comes out does not depend on how
/// many threads there are.
class Loader {
 public:
  /// A group that is wanted: `size` bundles of examples, made for one phase of the run.
  struct Request {
    std::uint64_t index = 0;
    int phase = 0;
    std::size_t size = 0;
  };
  struct Group {
    Request request;
    std::vector<Example> examples;  ///< Of all bundles, one after the other.
  };
  /// Asked once for every group, in order; called from any thread, never from two at once.
  using Plan = std::function<Request(std::uint64_t group)>;
  /// Makes bundle `item` of a group; called from several threads.
  using Make = std::function<std::vector<Example>(const Request& group, std::size_t item)>;

  /// Begins with group `first_group` at once; at most `groups_ahead` groups wait or are being made.
  Loader(Plan plan, Make make, int n_threads, int groups_ahead, std::uint64_t first_group = 0);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Waits for the next group. An exception of `plan` or `make` is rethrown here.
  Group next();

 private:
  struct Pending {
    Request request;
    std::vector<std::vector<Example>> bundles;
    std::size_t begun = 0;
    std::size_t finished = 0;
  };
  void work();
  /// The group that has examples to be made, planned now if there is room; null when there is none.
  std::shared_ptr<Pending> claim();

  Plan plan_;
  Make make_;
  std::size_t groups_ahead_;
  std::uint64_t next_group_;
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::deque<std::shared_ptr<Pending>> pending_;
  std::exception_ptr error_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace yourmt3
