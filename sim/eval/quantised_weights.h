// SPDX-License-Identifier: Apache-2.0
// Weights that somebody else has quantised (GPTQ, the authors of a paper), instead of our rounding.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "models/formats/scales.h"
#include "traces/llama/model.h"

namespace razorsim {

/// A safetensors file with, for any weight of the linear operations and named as in a trace,
///   layers.3.q_proj.weight.base8        I8, n x k: base integers (base4 and base8; base16 is I16)
///   layers.3.q_proj.weight.base8.scale  F32, n or 1
/// A scheme whose format of that weight has the base takes them, and razors them where it is SDR.
class QuantisedWeights {
 public:
  QuantisedWeights() = default;
  /// Throws TraceError naming what is no such tensor, or does not fit the model.
  QuantisedWeights(const std::string& path, const Model& model);

  /// Of `weight`, "layers.3.q_proj.weight"; null where the file has none with this base.
  [[nodiscard]] const BaseIntegers* find(std::string_view weight, int bits) const;
  /// SHA-256 of the file, "" without one.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

 private:
  std::map<std::string, BaseIntegers, std::less<>> weights_;
  std::string sha256_;
};

}  // namespace razorsim
