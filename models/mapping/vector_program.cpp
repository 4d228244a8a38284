// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/vector_program.h"

#include <algorithm>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// Where row `row` of a gather lies. Which rows are asked for is not known to a run of shapes, so
/// they lie scattered by a fixed hash (Knuth's multiplicative one), in 2 GiB: chosen.
std::int64_t scattered(std::int64_t row) {
  constexpr std::int64_t range = std::int64_t{1} << 31;
  return row * 2654435761 % range / request_bytes.count() * request_bytes.count();
}

}  // namespace

void choose_blocks(VectorPlan& plan, const MachineShape& machine) {
  const std::int64_t row_in = plan.cols * plan.element_in.count();
  const std::int64_t row_out = panel_bytes(plan.output.format, 1, plan.cols, true).padded().count();
  const std::int64_t room_in = machine.activation_buffer.count() - plan.row_weights.count();
  if (row_in + request_bytes.count() > room_in || row_out > machine.output_room.count()) {
    const bool in = row_in + request_bytes.count() > room_in;
    throw ConfigError(
        in ? "activation_buffer" : "output_buffer",
        "holds no row of " + std::to_string(plan.cols) + " elements; allowed: a larger size_kib");
  }
  // Four blocks in each buffer keep loading, computing and writing apart; no more rows than fill
  // the lanes a few times over, so that the first block is out early.
  const std::int64_t most =
      std::min(room_in / (4 * row_in), machine.output_room.count() / (2 * row_out));
  plan.block_rows = std::clamp<std::int64_t>(
      most, 1, std::max<std::int64_t>(1, ceil_div<std::int64_t>(plan.rows, 4)));
  if (plan.output.along_rows) plan.block_rows = plan.rows;
  if (plan.gathers()) plan.block_rows = 1;
}

void run_program(const VectorPlan& plan, StepSink& sink) {
  for (std::int64_t row = 0; row < plan.rows; row += plan.block_rows) {
    Job job;
    job.pass = plan.pass;
    job.operation = plan.operation;
    job.vector_operation = plan.operation;
    job.rows = {row, std::min(row + plan.block_rows, plan.rows)};
    job.cols = {0, plan.cols};
    Load load = sink.new_load(plan.operation, false);
    load.bytes.codes = Bytes(job.rows.size() * plan.cols * plan.element_in.count());
    if (row == 0) load.bytes.codes += plan.row_weights;
    load.address =
        plan.input_address + (plan.gathers() ? scattered(row)
                                             : round_up(row * plan.cols * plan.element_in.count(),
                                                        request_bytes.count()));
    sink.load(load);
    job.aux = load.panel;
    job.aux_bytes = load.bytes;
    job.to_accumulator = true;
    job.vector_elements = job.rows.size() * plan.cols;
    job.vector_steps =
        job.vector_elements * plan.steps_per_element + job.rows.size() * plan.steps_per_row;
    const OutputCost cost = output_cost(plan.output, job.rows, plan.cols);
    job.razor_groups = cost.groups;
    job.razor_sweeps = plan.output.sweeps;
    job.output = cost.bytes;
    job.output_address = plan.output_address +
                         panel_bytes(plan.output.format, row, plan.cols, true).padded().count();
    job.last_of_pass = job.rows.end == plan.rows;
    sink.job(job);
  }
}

}  // namespace razorsim
