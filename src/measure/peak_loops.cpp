#include "measure/peak_loops.h"

namespace yourmt3 {

extern const PeakLoops peak_loops_portable;
/// Those of this build beyond the portable ones that this processor runs, the slowest first.
std::vector<PeakLoops> runnable_native_loops();

std::vector<PeakLoops> runnable_peak_loops() {
  std::vector<PeakLoops> all = {peak_loops_portable};
  for (const PeakLoops& loops : runnable_native_loops()) all.push_back(loops);
  return all;
}

}  // namespace yourmt3
