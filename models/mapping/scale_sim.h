// SPDX-License-Identifier: Apache-2.0
// Time of a matrix product as SCALE-Sim v3 tells it, to stand beside our own: an array of one MAC a
// processing element that knows no lanes, no buffers and no memory. The operands are cut into folds
// that fill the array; each fold waits until the one before has left it, and one whose operand
// stays brings that operand in first. Its stalls for bandwidth are not imitated. Source:
// scalesim 3.0.0 (PyPI), COMPUTE_REPORT.csv; the same in every run tried.
#pragma once

#include <cstdint>

#include "models/base/units.h"
#include "models/mapping/dataflow.h"

namespace razorsim {

struct ScaleSimTiming {
  std::int64_t folds = 0;
  CoreCycles cycles_per_fold;
  CoreCycles cycles;        ///< "Total Cycles": folds * cycles_per_fold - 1
  std::int64_t held = 0;    ///< elements that stay, over all folds
  std::int64_t places = 0;  ///< processing elements, over all folds

  /// "Mapping Efficiency": elements with work over elements there are, mean over folds.
  [[nodiscard]] double mapping_efficiency() const {
    return static_cast<double>(held) / static_cast<double>(places);
  }
  bool operator==(const ScaleSimTiming&) const = default;
};

/// (m x k) times (n x k) transposed on rows x cols elements. Throws ConfigError where the cycles
/// exceed 63 bits.
[[nodiscard]] ScaleSimTiming scale_sim_timing(Dataflow dataflow, std::int64_t rows,
                                              std::int64_t cols, std::int64_t m, std::int64_t k,
                                              std::int64_t n);

}  // namespace razorsim
