// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/quantised_weights.h"

#include <fmt/format.h>

#include "models/base/errors.h"
#include "traces/io/safetensors.h"
#include "traces/io/sha256.h"
#include "traces/io/trace.h"
#include "traces/io/untrusted.h"
#include "traces/llama/forward.h"

namespace razorsim {
namespace {

std::string key_of(std::string_view weight, int bits) {
  return fmt::format("{}.base{}", weight, bits);
}

std::vector<std::int16_t> integers_of(const Tensor& tensor, int bits) {
  std::vector<std::int16_t> values;
  if (bits == 16) {
    const auto view = tensor.view<std::int16_t>();
    values.assign(view.data(), view.data() + view.size());
  } else {
    const auto view = tensor.view<std::int8_t>();
    values.assign(view.data(), view.data() + view.size());
  }
  return values;
}

std::vector<float> scales_of(const Tensor& tensor, std::int64_t rows) {
  const auto view = tensor.view<float>();
  std::vector<float> scales(view.data(), view.data() + view.size());
  if (scales.size() != 1 && std::ssize(scales) != rows)
    throw TraceError(fmt::format("its scale is not one, or one of {} rows", rows));
  return scales;
}

}  // namespace

QuantisedWeights::QuantisedWeights(const std::string& path, const Model& model)
    : sha256_(sha256_of_file(path)) {
  const Safetensors file = read_safetensors(path);
  std::size_t used = 0;
  for (std::int64_t layer = 0; layer < model.network().layers; ++layer) {
    for (const Projection projection : {Projection::q, Projection::k, Projection::v, Projection::o,
                                        Projection::gate, Projection::up, Projection::down}) {
      const std::string weight =
          fmt::format("layers.{}.{}.weight", layer, name_of_projection(projection));
      for (const int bits : {4, 8, 16}) {
        const std::string key = key_of(weight, bits);
        const auto found = file.tensors.find(key);
        if (found == file.tensors.end()) continue;
        const ModelTensor& shape = model.tensor(weight);
        const auto scale = file.tensors.find(key + ".scale");
        if (scale == file.tensors.end())
          throw TraceError(fmt::format("{}: '{}' has no '{}.scale'", path, key, key));
        if (found->second.rows() != shape.rows || found->second.cols() != shape.cols) {
          throw TraceError(fmt::format("{}: '{}' is {} x {}; the model's weight is {} x {}", path,
                                       key, found->second.rows(), found->second.cols(), shape.rows,
                                       shape.cols));
        }
        try {
          BaseIntegers& base = weights_[key];
          base = {shape.rows, shape.cols, integers_of(found->second, bits),
                  scales_of(scale->second, shape.rows)};
          check_base(base, bits, key);
        } catch (const TraceError& error) {
          throw TraceError(fmt::format("{}: {}", path, error.what()));
        }
        used += 2;
      }
    }
  }
  if (used == file.tensors.size()) return;
  for (const auto& [name, tensor] : file.tensors) {
    const std::string_view stem = name.ends_with(".scale")
                                      ? std::string_view(name).substr(0, name.size() - 6)
                                      : std::string_view(name);
    if (weights_.find(stem) == weights_.end()) {
      throw TraceError(
          fmt::format("{}: {} is no quantised weight of the model, such as "
                      "'layers.0.q_proj.weight.base8'",
                      path, in_quotes(name)));
    }
  }
}

const BaseIntegers* QuantisedWeights::find(std::string_view weight, int bits) const {
  const auto found = weights_.find(key_of(weight, bits));
  return found == weights_.end() ? nullptr : &found->second;
}

}  // namespace razorsim
