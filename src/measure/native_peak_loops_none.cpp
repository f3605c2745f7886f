#include "measure/peak_loops.h"

namespace yourmt3 {

std::vector<PeakLoops> runnable_native_loops();
std::vector<PeakLoops> runnable_native_loops() {
  return {};
}

std::vector<PeakLoop> runnable_narrow_loops() {
  return {};
}

}  // namespace yourmt3
