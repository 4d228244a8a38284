// SPDX-License-Identifier: Apache-2.0
#include "sim/app/context_limit.h"

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {

NetworkConfig config_of(const Model& model) { return {model.network(), model.maximum_context()}; }

void require_context(const NetworkConfig& network, const std::string& option, std::int64_t tokens) {
  if (network.maximum_context == 0 || tokens <= network.maximum_context) return;
  throw ConfigError(option, fmt::format("makes a sequence of {} tokens; allowed: at most {}, the "
                                        "maximum context of {}",
                                        tokens, network.maximum_context, network.name));
}

}  // namespace razorsim
