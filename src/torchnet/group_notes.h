#pragma once

#include <ATen/core/Tensor.h>

#include "torchnet/layers.h"

namespace yourmt3 {

/// What a small network shared by all pitches makes of each of them, (B, T, P, hidden), from the features of every
/// pitch (B, T, P, W) and the encoder's output (B, T, d); each of AuxiliaryConfig::context_layers adds what it makes of
/// other frames and pitches. `node` is "auxiliary.group_notes", here and below.
at::Tensor pitch_states(const ParameterNode& node, const at::Tensor& features, const at::Tensor& encoded);

/// Which group begins a note of each pitch: logits (B, T, P, groups) from pitch_states() and onset logits (B, T, P).
/// The latter are added without a gradient, so that this head only learns who plays.
at::Tensor group_note_logits(const ParameterNode& node, const at::Tensor& states, const at::Tensor& onsets);

/// `notes`, (B, T, 2 P + drums) logits of onsets and sounding pitches, with what pitch_states() add to those of their
/// pitch.
at::Tensor refined_notes(const ParameterNode& node, const at::Tensor& states, const at::Tensor& notes);

}  // namespace yourmt3
