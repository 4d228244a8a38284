// SPDX-License-Identifier: Apache-2.0
// A network as a file of configs/networks tells it.
#pragma once

#include <cstdint>
#include <tuple>

#include "models/base/operation.h"

namespace razorsim {

/// The network, and what its operations do not depend on but its user does.
struct NetworkConfig : NetworkSpec {
  std::int64_t maximum_context = 0;
};
template <>
inline constexpr auto fields<NetworkConfig> = std::tuple_cat(
    fields<NetworkSpec>,
    std::tuple(field("maximum_context", &NetworkConfig::maximum_context, "tokens",
                     between(0, 1 << 28),
                     "longest sequence the network is made for, 0 where that is not known")));

}  // namespace razorsim
