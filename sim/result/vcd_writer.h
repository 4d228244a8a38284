// SPDX-License-Identifier: Apache-2.0
// A waveform as a value change dump (IEEE 1364-2005, clause 18), for GTKWave
// and its like.
#pragma once

#include <string>
#include <string_view>

#include "sim/result/waveform.h"

namespace razorsim {

/// `comment` on one line. No date: the same waveform gives the same bytes.
[[nodiscard]] std::string vcd_text(const Waveform& waves, std::string_view comment);

}  // namespace razorsim
