// SPDX-License-Identifier: Apache-2.0
#include "traces/calibrate/row_scales.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/formats/row_scales.h"
#include "traces/llama/forward.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t row_block = 32;  // rows a thread searches at a time, chosen

/// A weight with the formats that schemes give it.
struct Wanted {
  std::string weight;
  std::vector<FormatSpec> formats;
};

std::vector<Wanted> wanted_weights(const Model& model, const std::vector<Scheme>& schemes,
                                   const StaticRanges& ranges) {
  std::vector<Wanted> all;
  for (std::int64_t layer = 0; layer < model.network().layers; ++layer) {
    for (int projection = 0; projection < 7; ++projection) {
      const std::string operation = fmt::format(
          "layers.{}.{}", layer, name_of_projection(static_cast<Projection>(projection)));
      Wanted wanted{operation + ".weight", {}};
      for (const Scheme& scheme : schemes) {
        const FormatSpec& format = scheme.format_of(Operand::weights, operation);
        const std::string key = row_scales_key(wanted.weight, format);
        const auto same = [&](const FormatSpec& other) {
          return row_scales_key(wanted.weight, other) == key;
        };
        if (!key.empty() && !ranges.row_scales.contains(key) &&
            std::ranges::none_of(wanted.formats, same))
          wanted.formats.push_back(format);
      }
      if (!wanted.formats.empty()) all.push_back(std::move(wanted));
    }
  }
  return all;
}

}  // namespace

std::string row_scales_key(std::string_view weight, const FormatSpec& format) {
  if (!has_row_scales(format)) return "";
  std::string key = fmt::format("{}.{}", weight, format.name);
  if (format.name != "sdr") return key;
  key += fmt::format("{}m{}g{}", format.base_bits, format.magnitude_bits, format.group);
  if (format.rounding != Rounding::half_away) key += fmt::format(".{}", name_of(format.rounding));
  if (format.overflow != Overflow::floor) key += fmt::format(".{}", name_of(format.overflow));
  return key;
}

void search_row_scales(const Model& model, const std::vector<Scheme>& schemes, int threads,
                       StaticRanges& ranges, const std::function<void(double)>& progress) {
  const std::vector<Wanted> all = wanted_weights(model, schemes, ranges);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<float> numbers = model.weight(all[i].weight);
    const ModelTensor& shape = model.tensor(all[i].weight);
    const MatrixView<const float> rows(numbers.data(), shape.rows, shape.cols);
    for (const FormatSpec& format : all[i].formats) {
      std::vector<float> scales(static_cast<std::size_t>(shape.rows));
      parallel_for((shape.rows + row_block - 1) / row_block, threads, [&](std::int64_t block) {
        const std::int64_t first = block * row_block;
        const std::int64_t count = std::min(row_block, shape.rows - first);
        const std::vector<float> found =
            search_row_scales(format, rows.block(first, 0, count, shape.cols));
        std::ranges::copy(found, scales.begin() + first);
      });
      ranges.row_scales.emplace(row_scales_key(all[i].weight, format), std::move(scales));
    }
    progress(static_cast<double>(i + 1) / static_cast<double>(all.size()));
  }
}

}  // namespace razorsim
