// SPDX-License-Identifier: Apache-2.0
#include "sim/app/watch.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "models/arithmetic/sdr_datapath.h"
#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/hardware/pe_product.h"

namespace razorsim {
namespace {

constexpr std::int64_t largest_side = 8;     // of the array, so that a screen holds a cycle
constexpr std::int64_t most_cycles = 10000;  // of the product
constexpr int sum_bits = 24;                 // of a group sum that are shown

/// Two's complement, `bits` wide.
std::string binary(std::int64_t value, int bits) {
  std::string text;
  for (int bit = bits - 1; bit >= 0; --bit)
    text += ((static_cast<std::uint64_t>(value) >> bit) & 1) != 0 ? '1' : '0';
  return text;
}

/// Sign and magnitude, as an SDR code is stored.
std::string sign_magnitude(std::int64_t code, int magnitude_bits) {
  return (code < 0 ? "1" : "0") + binary(code < 0 ? -code : code, magnitude_bits);
}

std::string list(std::span<const std::int16_t> codes, int width) {
  std::string text;
  for (const std::int16_t code : codes) text += fmt::format("{:>{}}", code, width);
  return text;
}

std::string list(std::span<const int> shifts) {
  return shifts.empty() ? "-" : fmt::format("{}", fmt::join(shifts, "+"));
}

class Watcher : public PeObserver {
 public:
  Watcher(const ArraySpec& array, const UnitSpec& unit, const OutputPlace& place)
      : array_(array),
        unit_(unit),
        place_(place),
        sums_(static_cast<std::size_t>(array.rows * array.cols)) {}

  void start(const UnitPlan& plan) override { plan_ = plan; }

  void clock(std::int64_t cycle, const PeSnapshot& array) override {
    text_ += fmt::format("\ncycle {}\n", cycle);
    std::string bits;
    bool quiet = true;
    for (std::int64_t row = 0; row < array_.rows; ++row) {
      for (std::int64_t col = 0; col < array_.cols; ++col) {
        const PeRegisters shown = array.element(row, col);
        // The group sum's register is one stage behind the operands, the accumulator's `latency`.
        std::deque<Sums>& past = sums_[static_cast<std::size_t>(row * array_.cols + col)];
        const Sums before = past.empty() ? Sums{} : past.front();
        past.push_front({shown.works(), group_sum(shown, before), shown.accumulator,
                         shown.ends_group || !shown.works()});
        const Sums beat = past.front();
        const auto latency = static_cast<std::size_t>(plan_.latency_cycles);
        const Sums now = past.size() > latency ? past[latency] : Sums{};
        const Sums sum = past.size() > 1 ? past[1] : Sums{};
        if (past.size() > latency + 1) past.pop_back();
        if (!shown.a.valid && !shown.w.valid && !now.stepped && !sum.stepped) continue;
        quiet = false;
        show(row, col, shown, sum, now);
        if (shown.works() && shown.output_row == place_.row && shown.output_col == place_.col)
          spell(row, col, shown, beat, bits);
      }
    }
    if (quiet) text_ += "  all registers are empty\n";
    text_ += bits;
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  struct Sums {
    bool stepped = false;
    std::int64_t group_sum = 0;
    std::int64_t accumulator = 0;
    bool ended = true;  ///< the next beat starts a group
  };

  /// What the group sum's register takes from this beat. Where sums stay, an element starts again
  /// from zero after a group's end; else a partial group may come from the row above.
  [[nodiscard]] std::int64_t group_sum(const PeRegisters& shown, const Sums& before) const {
    if (array_.dataflow != Dataflow::output_stationary || !shown.works()) return shown.group_sum;
    const std::int64_t held = before.ended ? 0 : before.group_sum;
    return held + datapath::dot(shown.a.codes.data(), shown.w.codes.data(),
                                static_cast<int>(shown.a.codes.size()));
  }

  void show(std::int64_t row, std::int64_t col, const PeRegisters& shown, const Sums& sum,
            const Sums& now) {
    const int width = std::max(plan_.plane_bits_a, plan_.plane_bits_w) <= 3 ? 3 : 6;
    const auto operand = [&](const PeOperand& register_) {
      const std::string codes = register_.valid ? list(register_.codes, width) : "  .";
      return fmt::format("{:<{}} <<{:<5}", codes, shown_lanes() * width,
                         register_.valid ? list(register_.shifts) : ".");
    };
    const std::string output =
        shown.works() ? fmt::format("{},{}", shown.output_row, shown.output_col) : ".";
    const auto number = [](bool there, std::int64_t value) {
      return there ? fmt::format("{}", value) : std::string(".");
    };
    const std::string sums = fmt::format("sum {:>6} acc {:>12}", number(sum.stepped, sum.group_sum),
                                         number(now.stepped, now.accumulator));
    const std::string place = fmt::format("  pe[{}][{}] out {:<5}", row, col, output);
    if (shown_lanes() * width <= 16) {
      text_ += fmt::format("{} a{} w{} {}\n", place, operand(shown.a), operand(shown.w), sums);
    } else {
      text_ += fmt::format("{} a{}\n{:>19} w{}\n{:>19} {}\n", place, operand(shown.a), "",
                           operand(shown.w), "", sums);
    }
  }

  /// The followed output: each product, the sum of each group, its shift, all in bits.
  void spell(std::int64_t row, std::int64_t col, const PeRegisters& shown, const Sums& beat,
             std::string& bits) const {
    const auto out = std::back_inserter(bits);
    fmt::format_to(out, "  output {},{} in pe[{}][{}]{}{}:\n", place_.row, place_.col, row, col,
                   plan_.passes() > 1 ? fmt::format(", pass {}", shown.pass) : "",
                   shown.first  ? ", its first operands"
                   : shown.last ? ", its last operands"
                                : "");
    const std::size_t count = std::min(shown.a.codes.size(), shown.w.codes.size());
    const std::size_t groups = std::max<std::size_t>(1, shown.a.shifts.size());
    const auto group = static_cast<std::size_t>(plan_.group);
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t begin = groups == 1 ? 0 : std::min(count, g * group);
      const std::size_t end = groups == 1 ? count : std::min(count, begin + group);
      std::int64_t sum = 0;
      for (std::size_t i = begin; i < end; ++i) {
        const std::int64_t a = shown.a.codes[i];
        const std::int64_t w = shown.w.codes[i];
        sum += a * w;
        fmt::format_to(out, "    {} {:>5}  x  {} {:>4}  = {:>7}\n",
                       sign_magnitude(a, plan_.plane_bits_a), a,
                       sign_magnitude(w, plan_.plane_bits_w), w, a * w);
      }
      if (begin == end) fmt::format_to(out, "    padding: no products\n");
      const int a = g < shown.a.shifts.size() ? shown.a.shifts[g] : 0;
      const int w = g < shown.w.shifts.size() ? shown.w.shifts[g] : 0;
      fmt::format_to(out, "    sum of the beat {}  bits {}\n", sum, binary(sum, sum_bits));
      if (shown.ends_group)
        fmt::format_to(out, "    the group ends: shift {} + {} = {}\n", a, w, a + w);
    }
    fmt::format_to(out, "    group sum after 1 cycle: {}  bits {}\n", beat.group_sum,
                   binary(beat.group_sum, sum_bits));
    fmt::format_to(out, "    {} after {} cycle{}: {}\n    bits {}\n",
                   array_.dataflow == Dataflow::output_stationary ? "accumulator" : "partial sum",
                   plan_.latency_cycles, plan_.latency_cycles == 1 ? "" : "s", shown.accumulator,
                   binary(shown.accumulator, unit_.accumulator_bits));
  }

  [[nodiscard]] int shown_lanes() const { return plan_.products_per_beat; }

  const ArraySpec& array_;
  const UnitSpec& unit_;
  OutputPlace place_;
  UnitPlan plan_;
  std::vector<std::deque<Sums>> sums_;  ///< an element, newest first
  std::string text_;
};

void check(const ArraySpec& array, const UnitPlan& plan, const EncodedMatrix& left,
           const EncodedMatrix& right, const OutputPlace& place) {
  if (array.rows > largest_side || array.cols > largest_side) {
    throw ConfigError("--watch",
                      fmt::format("shows arrays of at most {0} x {0} elements, this one has {1} x "
                                  "{2}; allowed: such as --set array.rows=4 --set array.cols=4",
                                  largest_side, array.rows, array.cols));
  }
  const std::int64_t cycles =
      ceil_div(left.rows, array.rows) * ceil_div(right.rows, array.cols) * plan.beats(left.cols);
  if (cycles > most_cycles) {
    throw ConfigError(
        "--watch", fmt::format("would show {} cycles; allowed: at most {}", cycles, most_cycles));
  }
  if (place.row >= left.rows || place.col >= right.rows) {
    throw ConfigError("--follow", fmt::format("is {},{}; allowed: 0,0 to {},{}", place.row,
                                              place.col, left.rows - 1, right.rows - 1));
  }
}

}  // namespace

OutputPlace read_place(const std::string& text) {
  OutputPlace place;
  const char* const end = text.data() + text.size();
  const auto row = std::from_chars(text.data(), end, place.row);
  const bool comma = row.ec == std::errc() && row.ptr != end && *row.ptr == ',';
  const auto col = comma ? std::from_chars(row.ptr + 1, end, place.col) : row;
  if (!comma || col.ec != std::errc() || col.ptr != end || place.row < 0 || place.col < 0) {
    throw ConfigError(
        "--follow", fmt::format("is {}; allowed: row and column of an output, such as 3,2", text));
  }
  return place;
}

std::string watch_text(const ArraySpec& array, const UnitSpec& unit, const EncodedMatrix& left,
                       const EncodedMatrix& right, const OutputPlace& place) {
  const UnitPlan how = plan(unit, left.format, right.format);
  check(array, how, left, right, place);
  PeProduct product;
  product.sums.assign(static_cast<std::size_t>(left.rows * right.rows), 0);
  Watcher watcher(array, unit, place);
  step_product(array, unit, left, right, product, &watcher);
  std::string text = fmt::format(
      "{} x {} x {} (m k n) on {} x {} elements, dataflow {}, semantics native, the array alone\n"
      "unit {}, lanes {}, groups of {}, {} pass{}, accumulator {} bits\n"
      "Registers as they stand at the end of a cycle: operands a and w with their shifts (flag "
      "and\n"
      "plane), group sum (1 stage behind the operands) and {} ({} behind).\n",
      left.rows, left.cols, right.rows, array.rows, array.cols, name_of(array.dataflow), unit.unit,
      how.lanes, how.group, how.passes(), how.passes() == 1 ? "" : "es", unit.accumulator_bits,
      array.dataflow == Dataflow::output_stationary ? "accumulator" : "partial sum",
      how.latency_cycles);
  text += watcher.take();
  text +=
      fmt::format("\n{} cycles: {} preload, {} from first to last operands, {} to the last sum\n",
                  product.cycles(), product.preload, product.beats, product.skew);
  for (std::int64_t i = 0; i < left.rows; ++i) {
    for (std::int64_t j = 0; j < right.rows; ++j)
      text += fmt::format(" {:>13}", product.sums[static_cast<std::size_t>(i * right.rows + j)]);
    text += '\n';
  }
  return text;
}

}  // namespace razorsim
