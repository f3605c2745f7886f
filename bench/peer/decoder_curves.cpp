#include "decoder_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "chart/line_chart.h"
#include "core/atomic_file.h"
#include "measure/timing.h"

namespace yourmt3 {
namespace {

constexpr int kSegments = 8;
constexpr int kShort = 8;  // Tokens of the rows around the long one.
constexpr int kLengths[] = {8, 16, 32, 64, 96, 128};

struct Curves {
  Curve eager_equal{"eager, equal rows", {}, {}, {}}, eager_one{"eager, one long row", {}, {}, {}};
  Curve our_equal{"ours, equal rows", {}, {}, {}}, our_one{"ours, one long row", {}, {}, {}};
};

}  // namespace

void draw_decoder_curves(const EagerNetwork& eager, const Engine& engine, EagerThreads threads,
                         const std::filesystem::path& picture) {
  const ModelConfig& config = engine.config();
  const int n_rows = kSegments * config.decoder.n_channels, longest = *std::max_element(kLengths, std::end(kLengths));
  const std::vector<float> samples(static_cast<std::size_t>(kSegments * config.front_end.segment_samples));
  // What the peer does depends on the longest row alone.
  const EagerTiming timing = time_eager_batch(eager, engine, samples, kSegments, longest, threads);
  const EncodedSegments encoded = engine.encode(samples, kSegments);
  const auto ours = [&](int first_row, int others) {
    std::vector<std::int32_t> lengths(static_cast<std::size_t>(n_rows), others);
    lengths.front() = first_row;
    return best_seconds([&] { engine.decode(encoded, nullptr, 0, nullptr, lengths); }, 3, 0);
  };
  Curves curves;
  fmt::print(
      "\n| longest row | eager, s | ours, all {} rows equal, s | ours, others {} tokens, s |\n|---|---|---|---|\n",
      n_rows, kShort);
  for (const int n : kLengths) {
    const double eager_sec = timing.decode_sec(n), equal_sec = ours(n, n), one_sec = ours(n, kShort);
    const double equal_tokens = n * n_rows, one_tokens = n + kShort * (n_rows - 1);
    curves.eager_equal.points.push_back({equal_tokens, eager_sec});
    curves.our_equal.points.push_back({equal_tokens, equal_sec});
    curves.eager_one.points.push_back({one_tokens, eager_sec});
    curves.our_one.points.push_back({one_tokens, one_sec});
    fmt::print("| {} | {:.2f} | {:.2f} | {:.2f} |\n", n, eager_sec, equal_sec, one_sec);
  }
  LineChart chart{fmt::format("Decoding {} segments of {} rows", kSegments, config.decoder.n_channels),
                  "tokens decoded",
                  "seconds",
                  {curves.eager_equal, curves.eager_one, curves.our_equal, curves.our_one}};
  write_file_atomically(picture, to_svg(chart));
}

}  // namespace yourmt3
