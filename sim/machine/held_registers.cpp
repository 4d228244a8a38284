// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/held_registers.h"

#include <algorithm>

#include "models/base/units.h"
#include "models/formats/format.h"
#include "models/hardware/fold_layout.h"

namespace razorsim {
namespace {

/// The operand that stays.
struct Held {
  FormatTraits traits;
  std::int64_t word_bits = 0;  ///< of one plane's code at the multiplier
};

Held held(const ArraySpec& array, const ScheduledOperation& operation) {
  const bool weights = array.dataflow == Dataflow::weight_stationary;
  const int plane_bits = weights ? operation.plan.plane_bits_w : operation.plan.plane_bits_a;
  return {traits_of(weights ? operation.right : operation.left), plane_bits + 1};  // and a sign
}

}  // namespace

std::int64_t second_register_bits(const ArraySpec& array, const ScheduledOperation& operation) {
  if (array.dataflow == Dataflow::output_stationary) return 0;
  const UnitPlan& plan = operation.plan;
  const FoldLayout layout(plan, array.rows);
  const auto [traits, word_bits] = held(array, operation);
  const std::int64_t codes = 2 * layout.per_element() - plan.products_per_beat;
  const std::int64_t flags = plan.shifts && traits.has_groups
                                 ? std::max<std::int64_t>(1, layout.per_element() / plan.group)
                                 : 0;
  return array.cols *
         (array.rows * codes * word_bits + layout.blocks() * flags * traits.group_bits.count());
}

std::int64_t register_writes(const ArraySpec& array, const ScheduledOperation& operation,
                             std::int64_t k, const PanelBytes& weights,
                             const PanelBytes& activations) {
  if (array.dataflow == Dataflow::output_stationary || k == 0) return 0;
  const bool weights_stay = array.dataflow == Dataflow::weight_stationary;
  const PanelBytes& read = weights_stay ? weights : activations;
  const FoldLayout layout(operation.plan, array.rows);
  const auto [traits, word_bits] = held(array, operation);
  const std::int64_t codes = 8 * read.codes.count() / traits.element_bits.count();
  const double bits = static_cast<double>(codes * word_bits + 8 * read.flags.count());
  // Registers clocked for a fold of L words: L for the first word down to 1 for the last.
  double clocks = 0;
  for (const FoldLayout::SizeClass& each : layout.sizes(k)) {
    const auto words = static_cast<double>(layout.load_cycles(each.size));
    clocks += static_cast<double>(each.count * each.size) * ((words + 1) / 2 + 1);
  }
  return static_cast<std::int64_t>(bits * clocks / static_cast<double>(k));
}

}  // namespace razorsim
