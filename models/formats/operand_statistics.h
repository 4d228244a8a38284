// SPDX-License-Identifier: Apache-2.0
// What energy and the razoring report need to know of an encoded operand.
#pragma once

#include <cstdint>
#include <vector>

#include "models/base/statistics.h"
#include "models/formats/encoded_matrix.h"

namespace razorsim {

/// Zeros, bit toggles of the stored codes along both axes, groups and flags. Toggles count the bits
/// as memory and multiplier inputs hold them: sign-magnitude for SDR, two's complement for INT and
/// for SDR with overflow "saturate", the bit pattern of floating formats.
[[nodiscard]] OperandStatistics statistics_of(const EncodedMatrix& operand);

/// Number of groups with each flag, index = flag, up to the largest the format can have. SDR only.
[[nodiscard]] std::vector<std::int64_t> flag_histogram(const EncodedMatrix& operand);

}  // namespace razorsim
