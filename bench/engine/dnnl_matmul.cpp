// The products of BM_Linear by oneDNN, to compare.
#include <benchmark/benchmark.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "linear_shapes.h"

namespace yourmt3 {
namespace {

/// The weight is in the layout that oneDNN asks for; its number of threads is OMP_NUM_THREADS.
void BM_OneDnnMatmul(benchmark::State& state) {
  using dnnl::memory;
  const memory::dim rows = state.range(0), n = state.range(1), k = state.range(2);
  const auto f32 = memory::data_type::f32;
  dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(cpu);
  const dnnl::matmul::desc desc({{rows, k}, f32, memory::format_tag::ab}, {{k, n}, f32, memory::format_tag::any},
                                {{rows, n}, f32, memory::format_tag::ab});
  const dnnl::matmul::primitive_desc descriptor(desc, cpu);
  const dnnl::matmul matmul(descriptor);
  std::vector<float> x(static_cast<std::size_t>(rows * k), 0.5f), w(static_cast<std::size_t>(n * k), 0.25f);
  std::vector<float> y(static_cast<std::size_t>(rows * n));
  memory source(descriptor.src_desc(), cpu, x.data()), target(descriptor.dst_desc(), cpu, y.data());
  memory plain({{k, n}, f32, memory::format_tag::ba}, cpu, w.data()), weight(descriptor.weights_desc(), cpu);
  dnnl::reorder(plain, weight).execute(stream, plain, weight);
  for (auto _ : state) {
    matmul.execute(stream, {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, target}});
    stream.wait();
  }
  state.SetLabel(descriptor.impl_info_str());
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * double(rows * n * k), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_OneDnnMatmul)->LINEAR_SHAPES(0)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace yourmt3
