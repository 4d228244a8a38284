// SPDX-License-Identifier: Apache-2.0
// A vector operation alone: blocks of whole rows through the vector unit and, encoded, back to
// memory.
#pragma once

#include <cstdint>

#include "models/mapping/product_program.h"
#include "models/mapping/step.h"

namespace razorsim {

struct VectorPlan {
  int pass = 0;
  int operation = 0;
  std::int64_t rows = 0;  ///< heads times m
  std::int64_t cols = 0;
  Bytes element_in{4};  ///< bytes an element reads, all inputs together
  Bytes row_weights;    ///< read once, with the first block (RMSNorm's weight)
  std::int64_t steps_per_element = 0;
  std::int64_t steps_per_row = 0;
  std::int64_t block_rows = 1;
  OutputPlan output;
  std::int64_t input_address = 0;
  std::int64_t output_address = 0;

  /// An operation that computes nothing: it moves rows of a table, each from wherever it lies.
  [[nodiscard]] bool gathers() const { return steps_per_element + steps_per_row == 0; }
};

/// Chooses block_rows. Throws ConfigError at "activation_buffer" or "output_buffer" where a row
/// does not fit.
void choose_blocks(VectorPlan& plan, const MachineShape& machine);

/// Sends the steps of `plan` to `sink`.
void run_program(const VectorPlan& plan, StepSink& sink);

}  // namespace razorsim
