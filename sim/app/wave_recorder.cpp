// SPDX-License-Identifier: Apache-2.0
#include "sim/app/wave_recorder.h"

#include <algorithm>

#include <fmt/format.h>

namespace razorsim {
namespace {

constexpr int code_bits = 16;
constexpr int shift_bits = 6;
constexpr int index_bits = 32;
constexpr int group_sum_bits = 32;

}  // namespace

WaveRecorder::WaveRecorder(const ArraySpec& array, const UnitSpec& unit, Picoseconds period,
                           std::int64_t cycles)
    : array_(array), unit_(unit), period_(period), cycles_(cycles) {
  declare();
  held_.resize(waves_.signals.size());
}

void WaveRecorder::declare() {
  waves_.signals = {{"array", "clk", 1}, {"array", "cycle", index_bits}};
  for (std::int64_t row = 0; row < array_.rows; ++row) {
    for (std::int64_t col = 0; col < array_.cols; ++col) {
      const std::string scope = fmt::format("array.pe_{}_{}", row, col);
      const auto add = [&](std::string name, int bits) {
        waves_.signals.push_back({scope, std::move(name), bits});
      };
      add("a_valid", 1);
      add("w_valid", 1);
      add("a_shift", shift_bits);
      add("w_shift", shift_bits);
      add("pass", shift_bits);
      add("first", 1);
      add("ends_group", 1);
      add("last", 1);
      add("output_row", index_bits);
      add("output_col", index_bits);
      for (const char* operand : {"a", "w"}) {
        for (int lane = 0; lane < unit_.lanes; ++lane)
          add(fmt::format("{}_{}", operand, lane), code_bits);
      }
      add("group_sum", group_sum_bits);
      add("acc", unit_.accumulator_bits);
    }
  }
}

void WaveRecorder::put(std::int64_t cycle, int signal, std::int64_t value) {
  auto& before = held_[static_cast<std::size_t>(signal)];
  if (cycle >= cycles_ || before == value) return;
  before = value;
  waves_.changes.push_back({Picoseconds(cycle * period_.count()), signal, value});
}

void WaveRecorder::clock(std::int64_t cycle, const PeSnapshot& array) {
  if (cycle >= cycles_) return;
  int signal = 0;
  waves_.changes.push_back({Picoseconds(cycle * period_.count()), signal, 1});
  waves_.changes.push_back(
      {Picoseconds(cycle * period_.count() + period_.count() / 2), signal++, 0});
  put(cycle, signal++, cycle);
  for (std::int64_t row = 0; row < array_.rows; ++row) {
    for (std::int64_t col = 0; col < array_.cols; ++col) {
      const PeRegisters shown = array.element(row, col);
      const auto shift = [](const PeOperand& operand) -> std::int64_t {
        return operand.shifts.empty() ? 0 : operand.shifts.front();
      };
      for (const std::int64_t value :
           {std::int64_t{shown.a.valid}, std::int64_t{shown.w.valid}, shift(shown.a),
            shift(shown.w), std::int64_t{shown.pass}, std::int64_t{shown.first},
            std::int64_t{shown.ends_group}, std::int64_t{shown.last}, shown.output_row,
            shown.output_col}) {
        put(cycle, signal++, value);
      }
      for (const PeOperand* operand : {&shown.a, &shown.w}) {
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(unit_.lanes); ++lane)
          put(cycle, signal++, lane < operand->codes.size() ? operand->codes[lane] : 0);
      }
      put(cycle + 1, signal++, shown.group_sum);
      put(cycle + plan_.latency_cycles, signal++, shown.accumulator);
    }
  }
}

Waveform WaveRecorder::take() {
  std::stable_sort(waves_.changes.begin(), waves_.changes.end(),
                   [](const WaveChange& a, const WaveChange& b) { return a.time < b.time; });
  return std::move(waves_);
}

}  // namespace razorsim
