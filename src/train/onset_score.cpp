#include "train/onset_score.h"

#include <cmath>
#include <vector>

namespace yourmt3 {

OnsetScore& OnsetScore::operator+=(const OnsetScore& other) {
  matched += other.matched;
  estimated += other.estimated;
  reference += other.reference;
  return *this;
}

double OnsetScore::f1() const {
  const std::int64_t all = estimated + reference;
  return all == 0 ? 0 : 2.0 * static_cast<double>(matched) / static_cast<double>(all);
}

OnsetScore score_onsets(const at::Tensor& logits, const at::Tensor& targets, std::int64_t first, std::int64_t last,
                        double threshold, int tolerance) {
  const at::Tensor x = logits.detach().to(at::kFloat).contiguous(), y = targets.contiguous();
  const std::int64_t n_frames = x.size(1), width = x.size(2);
  const auto floor = static_cast<float>(std::log(threshold / (1 - threshold)));
  OnsetScore score;
  std::vector<std::int64_t> wanted;
  for (std::int64_t b = 0; b < x.size(0); ++b) {
    for (std::int64_t column = first; column < last; ++column) {
      const float* logit = x.data_ptr<float>() + b * n_frames * width + column;
      const float* target = y.data_ptr<float>() + b * n_frames * width + column;
      wanted.clear();
      for (std::int64_t t = 0; t < n_frames; ++t) {
        if (target[t * width] > 0.5f) wanted.push_back(t);
      }
      score.reference += static_cast<std::int64_t>(wanted.size());
      std::size_t next = 0;
      for (std::int64_t t = 0; t < n_frames; ++t) {
        const float value = logit[t * width];
        const bool rises = t == 0 || value > logit[(t - 1) * width];
        const bool falls = t + 1 == n_frames || value >= logit[(t + 1) * width];
        if (value < floor || !rises || !falls) continue;
        ++score.estimated;
        while (next < wanted.size() && wanted[next] < t - tolerance) ++next;
        if (next < wanted.size() && wanted[next] <= t + tolerance) {
          ++score.matched;
          ++next;
        }
      }
    }
  }
  return score;
}

}  // namespace yourmt3
