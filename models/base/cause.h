// SPDX-License-Identifier: Apache-2.0
// Why something had to wait. Every waiting cycle of every module has exactly one cause.
#pragma once

#include <array>
#include <cstddef>

#include "models/base/fields.h"

namespace razorsim {

enum class Cause {
  row_miss,
  bank_conflict,
  refresh,
  turnaround,
  bandwidth,
  buffer_full,
  port,
  fill_drain,
  razor_unit,
  vector_unit,
  array,
  dependence,
};
inline constexpr std::size_t cause_count = 12;
template <>
inline constexpr auto enum_names<Cause> = std::to_array<EnumName<Cause>>({
    {Cause::row_miss, "row_miss", "DRAM opened a closed row"},
    {Cause::bank_conflict, "bank_conflict", "DRAM closed another row of the bank first"},
    {Cause::refresh, "refresh", "DRAM was refreshing"},
    {Cause::turnaround, "turnaround", "DRAM's bus turned between reading and writing"},
    {Cause::bandwidth, "bandwidth", "DRAM's data bus was moving the data, or other data before it"},
    {Cause::buffer_full, "buffer_full", "the buffer or channel ahead had no room"},
    {Cause::port, "port", "the buffer's port could not deliver operands fast enough"},
    {Cause::fill_drain, "fill_drain", "operands or sums were travelling through the array"},
    {Cause::razor_unit, "razor_unit", "the razor unit was encoding"},
    {Cause::vector_unit, "vector_unit", "the vector unit was computing"},
    {Cause::array, "array", "the array was computing"},
    {Cause::dependence, "dependence", "an earlier operation had not finished"},
});

/// One entry a cause, indexed by the enumerator.
template <class T>
struct ByCause {
  std::array<T, cause_count> values{};

  constexpr T& operator[](Cause cause) { return values[static_cast<std::size_t>(cause)]; }
  constexpr const T& operator[](Cause cause) const {
    return values[static_cast<std::size_t>(cause)];
  }
  [[nodiscard]] constexpr T sum() const {
    T whole{};
    for (const T& each : values) whole += each;
    return whole;
  }
  constexpr ByCause& operator+=(const ByCause& other) {
    for (std::size_t i = 0; i < cause_count; ++i) values[i] += other.values[i];
    return *this;
  }
  bool operator==(const ByCause&) const = default;
};

}  // namespace razorsim
