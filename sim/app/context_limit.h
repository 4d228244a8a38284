// SPDX-License-Identifier: Apache-2.0
// A sequence longer than the network is made for has positions it never saw.
#pragma once

#include <cstdint>
#include <string>

#include "models/base/network_config.h"
#include "traces/llama/model.h"

namespace razorsim {

/// Throws ConfigError at `option`, which asks for sequences of `tokens` tokens, where `network` is
/// made for `maximum_context` (0: not known) and that is less.
void require_context(const NetworkConfig& network, const std::string& option, std::int64_t tokens);
[[nodiscard]] NetworkConfig config_of(const Model& model);

}  // namespace razorsim
