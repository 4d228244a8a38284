// SPDX-License-Identifier: Apache-2.0
// Inside the operators: rows of numbers by vectors. Outputs may be inputs. Users include softmax.h,
// silu_gate.h, elementary.h.
#pragma once

#include <span>

namespace razorsim {

/// exp_f32(x - subtrahend) of each element.
void exp_f32_less(std::span<const float> x, float subtrahend, std::span<float> out);

/// out = x * scale; returns the largest of them.
[[nodiscard]] float scale_and_maximum(std::span<const float> x, float scale, std::span<float> out);

/// x *= factor.
void scale_row(std::span<float> x, float factor);

/// (gate / (1 + exp(-gate))) * up of each element.
void silu_gate_row(std::span<const float> gate, std::span<const float> up, std::span<float> out);

}  // namespace razorsim
