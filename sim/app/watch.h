// SPDX-License-Identifier: Apache-2.0
// `gemm --watch`: one product on a small array, every register after every clock, for teaching and
// for arguments about the first and the last cycle.
#pragma once

#include <cstdint>
#include <string>

#include "models/arithmetic/unit_spec.h"
#include "models/formats/encoded_matrix.h"
#include "models/hardware/specs.h"

namespace razorsim {

/// An output of a product.
struct OutputPlace {
  std::int64_t row = 0;
  std::int64_t col = 0;
};
/// "3,2". Throws ConfigError at --follow.
[[nodiscard]] OutputPlace read_place(const std::string& text);

/// left (m x k) times right (n x k) transposed on the array alone, no memory. The output at `place`
/// is spelt out bit by bit. Throws ConfigError where array or product is too large to show.
[[nodiscard]] std::string watch_text(const ArraySpec& array, const UnitSpec& unit,
                                     const EncodedMatrix& left, const EncodedMatrix& right,
                                     const OutputPlace& place);

}  // namespace razorsim
