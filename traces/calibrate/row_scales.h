// SPDX-License-Identifier: Apache-2.0
// Scales of weight rows, searched before a run for the formats of some schemes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/scheme.h"
#include "traces/calibrate/calibration.h"
#include "traces/llama/model.h"

namespace razorsim {

enum class RowScales { max, search };
template <>
inline constexpr auto enum_names<RowScales> = std::to_array<EnumName<RowScales>>({
    {RowScales::max, "max", "of the row's largest magnitude"},
    {RowScales::search, "search", "of the least squared error of the encoded row"},
});

/// What StaticRanges holds the scales of `weight` in `format` under: the weight's name and what of
/// the format decides on them, "layers.3.q_proj.weight.sdr8m3g16" or "..int8". No format whose rows
/// have a scale each: "".
[[nodiscard]] std::string row_scales_key(std::string_view weight, const FormatSpec& format);

/// Searches scales (models/formats/row_scales.h) for every weight of the layers' linear operations
/// in each format a scheme gives it, and adds those that `ranges` does not have.
/// The same bits on any number of threads. `progress` gets the share that is done.
void search_row_scales(const Model& model, const std::vector<Scheme>& schemes, int threads,
                       StaticRanges& ranges, const std::function<void(double)>& progress);

}  // namespace razorsim
