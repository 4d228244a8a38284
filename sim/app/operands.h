// SPDX-License-Identifier: Apache-2.0
// Operands of one matrix product for `razorsim gemm`: base integers from a file, or made up.
#pragma once

#include <cstdint>
#include <string>

#include "models/base/scheme.h"
#include "models/formats/scales.h"

namespace razorsim {

/// a is m x k, w is n x k.
struct Operands {
  BaseIntegers a;
  BaseIntegers w;
  int bits_a = 0;
  int bits_w = 0;
};

/// Bits of the integers a format is made from: the base of SDR, else the integer's own width; 16
/// for floating formats, which start from integers times a scale.
[[nodiscard]] int integer_bits(const FormatSpec& format);

/// Reads {"a": [[..]], "w": [[..]], "bits_a": .., "bits_w": ..} or a safetensors file with tensors
/// a and w (I8 or I16). Bits not given are those of `scheme`. Throws ConfigError for JSON,
/// TraceError for safetensors: ragged rows, rows of different length, integers outside the
/// symmetric base.
[[nodiscard]] Operands read_operands(const std::string& path, const Scheme& scheme);

/// Made-up operands, the same on every machine: weights roughly normal, activations roughly normal
/// with every 64th channel or so 16 times as large, as LLaMA's outlier channels are (chosen).
/// Integers only.
[[nodiscard]] Operands make_operands(std::int64_t m, std::int64_t k, std::int64_t n,
                                     std::uint64_t seed, const Scheme& scheme);

}  // namespace razorsim
