// SPDX-License-Identifier: Apache-2.0
// A list of operations planned onto one machine: units, formats, tiles, places. Pure; no time
// passes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "models/arithmetic/units.h"
#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/hardware/specs.h"
#include "models/mapping/attention_program.h"
#include "models/mapping/passes.h"
#include "models/mapping/product_program.h"
#include "models/mapping/vector_program.h"

namespace razorsim {

/// How one operation runs.
struct ScheduledOperation {
  int pass = 0;
  std::string unit;  ///< "" for vector operations
  UnitPlan plan;
  FormatSpec left;
  FormatSpec right;
  FormatSpec wide_right;        ///< of tiles marked wide_right
  FormatSpec output;            ///< as stored
  bool output_on_chip = false;  ///< its output never leaves the chip
  ProductMapping mapping;       ///< of products; tile sizes only in attention
};

struct ScheduledPass {
  Pass pass;
  std::vector<std::variant<ProductPlan, AttentionPlan, VectorPlan>> programs;  ///< in order
};

struct Schedule {
  std::vector<ScheduledPass> passes;
  std::vector<ScheduledOperation> operations;  ///< as in the list planned
  UnitSpec unit;                               ///< the array's, "auto" resolved
};

/// Plans `operations` with the formats of `scheme`; products named in `given` are cut as it says.
/// Throws ConfigError where no unit takes a pair of formats or a buffer is too small.
[[nodiscard]] Schedule make_schedule(const std::vector<Operation>& operations, const Scheme& scheme,
                                     const ArraySpec& array, const MachineShape& shape,
                                     const std::vector<GivenMapping>& given = {});

}  // namespace razorsim
