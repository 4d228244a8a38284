// SPDX-License-Identifier: Apache-2.0
// A total divided by who vouches for its figures. Machines priced from one table share its sources,
// so a source that errs errs for all of them, and a ratio is surer than its parts.
#pragma once

#include "models/base/fields.h"
#include "models/energy/energy_model.h"

namespace razorsim {

/// One total, pJ or um2. `unit` is the array's share again, with the bounds of its unit's ratio to
/// the anchor; all other parts are disjoint and sum to the nominal total.
struct SourcedTotal {
  Estimate arithmetic{};
  Estimate unit{};
  Estimate vector_unit{};
  Estimate sram{};
  Estimate dram{};
  Estimate dram_io{};
  Estimate leakage{};

  [[nodiscard]] double nominal() const;
  bool operator==(const SourcedTotal&) const = default;
};
template <>
inline constexpr auto fields<SourcedTotal> = field_table<SourcedTotal>(
    field("arithmetic", &SourcedTotal::arithmetic, "", any_value,
          "array and razor unit, with the bounds of their common anchor"),
    field("unit", &SourcedTotal::unit, "", any_value,
          "the array again, with the bounds of its unit's ratio to the anchor"),
    field("vector_unit", &SourcedTotal::vector_unit, "", any_value, "the vector unit"),
    field("sram", &SourcedTotal::sram, "", any_value, "all buffers, flags and scales included"),
    field("dram", &SourcedTotal::dram, "", any_value,
          "DRAM commands and background, flags and scales included"),
    field("dram_io", &SourcedTotal::dram_io, "", any_value,
          "signalling of data bits, flags and scales included"),
    field("leakage", &SourcedTotal::leakage, "", any_value, "leakage of logic and buffers"));

/// The total of energy_of(), by source.
[[nodiscard]] SourcedTotal sources_of_energy(const ActivityCounters& activity,
                                             const Inventory& inventory,
                                             const TechnologyTable& table);
/// The total of area_of(), by source.
[[nodiscard]] SourcedTotal sources_of_area(const Inventory& inventory,
                                           const TechnologyTable& table);

/// a over b, its bounds those of the ratio: each shared source takes one of its bounds in both at
/// once, the two units' ratios to the anchor take theirs apart unless `same_unit`. 0 where b is 0.
[[nodiscard]] Estimate ratio_of(const SourcedTotal& a, const SourcedTotal& b, bool same_unit);

/// False where the sources leave open which of the two is larger.
[[nodiscard]] inline bool is_certain(const Estimate& ratio) {
  return ratio.low > 1 || ratio.high < 1;
}

}  // namespace razorsim
