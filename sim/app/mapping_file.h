// SPDX-License-Identifier: Apache-2.0
// A mapping as a file: what a run chose, to be read, changed and given back with --mapping.
#pragma once

#include <string>
#include <vector>

#include "models/base/operation.h"
#include "models/mapping/product_mapping.h"
#include "sim/result/run_result.h"

namespace razorsim {

/// Reads {"operations": [{"operation": "q_proj", "tile_m": 64, ...}, ..]}. Throws ConfigError for
/// what is no mapping, and for one of no linear operation of `operations`. `one_layer`: layers of
/// equal shapes are simulated once, so that none can be cut in a way of its own.
[[nodiscard]] std::vector<GivenMapping> read_mapping(const std::string& path,
                                                     const std::vector<Operation>& operations,
                                                     bool one_layer);

/// What `result` chose, an entry an operation; one for all layers where they agree. Of generate,
/// what the prefill chose.
[[nodiscard]] std::string mapping_json(const RunResult& result);

}  // namespace razorsim
