// Our engine and the same network in eager libtorch, in turn in one run, on the work of real music:
//   peer_bench --segments 16
// The peer is what users of the authors' program run: float32, one operation after the other, batches of eight
// segments, whose 8 x 13 rows are decoded side by side until the longest has ended. See docs/performance.md.

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/fail.h"
#include "core/parallel.h"
#include "decoder_curves.h"
#include "eager_network.h"
#include "eager_timing.h"
#include "engine/engine.h"
#include "measure/ceilings.h"
#include "measure/random_model.h"
#include "measure/test_tones.h"
#include "measure/timing.h"
#include "score/decode_lengths.h"
#include "score/segments.h"
#include "torchnet/fused.h"
#include "transcribe/pipeline.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

constexpr int kBatch = 8;  // Of the published application.
// float32 sums in another order, 15 layers one after the other.
constexpr double kTolerance = 1e-4;

struct Options {
  std::string variant = "yptf-moe-multi-ps", lengths = YOURMT3_TRACE, curves;
  std::vector<std::string> precisions = {"bf16", "int8"};
  int n_segments = 0, n_threads = available_processors(), rounds = 3;
  bool every_batch = false, json = false;
};

struct Times {
  double encode_sec = 0;  ///< A segment: front end, encoder and all between; the best of all rounds.
  double song_sec = 0;
};

class PeerBench {
 public:
  explicit PeerBench(const Options& options)
      : options_(options),
        model_(random_model(published_config(options.variant), 1)),
        lengths_(read_decode_lengths(options.lengths)) {
    check_decode_lengths(lengths_, options.lengths, model_.config.decoder.n_channels, model_.config.decoder.max_length);
    if (options.n_segments > 0) n_segments_ = std::min(n_segments_, static_cast<std::size_t>(options.n_segments));
    samples_.resize(n_segments_ * segment_samples());
    TestTones tones(1e6, model_.config.front_end.sample_rate);
    tones.read(samples_);
    add_engine(Precision::kF32);
    for (const std::string& name : options.precisions) add_engine(name == "bf16" ? Precision::kBf16 : Precision::kInt8);
  }

  int run() {
    const PlainOperations plain;
    const at::NoGradGuard no_grad;
    const EagerNetwork eager(model_);
    if (!agree(eager) || !has_fast_products()) return 1;
    choose_threads(eager);
    measure_encoders(eager);
    measure_songs(eager);
    if (options_.json) {
      fmt::print("{}\n", facts().dump(2));
    } else {
      print();
    }
    if (!options_.curves.empty()) draw_decoder_curves(eager, reference(), threads_, options_.curves);
    return 0;
  }

 private:
  void add_engine(Precision precision) {
    const Engine::Options settings{.n_threads = options_.n_threads, .precision = precision};
    engines_.emplace_back(precision_name(precision), std::make_unique<Engine>(model_, settings));
  }
  std::size_t segment_samples() const { return static_cast<std::size_t>(model_.config.front_end.segment_samples); }
  std::span<const float> batch(std::size_t index, std::size_t n_segments = kBatch) const {
    return std::span(samples_).subspan(index * kBatch * segment_samples(), n_segments * segment_samples());
  }
  std::size_t n_batches() const { return (n_segments_ + kBatch - 1) / kBatch; }
  std::size_t batch_size(std::size_t index) const {
    return std::min<std::size_t>(kBatch, n_segments_ - index * kBatch);
  }
  /// Tokens of the longest row of a batch.
  int longest(std::size_t index) const {
    const auto n = static_cast<std::ptrdiff_t>(lengths_.n_channels);
    const auto first = lengths_.lengths.begin() + static_cast<std::ptrdiff_t>(index) * kBatch * n;
    return *std::max_element(first, first + static_cast<std::ptrdiff_t>(batch_size(index)) * n);
  }
  double audio_sec() const { return static_cast<double>(n_segments_) * kSegmentSec; }

  bool agree(const EagerNetwork& eager) const {
    const Disagreement found = compare(eager, *engines_.front().second, batch(0, 2), 2);
    fmt::print(
        "peer and engine in float32 differ by {:.1e} in the decoder's memory and {:.1e} in the logits (root mean "
        "square, relative; at most {:.0e})\n",
        found.memory, found.logits, kTolerance);
    if (found.memory <= kTolerance && found.logits <= kTolerance) return true;
    fmt::print(stderr, "peer_bench: they do not compute the same\n");
    return false;
  }

  /// With the reference BLAS, which Debian installs when nothing else is asked for, libtorch multiplies ten times as
  /// slowly as its users know it: that would be no comparison.
  bool has_fast_products() const {
    constexpr std::int64_t kSize = 1024;
    const at::Tensor x = at::ones({kSize, kSize}, at::kFloat);
    at::set_num_threads(options_.n_threads);
    const double gflops = 2.0 * kSize * kSize * kSize / best_seconds([&] { at::mm(x, x); }, 3, 0) * 1e-9;
    const double ceiling = *measure_ceilings(options_.n_threads).gflops(Precision::kF32);
    fmt::print(stderr, "products of libtorch: {:.0f} of {:.0f} GFLOP/s\n", gflops, ceiling);
    if (gflops > ceiling / 4) return true;
    fmt::print(stderr, "peer_bench: libtorch has a slow BLAS; install libopenblas0-openmp\n");
    return false;
  }

  /// The peer gets the number of threads that serves it best, for each of its stages.
  void choose_threads(const EagerNetwork& eager) {
    constexpr int kSteps = 6;
    std::optional<double> encode_sec, decode_sec;
    for (const int n : {1, options_.n_threads}) {
      const EagerTiming timing = time_eager_batch(eager, reference(), batch(0), kBatch, kSteps, {n, n});
      // The first step also computes keys and values of the memory, and counts as often as in the song.
      const double decode = timing.decode_sec(kSteps);
      if (!encode_sec || timing.encode_sec < *encode_sec) encode_sec = timing.encode_sec, threads_.encode = n;
      if (!decode_sec || decode < *decode_sec) decode_sec = decode, threads_.decode = n;
      fmt::print(stderr, "peer, {} thread{}: {:.0f} ms a segment for the encoder, {:.0f} ms a step of decoding\n", n,
                 n == 1 ? "" : "s", 1000 * timing.encode_sec / kBatch, 1000 * decode / kSteps);
    }
  }

  void measure_encoders(const EagerNetwork& eager) {
    for (int round = 0; round < options_.rounds; ++round) {
      take(eager_.encode_sec, time_eager_batch(eager, reference(), batch(0), kBatch, 0, threads_).encode_sec / kBatch);
      for (const auto& [name, engine] : engines_) {
        const auto start = BenchClock::now();
        engine->encode(batch(0), kBatch);
        take(ours_[name].encode_sec, seconds_since(start) / kBatch);
      }
    }
  }

  void measure_songs(const EagerNetwork& eager) {
    for (const auto& [name, engine] : engines_) ours_[name].song_sec = our_song(*engine);
    eager_.song_sec = eager_song(eager);
    for (const auto& [name, engine] : engines_) take(ours_[name].song_sec, our_song(*engine));
  }

  /// The whole line, as `yourmt3 transcribe` runs it.
  double our_song(const Engine& engine) const {
    const auto start = BenchClock::now();
    const OpenSource open = [this](const std::stop_token&) -> SampleSource {
      const auto next = std::make_shared<std::span<const float>>(samples_);
      return {[next](std::span<float> out) {
                const std::size_t count = std::min(out.size(), next->size());
                std::copy_n(next->begin(), count, out.begin());
                *next = next->subspan(count);
                return count;
              },
              audio_sec()};
    };
    transcribe(engine, {open, lengths_.lengths});
    return seconds_since(start);
  }

  /// Batches of one shape cost the same whatever is in them, so that unless every batch is asked for, one is run and
  /// the others take the time that it took for as many steps.
  double eager_song(const EagerNetwork& eager) const {
    double seconds = 0;
    int most = 0;
    for (std::size_t i = 0; i < n_batches(); ++i) most = std::max(most, longest(i));
    std::optional<EagerTiming> one;
    for (std::size_t i = 0; i < n_batches(); ++i) {
      const int n = static_cast<int>(batch_size(i)), steps = longest(i);
      if (options_.every_batch) {
        const EagerTiming timing = time_eager_batch(eager, reference(), batch(i, batch_size(i)), n, steps, threads_);
        seconds += timing.encode_sec + timing.decode_sec(steps);
        continue;
      }
      if (!one) one = time_eager_batch(eager, reference(), batch(0), kBatch, most, threads_);
      seconds += (eager_.encode_sec * kBatch + one->decode_sec(steps)) * n / kBatch;
    }
    return seconds;
  }

  nlohmann::json facts() const {
    nlohmann::json json = {{"variant", options_.variant},
                           {"audio_sec", audio_sec()},
                           {"n_segments", n_segments_},
                           {"eager",
                            {{"encode_sec", eager_.encode_sec},
                             {"song_sec", eager_.song_sec},
                             {"encode_threads", threads_.encode},
                             {"decode_threads", threads_.decode}}}};
    for (const auto& [name, times] : ours_) {
      json["ours"][name] = {{"encode_sec", times.encode_sec}, {"song_sec", times.song_sec}};
    }
    return json;
  }

  void print() const {
    std::int64_t n_tokens = 0;
    for (std::size_t i = 0; i < n_segments_; ++i) {
      for (const int length : lengths_.segment(i)) n_tokens += length;
    }
    fmt::print("\n{}, {} segments ({:.0f} s), {} tokens, {} threads; eager: {} and {} threads{}\n\n", options_.variant,
               n_segments_, audio_sec(), n_tokens, options_.n_threads, threads_.encode, threads_.decode,
               options_.every_batch ? "" : ", its song from one batch");
    fmt::print("| | encoder, ms a segment | × eager | song, s | × eager | × real time |\n|---|---|---|---|---|---|\n");
    const auto row = [&](const std::string& name, const Times& times) {
      fmt::print("| {} | {:.0f} | {:.1f} | {:.1f} | {:.1f} | {:.2f} |\n", name, 1000 * times.encode_sec,
                 eager_.encode_sec / times.encode_sec, times.song_sec, eager_.song_sec / times.song_sec,
                 audio_sec() / times.song_sec);
    };
    row("eager", eager_);
    for (const auto& [name, engine] : engines_) row(name, ours_.at(name));
  }

  /// Keeps the smaller of two measured times.
  static void take(double& best, double seconds) { best = best == 0 ? seconds : std::min(best, seconds); }
  /// Float32: for the front end of the peer and as its judge.
  const Engine& reference() const { return *engines_.front().second; }

  const Options& options_;
  Model model_;
  DecodeLengths lengths_;
  std::size_t n_segments_ = lengths_.n_segments();
  std::vector<float> samples_;
  std::vector<std::pair<std::string, std::unique_ptr<Engine>>> engines_;  // f32 first.
  EagerThreads threads_;
  Times eager_;
  std::map<std::string, Times> ours_;
};

int bench(int argc, char** argv) {
  Options options;
  CLI::App app("Our engine and the same network in eager libtorch, in turn");
  app.add_option("--variant", options.variant, "A published network, with random weights")->capture_default_str();
  app.add_option("--decode-lengths", options.lengths, "Numbers of tokens that are decoded")->capture_default_str();
  app.add_option("--segments", options.n_segments, "Only the first so many segments, at least 8")
      ->check(CLI::Range(kBatch, 1000000));
  app.add_option("--threads", options.n_threads, "Our threads, and the most of the peer")->capture_default_str();
  app.add_option("--precisions", options.precisions, "Of ours, besides f32")
      ->delimiter(',')
      ->check(CLI::IsMember({"bf16", "int8"}))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Turns of the encoders")->capture_default_str();
  app.add_flag("--json", options.json, "Print JSON");
  app.add_flag("--every-batch", options.every_batch, "Run the peer on every batch, which takes minutes");
  app.add_option("--curves", options.curves, "Also write a picture of decoding time by tokens, SVG");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // Results as they come: a run takes minutes.
  return PeerBench(options).run();
}

}  // namespace
}  // namespace yourmt3

int main(int argc, char** argv) {
  try {
    return yourmt3::bench(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "peer_bench: {}\n", error.what());
    return 1;
  }
}
