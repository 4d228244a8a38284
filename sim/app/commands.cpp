// SPDX-License-Identifier: Apache-2.0
// The table of commands: one line each.
#include "sim/app/app.h"
#include "sim/app/capture.h"
#include "sim/app/compare.h"
#include "sim/app/dram.h"
#include "sim/app/eval.h"
#include "sim/app/explain.h"
#include "sim/app/gemm.h"
#include "sim/app/list.h"
#include "sim/app/razor.h"
#include "sim/app/razoring.h"
#include "sim/app/run.h"
#include "sim/app/validate.h"

namespace razorsim {

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      run_command(),     compare_command(),  gemm_command(),  capture_command(),
      eval_command(),    dram_command(),     razor_command(), razoring_command(),
      explain_command(), validate_command(), list_command(),
  };
  return table;
}

}  // namespace razorsim
