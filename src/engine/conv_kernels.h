#pragma once

#include <cstddef>

#include "engine/kernels.h"

namespace yourmt3 {

/// A frame of an activation is (blocks of channels, bins, kChannelBlock), zeros behind the last channel.
constexpr int kChannelBlock = 16;
constexpr int padded_channels(int channels) {
  return (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
}

/// What a convolution does with its sums, bias included.
enum class ConvTail {
  kRelu,
  kAddAndPool,  ///< A shortcut is added before ReLU, and bins 2 i and 2 i + 1 are averaged into bin i of the output.
  kProjectAndPool,  ///< The same; the shortcut has one channel, which is multiplied by a weight for each output.
};

/// Where the outputs of a convolution go. Arrays of rows have one pointer, to bin 0, for each frame that is computed.
/// A last bin without a partner is dropped where pairs are averaged.
struct ConvOutput {
  ConvTail tail = ConvTail::kRelu;
  const float* bias = nullptr;             ///< Whole panels.
  const float* const* shortcut = nullptr;  ///< Rows laid out as the convolution's input.
  std::ptrdiff_t shortcut_block = 0;       ///< Floats from one block of channels to the next.
  const float* shortcut_weight = nullptr;  ///< Whole panels; kProjectAndPool only.
  float* const* rows = nullptr;            ///< Null for frames that are not wanted.
  std::ptrdiff_t stride = 0, block = 0;    ///< Floats from one bin, and block of channels, of `rows` to the next.
  int channels = 0;                        ///< That are written.
  int n_bins = 0;                          ///< Before pooling.
};

/// A convolution of any odd size, tap by tap.
struct DirectConvArgs {
  const float* const* in = nullptr;  ///< in[i + a]: the row that tap a reads for frame i; bins around it can be read.
  std::ptrdiff_t in_stride = 0, in_block = 0;  ///< Floats from one bin, and block of channels, to the next.
  int in_channels = 0;
  int kernel_t = 1, kernel_f = 1;
  const float* weights = nullptr;  ///< (panel, kernel_t, kernel_f, in_channels, panel_width).
  int n_panels = 0;
  ConvOutput out;
};

/// A 3x3 convolution by Winograd's minimal filtering. The plane is cut into tiles of tile_t x tile_f outputs; the
/// (tile_t + 2) x (tile_f + 2) inputs of a tile and the weights are transformed so that a product over channels for
/// each element, transformed back, gives the outputs: for tiles of 4x4 with a quarter of the multiplications.
/// Source: Lavin and Gray 2016, "Fast algorithms for convolutional neural networks".
struct WinogradArgs {
  const float* const* in = nullptr;  ///< in[i]: the row before frame i; bins -1 to those of whole tiles can be read.
  std::ptrdiff_t in_block = 0;       ///< Floats from one block of channels to the next; bins are kChannelBlock apart.
  int in_channels = 0;               ///< Whole blocks.
  const void* weights = nullptr;     ///< Of winograd_weights().
  int n_panels = 0;
  int tiles_in_row = 0;     ///< Tile i is the one at frame i / tiles_in_row * tile_t, bin i % tiles_in_row * tile_f.
  void* scratch = nullptr;  ///< WinogradKernel::scratch floats, in whole cache lines.
  ConvOutput out;
};

/// Tiles of four outputs evaluate at 0, a, -a, b, -b and infinity. Of the points that float holds exactly, these had
/// the smallest errors: half of those of the usual 1 and 2, and some twice those of adding up all products in turn.
constexpr float kWinogradA = 0.625f, kWinogradB = 1.5f;

/// Winograd's convolution for one instruction set and type of the numbers that are multiplied. A tile's result does not
/// depend on the tiles beside it.
struct WinogradKernel {
  int tile_t, tile_f;
  int panel_width;  ///< Output channels that are computed together.
  int max_tiles;    ///< At most so many at a time.
  bool bf16;        ///< Transformed inputs and weights are rounded to bfloat16.
  std::size_t (*scratch)(int in_channels);
  void (*run)(const WinogradArgs& args, int tile_begin, int tile_end);
};

/// The convolutions of one instruction set.
struct ConvKernels {
  Isa isa;
  int panel_width;  ///< Of `direct`.
  /// Frame `frame`, bins [bin_begin, bin_end), the first an even number.
  void (*direct)(const DirectConvArgs& args, int frame, int bin_begin, int bin_end);
  WinogradKernel winograd;
};

/// Throws Error(kUnsupported) when `isa` is not among supported_isas().
const ConvKernels& conv_kernels_for(Isa isa);
/// Winograd's convolution on factors of bfloat16; null where `isa` or this processor has no such products. Larger tiles
/// are faster, with the errors of factors of 8 bits.
const WinogradKernel* bf16_winograd(Isa isa, bool large_tiles);

}  // namespace yourmt3
