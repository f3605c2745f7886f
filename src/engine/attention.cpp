#include "engine/attention.h"

namespace yourmt3 {

void attend(const Compute& compute, const HeadShape& shape, int n_sequences, const SequenceRows& queries,
            const SequenceRows& keys, Rows q, Rows k, Rows v, float* out, FloatBuffer& scratch) {
  const std::size_t each = compute.kernels.attention_scratch(queries.length, keys.length, shape.d_qk, shape.d_v);
  const std::size_t wanted = each * static_cast<std::size_t>(compute.team.n_threads());
  if (scratch.size() < wanted) scratch.resize(wanted);
  const std::ptrdiff_t out_stride = static_cast<std::ptrdiff_t>(shape.heads) * shape.d_v;
  const double work = 1.0 * n_sequences * queries.length * keys.length * shape.heads * (shape.d_qk + shape.d_v + 10);
  compute.team.run(n_sequences * shape.heads, work, [&](int task, int thread) {
    const int sequence = task / shape.heads, head = task % shape.heads;
    const std::ptrdiff_t q_row = static_cast<std::ptrdiff_t>(sequence) * queries.sequence_step;
    const std::ptrdiff_t k_row = static_cast<std::ptrdiff_t>(sequence) * keys.sequence_step;
    AttentionArgs args;
    args.q = q.data + q_row * q.stride + head * shape.d_qk;
    args.k = k.data + k_row * k.stride + head * shape.d_qk;
    args.v = v.data + k_row * v.stride + head * shape.d_v;
    args.q_stride = q.stride * queries.row_step;
    args.k_stride = k.stride * keys.row_step;
    args.v_stride = v.stride * keys.row_step;
    args.lq = queries.length;
    args.lk = keys.length;
    args.d_qk = shape.d_qk;
    args.d_v = shape.d_v;
    args.scale = shape.scale;
    if (shape.bias != nullptr) args.bias = shape.bias + static_cast<std::ptrdiff_t>(head) * (args.lq + args.lk - 1);
    args.causal = shape.causal;
    args.out = out + q_row * out_stride + head * shape.d_v;
    args.out_stride = out_stride * queries.row_step;
    args.scratch = scratch.data() + each * static_cast<std::size_t>(thread);
    compute.kernels.attention(args);
  });
}

}  // namespace yourmt3
