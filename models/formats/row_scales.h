// SPDX-License-Identifier: Apache-2.0
// A better scale for each row of a weight than that of its largest magnitude.
#pragma once

#include <vector>

#include "models/base/scheme.h"
#include "models/base/tensor_view.h"

namespace razorsim {

/// Whether a scale a row can be searched for: integers with one real scale a row.
[[nodiscard]] bool has_row_scales(const FormatSpec& format);

/// Candidates of the search are the scale of the row's largest magnitude times i / 64, from
/// i = 32 (the row is clipped at half of it) to 96. Both ends help: clipping where one outlier sets
/// the scale of plain integers, stretching where the largest magnitudes then meet a code of the
/// razored grid, which repeats each octave. Chosen: on weights of SmolLM2-135M twice as fine a
/// grid gains less than 0.05 dB.
inline constexpr int row_scale_unit = 64;
inline constexpr int smallest_row_scale = 32;
inline constexpr int largest_row_scale = 96;

/// One scale a row of `numbers` (n x k): of the candidates the one with the least squared error of
/// the row encoded in `format`, whose rows have a scale each. The scale of the largest magnitude
/// stays where no other is strictly better, and of two equally good ones the smaller is taken.
/// The same bits on every machine. Throws TraceError on NaN or infinity.
[[nodiscard]] std::vector<float> search_row_scales(const FormatSpec& format,
                                                   MatrixView<const float> numbers);

}  // namespace razorsim
