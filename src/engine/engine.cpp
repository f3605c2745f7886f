#include "engine/engine.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/fail.h"
#include "core/parallel.h"
#include "engine/decode_session.h"
#include "engine/drum_head.h"
#include "engine/group_note_head.h"
#include "engine/harmonic_front_end.h"
#include "engine/linear.h"
#include "engine/perceiver_encoder.h"
#include "engine/pre_decoder.h"
#include "engine/residual_conv.h"
#include "engine/t5_decoder.h"
#include "engine/t5_encoder.h"
#include "features/front_end.h"

namespace yourmt3 {
namespace {

std::size_t times(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

FrontEnd make_front_end(const Model& model) {
  const FrontEndConfig& config = model.config.front_end;
  const std::string bands = "spectrogram.mel_stft.mel_scale.fb";
  if (config.codec != FrontEndConfig::Codec::kMel || !model.weights.tensors.contains(bands)) return FrontEnd(config);
  const int n_bins = config.n_fft / 2 + 1;
  const std::vector<float> matrix = WeightReader(model.weights, "").get(bands, {n_bins, config.n_mels});
  return FrontEnd(config, Filterbank::from_matrix(matrix, n_bins, config.n_mels));
}

Arithmetic make_arithmetic(const Engine::Options& options) {
  const Kernels& kernels = options.isa ? kernels_for(*options.isa) : best_kernels();
  return {kernels, resolve(options.precision, kernels)};
}

/// For layers that hear notes from few values: 8 bits would cost notes (docs/precision.md).
Arithmetic above_int8(const Arithmetic& arithmetic) {
  if (arithmetic.precision != Precision::kInt8) return arithmetic;
  return {arithmetic.kernels, resolve(Precision::kAuto, arithmetic.kernels)};
}

void expect_size(const char* what, std::size_t found, std::size_t expected) {
  if (found != expected) fail(ErrorCode::kInvalidArgument, "{} has {} values, expected {}", what, found, expected);
}

}  // namespace

struct Engine::Impl {
  Impl(const Model& model, const Options& given);

  ModelConfig config;
  Options options;
  Arithmetic arithmetic;
  mutable ThreadTeam team;
  mutable ThreadTeam alone{1};  // For a thread of the team that works on a segment of its own.
  FrontEnd front_end;
  std::optional<ResidualConv> convolutions;
  std::optional<HarmonicFrontEnd> harmonic;
  std::optional<T5Encoder> t5;
  std::optional<PerceiverEncoder> perceiver;
  std::optional<Linear> note_head, group_head;
  std::optional<GroupNoteHead> group_note_head;
  std::optional<DrumHead> drum_head;
  PreDecoder pre_decoder;
  T5Decoder decoder;

  // Values of one segment at each stage.
  std::size_t samples, spectrogram, pre_encoded, encoded, pre_decoded, memory;
  int memory_length;  // S.

  Compute compute() const { return {arithmetic.kernels, team}; }
  /// Calls body(compute, segment) for all segments. Where a segment is little work, each thread takes whole ones:
  /// sharing out regions of some microseconds gained nothing in a T5 encoder of width 192. Activations of a large
  /// network are some hundred MiB a segment, so that there all threads work on one.
  int segments_together() const { return convolutions || perceiver ? 1 : team.n_threads(); }
  void each_segment(int n_segments, const std::function<void(const Compute&, int)>& body) const;
  /// What one channel reads of a segment's memory.
  Rows row_memory(const float* segment, int channel) const {
    const int width = decoder.memory_width();
    return {segment + channel * width, static_cast<std::ptrdiff_t>(config.decoder.n_channels) * width};
  }
  /// `features`, unless null, receives those of the harmonic front end.
  void pre_encode_one(const Compute& compute, const float* spectrogram_segment, float* out,
                      float* features = nullptr) const;
  void encode_one(const Compute& compute, const float* pre_encoded_segment, float* out,
                  const RouterObserver& routers = {}, int segment = 0) const;
  int n_auxiliary() const { return (note_head ? note_head->out() : 0) + (group_head ? group_head->out() : 0); }
  void auxiliary_one(const Compute& compute, const float* encoded_segment, float* out) const;
};

Engine::Impl::Impl(const Model& model, const Options& given)
    : config((validate(model.config), model.config)),
      options(given),
      arithmetic(make_arithmetic(given)),
      team(given.n_threads > 0 ? given.n_threads : available_processors()),
      front_end(make_front_end(model)),
      pre_decoder(arithmetic, config, WeightReader(model.weights, "pre_decoder.0.")),
      decoder(arithmetic, team, config.decoder, WeightReader(model.weights, ""), pre_decoder.projection()) {
  if (options.max_batch_rows < 1) {
    fail(ErrorCode::kInvalidArgument, "max_batch_rows is {}, expected at least 1", options.max_batch_rows);
  }
  const int n_frames = config.front_end.n_frames(), n_bins = config.front_end.n_bins();
  const EncoderConfig& encoder = config.encoder;
  const WeightReader root(model.weights, "");
  samples = static_cast<std::size_t>(config.front_end.segment_samples);
  spectrogram = times(n_frames, n_bins);
  int bins = n_bins, maps = 1;
  switch (config.pre_encoder.type) {
    case PreEncoderConfig::Type::kNone:
      break;
    case PreEncoderConfig::Type::kResidualConv:
      convolutions.emplace(arithmetic.kernels, config.pre_encoder, n_frames, n_bins, root.below("pre_encoder.0."),
                           arithmetic.precision);
      bins = convolutions->n_bins_out();
      maps = config.pre_encoder.channels;
      break;
    case PreEncoderConfig::Type::kHarmonic:
      harmonic.emplace(above_int8(arithmetic), config, root.below("pre_encoder."));
      bins = encoder.d_model;
      break;
  }
  pre_encoded = times(n_frames, bins, maps);
  if (encoder.type == EncoderConfig::Type::kT5) {
    if (bins * maps != encoder.d_model) {
      fail(ErrorCode::kInvalidArgument, "encoder.d_model is {}, but a frame has {} values", encoder.d_model,
           bins * maps);
    }
    t5.emplace(above_int8(arithmetic), team, encoder, n_frames, root.below("encoder.encoder."));
    encoded = times(n_frames, encoder.d_model);
  } else {
    perceiver.emplace(arithmetic, team, encoder, n_frames, bins, maps, root.below("encoder."));
    encoded = times(n_frames, encoder.n_latents, encoder.d_model);
  }
  memory_length = n_frames;
  pre_decoded = times(config.decoder.n_channels, n_frames, config.decoder.d_model);
  memory = times(config.decoder.n_channels, n_frames, decoder.memory_width());

  const auto head = [&](const char* name, int outputs) {
    const WeightReader weights = root.below(name);
    return Linear(arithmetic.exact(), weights.get("weight", {outputs, encoder.d_model}), outputs, encoder.d_model,
                  weights.get("bias", {outputs}));
  };
  const AuxiliaryConfig& auxiliary = config.auxiliary;
  if (auxiliary.notes) {
    note_head = head("auxiliary.notes.", 2 * config.pre_encoder.n_pitches + auxiliary.n_drums);
  }
  if (auxiliary.n_groups > 0) group_head = head("auxiliary.groups.", auxiliary.n_groups);
  if (auxiliary.group_notes > 0) {
    group_note_head.emplace(above_int8(arithmetic), config, root.below("auxiliary."));
  }
  if (auxiliary.drum_width > 0) {
    drum_head.emplace(above_int8(arithmetic), config, root.below("auxiliary.drums."));
  }
}

void Engine::Impl::each_segment(int n_segments, const std::function<void(const Compute&, int)>& body) const {
  if (segments_together() == 1 || n_segments < team.n_threads()) {
    for (int i = 0; i < n_segments; ++i) body(compute(), i);
  } else {
    team.run(n_segments, [&](int i, int) { body({arithmetic.kernels, alone}, i); });
  }
}

void Engine::Impl::pre_encode_one(const Compute& compute, const float* segment, float* out, float* features) const {
  if (convolutions) {
    convolutions->run(compute, segment, out);
  } else if (harmonic) {
    harmonic->run(compute, segment, out, features);
  } else {
    std::copy_n(segment, spectrogram, out);
  }
}

void Engine::Impl::encode_one(const Compute& compute, const float* pre_encoded_segment, float* out,
                              const RouterObserver& routers, int segment) const {
  if (t5) {
    t5->run(compute, pre_encoded_segment, out, {}, routers, segment);
  } else {
    perceiver->run(compute, pre_encoded_segment, out, {}, routers, segment);
  }
}

void Engine::Impl::auxiliary_one(const Compute& compute, const float* encoded_segment, float* out) const {
  const int width = n_auxiliary(), notes = note_head ? note_head->out() : 0;
  if (note_head) note_head->apply(compute, encoded_segment, memory_length, out, {.y_stride = width});
  if (group_head) group_head->apply(compute, encoded_segment, memory_length, out + notes, {.y_stride = width});
}

Engine::Engine(const Model& model, const Options& options) : impl_(std::make_unique<Impl>(model, options)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const ModelConfig& Engine::config() const {
  return impl_->config;
}

Precision Engine::precision() const {
  return impl_->arithmetic.precision;
}

std::vector<float> Engine::spectrogram(std::span<const float> segments, int n_segments) const {
  const Impl& impl = *impl_;
  const std::size_t n = static_cast<std::size_t>(n_segments);
  expect_size("the audio", segments.size(), n * impl.samples);
  std::vector<float> out(n * impl.spectrogram);
  impl.team.run(n_segments, [&](int i, int) {
    const std::size_t segment = static_cast<std::size_t>(i);
    impl.front_end.compute(segments.subspan(segment * impl.samples, impl.samples),
                           std::span(out).subspan(segment * impl.spectrogram, impl.spectrogram));
  });
  return out;
}

std::vector<float> Engine::pre_encode(std::span<const float> spectrogram, int n_segments) const {
  const Impl& impl = *impl_;
  const std::size_t n = static_cast<std::size_t>(n_segments);
  expect_size("the spectrogram", spectrogram.size(), n * impl.spectrogram);
  std::vector<float> out(n * impl.pre_encoded);
  impl.each_segment(n_segments, [&](const Compute& compute, int i) {
    const std::size_t segment = static_cast<std::size_t>(i);
    impl.pre_encode_one(compute, spectrogram.data() + segment * impl.spectrogram,
                        out.data() + segment * impl.pre_encoded);
  });
  return out;
}

std::vector<float> Engine::encode_features(std::span<const float> pre_encoded, int n_segments) const {
  const Impl& impl = *impl_;
  const std::size_t n = static_cast<std::size_t>(n_segments);
  expect_size("the pre-encoder's output", pre_encoded.size(), n * impl.pre_encoded);
  std::vector<float> out(n * impl.encoded);
  impl.each_segment(n_segments, [&](const Compute& compute, int i) {
    const std::size_t segment = static_cast<std::size_t>(i);
    impl.encode_one(compute, pre_encoded.data() + segment * impl.pre_encoded, out.data() + segment * impl.encoded);
  });
  return out;
}

std::vector<float> Engine::pre_decode(std::span<const float> encoded, int n_segments) const {
  const Impl& impl = *impl_;
  const std::size_t n = static_cast<std::size_t>(n_segments);
  expect_size("the encoder's output", encoded.size(), n * impl.encoded);
  std::vector<float> by_frame(impl.pre_decoded), out(n * impl.pre_decoded);
  const std::size_t channels = static_cast<std::size_t>(impl.config.decoder.n_channels);
  const std::size_t frames = static_cast<std::size_t>(impl.memory_length), width = impl.pre_decoded / channels / frames;
  for (std::size_t i = 0; i < n; ++i) {
    impl.pre_decoder.run(impl.compute(), encoded.data() + i * impl.encoded, by_frame.data());
    for (std::size_t row = 0; row < channels * frames; ++row) {
      const std::size_t from = row % frames * channels + row / frames;
      std::copy_n(by_frame.data() + from * width, width, out.data() + i * impl.pre_decoded + row * width);
    }
  }
  return out;
}

std::vector<float> Engine::auxiliary_logits(std::span<const float> encoded, int n_segments) const {
  const Impl& impl = *impl_;
  const std::size_t n = static_cast<std::size_t>(n_segments);
  expect_size("the encoder's output", encoded.size(), n * impl.encoded);
  const std::size_t each = times(impl.memory_length, impl.n_auxiliary());
  std::vector<float> out(n * each);
  impl.each_segment(n_segments, [&](const Compute& compute, int i) {
    const std::size_t segment = static_cast<std::size_t>(i);
    impl.auxiliary_one(compute, encoded.data() + segment * impl.encoded, out.data() + segment * each);
  });
  return out;
}

std::vector<float> Engine::decoder_logits(std::span<const std::int32_t> decoder_input_ids,
                                          std::span<const float> memory, int n_rows, std::vector<float>* hidden) const {
  const Impl& impl = *impl_;
  const DecoderConfig& config = impl.config.decoder;
  const std::size_t rows = static_cast<std::size_t>(n_rows), n = n_rows > 0 ? decoder_input_ids.size() / rows : 0;
  const std::size_t channels = static_cast<std::size_t>(config.n_channels);
  expect_size("decoder_input_ids", decoder_input_ids.size(), rows * n);
  expect_size("the decoder's memory", memory.size(), (rows + channels - 1) / channels * impl.memory);
  if (!config.relative_position_bias && n > static_cast<std::size_t>(config.n_positions)) {
    fail(ErrorCode::kInvalidArgument, "{} tokens in a row, but the decoder has {} positions", n, config.n_positions);
  }
  for (const std::int32_t id : decoder_input_ids) {
    if (id < 0 || id >= config.vocab_size) {
      fail(ErrorCode::kInvalidArgument, "token {} is not below the vocabulary's size {}", id, config.vocab_size);
    }
  }
  std::vector<float> logits(decoder_input_ids.size() * static_cast<std::size_t>(config.vocab_size));
  const std::size_t width = static_cast<std::size_t>(config.d_model);
  if (hidden != nullptr) hidden->resize(decoder_input_ids.size() * width);
  for (std::size_t i = 0; i < rows && n > 0; ++i) {
    impl.decoder.run(impl.compute(), decoder_input_ids.subspan(i * n, n),
                     impl.row_memory(memory.data() + i / channels * impl.memory, static_cast<int>(i % channels)),
                     impl.memory_length, hidden == nullptr ? nullptr : hidden->data() + i * n * width,
                     logits.data() + i * n * static_cast<std::size_t>(config.vocab_size));
  }
  return logits;
}

EncodedSegments Engine::encode(std::span<const float> segments, int n_segments, const RouterObserver& routers) const {
  EncodedSegments result;
  result.n_segments = n_segments;
  const Impl& impl = *impl_;
  expect_size("the audio", segments.size(), static_cast<std::size_t>(n_segments) * impl.samples);
  const std::size_t n_segment = static_cast<std::size_t>(n_segments);
  const int n_heads = impl.n_auxiliary();
  const std::size_t auxiliary = times(impl.memory_length, n_heads);
  std::size_t n_features = 0, group_notes = 0;
  if (impl.group_note_head) {
    const PreEncoderConfig& pitches = impl.config.pre_encoder;
    n_features = times(impl.memory_length, pitches.n_pitches, pitches.width);
    group_notes = times(impl.memory_length, pitches.n_pitches, impl.group_note_head->n_groups());
  }
  result.memory.resize(n_segment * impl.memory);
  result.auxiliary.resize(n_segment * auxiliary);
  result.group_notes.resize(n_segment * group_notes);
  const auto encode_segment = [&](const Compute& compute, int i) {
    const std::size_t segment = static_cast<std::size_t>(i);
    std::vector<float> picture(impl.spectrogram), pre_encoded(impl.pre_encoded), features(n_features);
    std::vector<float> encoded(impl.encoded);
    impl.front_end.compute(segments.subspan(segment * impl.samples, impl.samples), picture);
    impl.pre_encode_one(compute, picture.data(), pre_encoded.data(), n_features > 0 ? features.data() : nullptr);
    impl.encode_one(compute, pre_encoded.data(), encoded.data(), routers, i);
    if (impl.pre_decoder.is_skipped()) {
      std::copy(encoded.begin(), encoded.end(), result.memory.data() + segment * impl.memory);
    } else {
      impl.pre_decoder.run(compute, encoded.data(), result.memory.data() + segment * impl.memory);
    }
    float* heads = result.auxiliary.data() + segment * auxiliary;
    impl.auxiliary_one(compute, encoded.data(), heads);
    if (impl.drum_head) {
      impl.drum_head->run(compute, picture.data(), encoded.data(), heads + 2 * impl.config.pre_encoder.n_pitches,
                          n_heads);
    }
    if (!impl.group_note_head) return;
    impl.group_note_head->run(compute, picture.data(), features.data(), encoded.data(), heads, n_heads,
                              result.group_notes.data() + segment * group_notes);
  };
  if (routers) {  // Hears of one segment after the other.
    for (int i = 0; i < n_segments; ++i) encode_segment(impl.compute(), i);
  } else {
    impl.each_segment(n_segments, encode_segment);
  }
  return result;
}

int Engine::segments_together() const {
  return impl_->segments_together();
}

std::unique_ptr<DecodeSession> Engine::start_decoding(int max_length, int n_rows) const {
  const Impl& impl = *impl_;
  const DecoderConfig& config = impl.config.decoder;
  const int length = max_length > 0 ? max_length : config.max_length;
  if (!config.relative_position_bias && length > config.n_positions) {
    fail(ErrorCode::kInvalidArgument, "max_length is {}, but the decoder has {} positions", length, config.n_positions);
  }
  const int n_slots = n_rows > 0 ? std::min(n_rows, impl.options.max_batch_rows) : impl.options.max_batch_rows;
  return std::make_unique<DecodeSession>(impl.decoder, impl.compute(), config.n_channels, impl.memory_length, n_slots,
                                         length);
}

std::vector<std::vector<std::int32_t>> Engine::decode(const EncodedSegments& encoded, LogitProcessor* processor,
                                                      int max_length, const std::atomic<bool>* stop,
                                                      std::span<const std::int32_t> forced_lengths) const {
  const Impl& impl = *impl_;
  const int n_channels = impl.config.decoder.n_channels, n_rows = encoded.n_segments * n_channels;
  expect_size("the decoder's memory", encoded.memory.size(),
              static_cast<std::size_t>(encoded.n_segments) * impl.memory);
  if (!forced_lengths.empty()) expect_size("forced_lengths", forced_lengths.size(), static_cast<std::size_t>(n_rows));
  if (n_rows == 0) return {};
  const auto session = start_decoding(max_length, n_rows);
  std::vector<std::vector<std::int32_t>> rows(static_cast<std::size_t>(n_rows));
  for (int pushed = 0; pushed < encoded.n_segments || !session->idle();) {
    if (stop != nullptr && *stop) fail(ErrorCode::kCancelled, "decoding was cancelled");
    for (; pushed < encoded.n_segments && session->n_vacant() > 0; ++pushed) {
      const std::size_t segment = static_cast<std::size_t>(pushed), first = times(pushed, n_channels);
      DecodeRequest request;
      request.id = pushed;
      const float* memory = encoded.memory.data() + segment * impl.memory;
      request.memory.assign(memory, memory + impl.memory);
      request.processor = processor;
      request.first_row = static_cast<int>(first);
      if (!forced_lengths.empty()) request.forced = forced_lengths.subspan(first, static_cast<std::size_t>(n_channels));
      session->push(std::move(request));
    }
    session->step();
    while (std::optional<DecodedRows> decoded = session->pop()) {
      std::move(decoded->rows.begin(), decoded->rows.end(),
                rows.begin() + static_cast<std::ptrdiff_t>(times(static_cast<int>(decoded->id), n_channels)));
    }
  }
  return rows;
}

}  // namespace yourmt3
