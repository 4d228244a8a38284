// SPDX-License-Identifier: Apache-2.0
// A network small enough for a test, on the default machine.
#pragma once

#include <string>

#include "sim/config/load.h"
#include "sim/machine/network_run.h"

namespace razorsim::testing {

/// Query heads share K and V by threes.
[[nodiscard]] inline NetworkRequest tiny_request(const std::string& scheme) {
  NetworkRequest request;
  request.run.machine = load<MachineSpec>("default");
  request.run.scheme = scheme_from_name(scheme);
  request.run.technology = load<TechnologyTable>("45nm");
  request.network = {.layers = 2,
                     .hidden = 96,
                     .intermediate = 160,
                     .heads = 6,
                     .kv_heads = 2,
                     .head_dim = 16,
                     .vocabulary = 300};
  return request;
}

}  // namespace razorsim::testing
