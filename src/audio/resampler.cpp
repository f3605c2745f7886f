#include "audio/resampler.h"

#include <soxr.h>

#include <algorithm>

#include "core/fail.h"

namespace yourmt3 {
namespace {

struct DeleteSoxr {
  void operator()(soxr_t state) const { soxr_delete(state); }
};

}  // namespace

struct Resampler::Impl {
  std::int64_t in_rate, out_rate;
  std::unique_ptr<soxr, DeleteSoxr> filter;  // None between equal rates.
  std::int64_t n_in = 0, n_out = 0;

  /// Appends what soxr has made of `samples`; null stands for the end.
  void run(const float* samples, std::size_t size, std::vector<float>& out) {
    std::size_t n_done = 0;
    while (true) {
      const std::size_t room =
          (size - n_done) * static_cast<std::size_t>(out_rate) / static_cast<std::size_t>(in_rate) + 4096;
      const std::size_t before = out.size();
      out.resize(before + room);
      std::size_t taken = 0, made = 0;
      const soxr_error_t error = soxr_process(filter.get(), samples == nullptr ? nullptr : samples + n_done,
                                              size - n_done, &taken, out.data() + before, room, &made);
      if (error != nullptr) fail(ErrorCode::kOutOfMemory, "resampling from {} to {} Hz: {}", in_rate, out_rate, error);
      out.resize(before + made);
      n_done += taken;
      n_out += static_cast<std::int64_t>(made);
      if (n_done == size && made < room) return;
    }
  }
};

Resampler::Resampler(int in_rate, int out_rate) : impl_(std::make_unique<Impl>()) {
  impl_->in_rate = in_rate;
  impl_->out_rate = out_rate;
  if (in_rate == out_rate) return;
  // HQ: pass band up to 0.91 of the lower Nyquist frequency, 20 bits; what it leaves is below a recording's own noise.
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  impl_->filter.reset(soxr_create(in_rate, out_rate, 1, &error, &io, &quality, &runtime));
  if (error != nullptr) fail(ErrorCode::kOutOfMemory, "resampling from {} to {} Hz: {}", in_rate, out_rate, error);
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

void Resampler::push(std::span<const float> samples, std::vector<float>& out) {
  if (samples.empty()) return;
  impl_->n_in += static_cast<std::int64_t>(samples.size());
  if (impl_->filter) {
    impl_->run(samples.data(), samples.size(), out);
  } else {
    impl_->n_out += static_cast<std::int64_t>(samples.size());
    out.insert(out.end(), samples.begin(), samples.end());
  }
}

void Resampler::finish(std::vector<float>& out) {
  if (impl_->filter && impl_->n_in > 0) impl_->run(nullptr, 0, out);
  const std::int64_t expected = (impl_->n_in * impl_->out_rate + impl_->in_rate - 1) / impl_->in_rate;
  // soxr rounds the length to the nearest sample, so that one may be missing, and of a single sample all.
  const std::int64_t size = static_cast<std::int64_t>(out.size()) + expected - impl_->n_out;
  out.resize(static_cast<std::size_t>(std::max<std::int64_t>(size, 0)), 0.f);
  impl_->n_out = expected;
}

}  // namespace yourmt3
