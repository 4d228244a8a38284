// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/wave_recorder.h"

#include <utility>

#include <fmt/format.h>

namespace razorsim {
namespace {

constexpr int code_bits = 16;
constexpr int shift_bits = 6;
constexpr int index_bits = 32;
constexpr int group_sum_bits = 32;
constexpr int clock_signal = 0;
constexpr int cycle_signal = 1;
constexpr int first_element_signal = 2;
constexpr int row_place = 7;  // of output_row among an element's signals
constexpr int col_place = 8;

}  // namespace

WaveRecorder::WaveRecorder(const ArraySpec& array, const UnitSpec& unit, Picoseconds period,
                           std::int64_t cycles)
    : array_(array), unit_(unit), period_(period), cycles_(cycles) {
  declare();
  held_.resize(signals_.size());
}

void WaveRecorder::declare() {
  signals_ = {{"array", "clk", 1}, {"array", "cycle", index_bits}};
  for (std::int64_t row = 0; row < array_.rows; ++row) {
    for (std::int64_t col = 0; col < array_.cols; ++col) {
      const std::string scope = fmt::format("array.pe_{}_{}", row, col);
      const auto add = [&](std::string name, int bits) {
        signals_.push_back({scope, std::move(name), bits});
      };
      add("works", 1);
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

bool WaveRecorder::wants(int operation) const {
  if (operation_ >= 0 && operation != operation_) return false;
  // Once the window is over, tiles are stepped without a look inside, which is faster.
  return changes_.empty() || changes_.back().time < first_ + at(cycles_);
}

void WaveRecorder::start(const UnitPlan& plan) {
  if (!tile_.empty()) placed({}, 0, 0);
  plan_ = plan;
  known_.assign(signals_.size(), false);
}

void WaveRecorder::put(std::int64_t cycle, int signal, std::int64_t value) {
  const auto index = static_cast<std::size_t>(signal);
  if (known_[index] && held_[index] == value) return;
  known_[index] = true;
  held_[index] = value;
  tile_.push_back({at(cycle), signal, value});
}

void WaveRecorder::clock(std::int64_t cycle, const PeSnapshot& array) {
  if (cycle >= cycles_) return;
  int signal = first_element_signal;
  for (std::int64_t row = 0; row < array_.rows; ++row) {
    for (std::int64_t col = 0; col < array_.cols; ++col, signal += signals_of_element()) {
      const PeRegisters shown = array.element(row, col);
      // An element that does not work may be working on another tile, whose turn it is to say so.
      if (!shown.works()) continue;
      int next = signal;
      const auto shift = [](const PeOperand& operand) -> std::int64_t {
        return operand.shifts.empty() ? 0 : operand.shifts.front();
      };
      tile_falls_.push_back({at(cycle + 1), next, 0});
      tile_.push_back({at(cycle), next++, 1});
      for (const std::int64_t value :
           {shift(shown.a), shift(shown.w), std::int64_t{shown.pass}, std::int64_t{shown.first},
            std::int64_t{shown.ends_group}, std::int64_t{shown.last}, shown.output_row,
            shown.output_col}) {
        put(cycle, next++, value);
      }
      for (const PeOperand* operand : {&shown.a, &shown.w}) {
        for (std::size_t lane = 0; lane < static_cast<std::size_t>(unit_.lanes); ++lane)
          put(cycle, next++, lane < operand->codes.size() ? operand->codes[lane] : 0);
      }
      put(cycle + 1, next++, shown.group_sum);
      put(cycle + plan_.latency_cycles, next, shown.accumulator);
    }
  }
}

void WaveRecorder::placed(Picoseconds cycle_0, std::int64_t row, std::int64_t col) {
  if (tile_.empty()) return;
  if (first_.count() < 0) first_ = cycle_0;
  const auto move = [&](std::vector<WaveChange>& from, std::vector<WaveChange>& to) {
    for (WaveChange change : std::exchange(from, {})) {
      change.time += cycle_0;
      const int place = (change.signal - first_element_signal) % signals_of_element();
      if (place == row_place) change.value += row;
      if (place == col_place) change.value += col;
      to.push_back(change);
    }
  };
  move(tile_, changes_);
  move(tile_falls_, falls_);
}

Waveform WaveRecorder::take() {
  if (!tile_.empty()) placed({}, 0, 0);
  const Picoseconds end = first_ + at(cycles_);
  Waveform waves{std::move(signals_), std::move(falls_)};
  // An element that works on in the next clock does not fall in between.
  waves.changes.insert(waves.changes.end(), changes_.begin(), changes_.end());
  for (std::int64_t cycle = 0; cycle < cycles_ && !changes_.empty(); ++cycle) {
    const Picoseconds edge = first_ + at(cycle);
    waves.changes.push_back({edge, clock_signal, 1});
    waves.changes.push_back({edge + Picoseconds(period_.count() / 2), clock_signal, 0});
    waves.changes.push_back({edge, cycle_signal, cycle});
  }
  std::erase_if(waves.changes, [&](const WaveChange& change) { return change.time >= end; });
  settle(waves);
  return waves;
}

}  // namespace razorsim
