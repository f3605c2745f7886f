#include "torchnet/initialise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <string>
#include <string_view>

#include "core/fail.h"

namespace yourmt3 {
namespace {

class Initialiser {
 public:
  Initialiser(const ModelConfig& config, std::uint64_t seed)
      : config_(config), generator_(at::detail::createCPUGenerator(seed)) {}

  void fill(const std::string& name, at::Tensor& tensor) {
    if (name.ends_with("running_var")) {
      tensor.fill_(1);
    } else if (name.ends_with("num_batches_tracked") || name.ends_with("running_mean")) {
      tensor.zero_();
    } else if (name.ends_with("additive_pe.weight") || name.ends_with(".freqs")) {
      return;
    } else if (name == "embed_tokens.weight" || name.ends_with("_pos_emb_temporal")) {
      normal(tensor, 1);
    } else if (name == "lm_head.lm_head.weight") {
      uniform(tensor, 1 / std::sqrt(static_cast<double>(config_.decoder.d_model)));
    } else if (name.starts_with("encoder.encoder.") || name.starts_with("decoder.")) {
      fill_t5(name, tensor);
    } else if (name.starts_with("encoder.")) {
      fill_perceiver(name, tensor);
    } else if (name.starts_with("pre_encoder.0.")) {
      fill_convolution(name, tensor);
    } else if (name.starts_with("pre_decoder.0.layers.2.") || name.starts_with("pre_decoder.0.layers.5.")) {
      tensor.fill_(name.ends_with("weight") ? 1 : 0);
    } else {
      fill_linear(name, tensor);
    }
  }

 private:
  void normal(at::Tensor& tensor, double sigma, double mean = 0) { tensor.normal_(mean, sigma, generator_); }
  void uniform(at::Tensor& tensor, double bound) { tensor.uniform_(-bound, bound, generator_); }

  void fill_t5(const std::string& name, at::Tensor& tensor) {
    if (tensor.dim() == 1) {
      tensor.fill_(1);
    } else if (name.find(".experts.") != std::string::npos || name.ends_with(".gate.weight")) {
      uniform(tensor, 1 / std::sqrt(static_cast<double>(tensor.size(1))));
    } else if (name.ends_with(".q.weight")) {
      // T5 divides no scores, so the queries start smaller by sqrt(64); the reference has 64 whatever the head width.
      normal(tensor, 1 / std::sqrt(64.0 * static_cast<double>(tensor.size(1))));
    } else if (name.ends_with("relative_attention_bias.weight")) {
      const int width = name.starts_with("decoder.") ? config_.decoder.d_model : config_.encoder.d_model;
      normal(tensor, 1 / std::sqrt(static_cast<double>(width)));
    } else {
      normal(tensor, 1 / std::sqrt(static_cast<double>(tensor.size(1))));
    }
  }

  void fill_perceiver(const std::string& name, at::Tensor& tensor) {
    if (name.ends_with(".slopes")) {
      normal(tensor, 1, -2);
    } else if (name.find("norm") != std::string::npos) {
      tensor.fill_(name.ends_with("weight") ? 1 : 0);
    } else if (tensor.dim() == 1) {
      tensor.zero_();
    } else {
      normal(tensor, 0.02);
    }
  }

  void fill_convolution(const std::string& name, at::Tensor& tensor) {
    if (tensor.dim() == 4) {
      const double fans = static_cast<double>((tensor.size(0) + tensor.size(1)) * tensor.size(2) * tensor.size(3));
      uniform(tensor, std::sqrt(6 / fans));
    } else {
      tensor.fill_(name.find(".bn") != std::string::npos && name.ends_with("weight") ? 1 : 0);
    }
  }

  /// The framework's default for linear layers: weight and bias from the same interval.
  void fill_linear(const std::string& name, at::Tensor& tensor) {
    const bool correction = name.starts_with("auxiliary.group_notes.refine.") ||
                            name.starts_with("auxiliary.drums.output.") ||
                            name.starts_with("auxiliary.timbre.output.") ||
                            (name.starts_with("auxiliary.") && name.find(".mix.") != std::string::npos);
    if (correction) {
      tensor.zero_();  // Changes nothing as yet.
      return;
    }
    const bool inner = name.ends_with(".hints.bias") || name.ends_with(".hidden.bias") ||
                       name.ends_with(".reduce.bias") || name.ends_with(".bands.bias") ||
                       name.ends_with(".spectrum.bias");
    if (name.starts_with("auxiliary.") && name.ends_with(".bias") && !inner) {
      // Most frames have no onset of a given pitch; starting there spares the first hundreds of steps.
      tensor.fill_(-3);
      return;
    }
    if (tensor.dim() == 1) return uniform(tensor, 1 / std::sqrt(static_cast<double>(fan_in_)));
    fan_in_ = tensor.numel() / tensor.size(0);
    if (name == "pre_decoder.0.weight") fan_in_ = tensor.size(1) * tensor.size(2);
    uniform(tensor, 1 / std::sqrt(static_cast<double>(fan_in_)));
  }

  const ModelConfig& config_;
  at::Generator generator_;
  std::int64_t fan_in_ = 1;  // Of the weight seen last: a bias follows its weight.
};

double scale_of(const std::string& name, const ModelConfig& config, const InitialiseOptions& options) {
  if (name.find(".experts.") != std::string::npos) return options.expert_scale;
  const bool decoder = name.starts_with("decoder.");
  const bool mixture =
      (decoder ? config.decoder.feed_forward : config.encoder.feed_forward) == EncoderConfig::FeedForward::kMoe;
  // A mixture's own `gate` is its router; gates inside experts and gated layers are of another kind.
  return mixture && name.ends_with(".gate.weight") ? options.router_scale : 1;
}

}  // namespace

void initialise(Network& network, std::uint64_t seed, const InitialiseOptions& options) {
  const at::NoGradGuard no_grad;
  Initialiser initialiser(network.config(), seed);
  const auto fill = [&](const auto& entries) {
    for (const auto& entry : entries) {
      // Drawn on the host, so that every device begins with the same weights.
      at::Tensor host = entry.value().to(at::kCPU), own = entry.value();
      initialiser.fill(entry.key(), host);
      if (const double scale = scale_of(entry.key(), network.config(), options); scale != 1) host.mul_(scale);
      if (!own.device().is_cpu()) own.copy_(host);
    }
  };
  fill(network.named_parameters());
  fill(network.named_buffers());
}

void initialise_time_embeddings(Network& network, std::int64_t first_id, std::int64_t count, double step_sec) {
  const at::NoGradGuard no_grad;
  const ModelConfig& config = network.config();
  if (config.encoder.type != EncoderConfig::Type::kT5 || config.encoder.d_model != config.decoder.d_model) {
    fail(ErrorCode::kInvalidArgument,
         "time embeddings need a T5 encoder as wide as the decoder; the encoder's width is {}, the decoder's {}",
         config.encoder.d_model, config.decoder.d_model);
  }
  const double frame_sec = static_cast<double>(config.front_end.hop_length) / config.front_end.sample_rate;
  network["embed_tokens"]
      .tensor("weight")
      .slice(0, first_id, first_id + count)
      .copy_(sinusoid_table(count, config.decoder.d_model, 0, step_sec / frame_sec));
}

}  // namespace yourmt3
