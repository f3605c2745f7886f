#include "train/best_models.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <utility>

#include "core/atomic_file.h"
#include "core/fail.h"

namespace yourmt3 {

namespace fs = std::filesystem;

void BestModels::offer(const fs::path& model, std::int64_t step, double score) const {
  if (keep_ == 0) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  std::multimap<double, fs::path> kept;  // The worst first.
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    long long at = 0;
    double value = 0;
    if (std::sscanf(entry.path().filename().c_str(), "step-%lld-%lf.safetensors", &at, &value) == 2) {
      kept.emplace(value, entry.path());
    }
  }
  if (error) fail(ErrorCode::kIo, "{}: {}", folder_.string(), error.message());
  if (static_cast<int>(kept.size()) >= keep_ && score <= kept.begin()->first) return;
  const fs::path target = folder_ / fmt::format("step-{:08}-{:.4f}.safetensors", step, score);
  AtomicFile file(target);
  fs::copy_file(model, file.temporary_path(), fs::copy_options::overwrite_existing, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", target.string(), error.message());
  file.commit();
  // One that was there under this very name has been replaced.
  for (auto worst = kept.begin(); worst != kept.end() && static_cast<int>(kept.size()) >= keep_;) {
    if (worst->second != target) fs::remove(worst->second, error);
    worst = kept.erase(worst);
  }
}

}  // namespace yourmt3
