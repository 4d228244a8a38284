// SPDX-License-Identifier: Apache-2.0
// SCALE-Sim's topology files as a workload of shapes: a line a layer, columns by their place.
//   Layer, M, N, K,
//   Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter,
//   Strides,
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/base/operation.h"

namespace razorsim {

struct Topology {
  std::vector<Operation> layers;  ///< linear, each on its own: no layer reads another's output
  bool convolutions = false;      ///< lowered to products by im2col
  bool sparse = false;            ///< names a sparsity, which is not modelled: layers are dense
};

/// Reads `text`; `file` is its name in errors. Blank lines, lines with a title only, comments (#),
/// columns beyond the known ones and any line end are taken; the header tells which of the two
/// forms it is. A convolution becomes (output pixels x batch) x (window x channels) x filters, its
/// output as large as SCALE-Sim has it: a window that reaches over the edge counts. A layer with DP
/// in its name is depth-wise, as there: a product a channel. Throws ConfigError at file, line and
/// column.
[[nodiscard]] Topology parse_topology(std::string_view text, const std::string& file);
[[nodiscard]] Topology read_topology(const std::string& path);

}  // namespace razorsim
