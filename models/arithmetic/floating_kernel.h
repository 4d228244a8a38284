// SPDX-License-Identifier: Apache-2.0
// The inner loops of floating_product.h, for every instruction set Highway knows.
#pragma once

#include <cstdint>

#include "models/arithmetic/floating_product.h"

namespace razorsim::floating_kernel {

/// Columns of the output whose sums lie side by side.
inline constexpr std::int64_t columns = 16;

/// Adds the terms of k (whole terms of `term` elements, the last may be ragged) to FP32 sums:
/// panels x m x `columns`, panel by panel of n, columns beyond n unused.
struct Job {
  const FloatingOperand& a;
  IndexRange m;
  const FloatingOperand& w;
  IndexRange n;
  IndexRange k;
  std::int64_t term;
  float* sums;
};

/// Scaled groups. Elements times scales are products of few bits and a power of two, so sums of a
/// term are exact in double, in any order, and rounded once.
void add_scaled(const Job& job);
/// FP16, by the rule of datapath::fp16_dot.
void add_fp16(const Job& job);

}  // namespace razorsim::floating_kernel
