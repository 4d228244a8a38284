// SPDX-License-Identifier: Apache-2.0
// Which operand of a product stays in the array.
#pragma once

#include "models/base/fields.h"

namespace razorsim {

enum class Dataflow { output_stationary, weight_stationary, input_stationary };
template <>
inline constexpr auto enum_names<Dataflow> = std::to_array<EnumName<Dataflow>>({
    {Dataflow::output_stationary, "os", "sums stay in the processing elements, both operands move"},
    {Dataflow::weight_stationary, "ws", "weights stay, activations and partial sums move"},
    {Dataflow::input_stationary, "is", "activations stay, weights and partial sums move"},
});

}  // namespace razorsim
