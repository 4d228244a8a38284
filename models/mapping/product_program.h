// SPDX-License-Identifier: Apache-2.0
// A mapped product as the sequence of panels to load and tiles to run.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/mapping/product_mapping.h"
#include "models/mapping/step.h"

namespace razorsim {

/// Fills beats, stalls, skew, counts and bytes read of a tile whose ranges are set.
using TileCost = std::function<void(Tile& tile)>;

/// What happens to an output tile after the array, in numbers an element.
struct OutputPlan {
  FormatSpec format;        ///< in which it is stored
  bool along_rows = false;  ///< groups run along tokens (V), not along columns
  bool keeps_base = false;  ///< the base integers are stored beside the groups (V's residual)
  std::int64_t past = 0;    ///< tokens cached before row 0, which decide where V's groups end
  bool encoded = false;     ///< passes the razor unit
  std::int64_t sweeps = 1;
  bool whole_rows = false;       ///< the scale is known only once the rows are complete
  std::int64_t first_steps = 1;  ///< vector steps of a product's tile (rescale)
  std::int64_t last_steps = 0;   ///< further steps once all products of the tile are there
  Bytes aux;                     ///< bytes an element reads beside
};

struct ProductPlan {
  int pass = 0;
  std::vector<int> operations;  ///< one a product (two for gate and up)
  int vector_operation = -1;    ///< the epilogue, -1 for none
  ProductShape shape;
  ProductMapping mapping;
  OutputPlan output;
  TileCost cost;
  std::int64_t heads = 1;
  std::int64_t heads_per_right = 1;  ///< heads that share a right operand
  std::int64_t left_address = 0;
  std::vector<std::int64_t> right_addresses;
  std::int64_t aux_address = 0;
  std::int64_t output_address = 0;
};

/// Sends the steps of `plan` to `sink`.
void run_program(const ProductPlan& plan, StepSink& sink);

/// Groups the razor unit encodes and bytes stored for a rows x cols output window.
struct OutputCost {
  std::int64_t groups = 0;
  PanelBytes bytes;
};
[[nodiscard]] OutputCost output_cost(const OutputPlan& plan, IndexRange rows, std::int64_t cols);

}  // namespace razorsim
