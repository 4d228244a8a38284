// SPDX-License-Identifier: Apache-2.0
// The array by registers against the closed forms and against the fast kernel.
#include "models/hardware/pe_product.h"

#include <array>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/arithmetic/kernel.h"
#include "models/arithmetic/saturating.h"
#include "models/formats/format.h"
#include "models/hardware/fold_layout.h"
#include "models/hardware/pe_scalar.h"
#include "models/hardware/tile_cost.h"
#include "tests/support/random_cases.h"

namespace razorsim {
namespace {

EncodedMatrix random_operand(const FormatSpec& format, std::int64_t rows, std::int64_t cols,
                             std::mt19937& random) {
  const FormatTraits traits = traits_of(format);
  const std::int32_t limit = (1 << (traits.base_bits - 1)) - 1;
  std::vector<std::int16_t> base(static_cast<std::size_t>(rows * cols));
  for (std::int16_t& each : base) {
    // A few large values make flags differ; edges come often.
    const std::uint32_t kind = random() % 8;
    const std::int32_t range = kind == 0 ? limit : std::max(1, limit >> (random() % 12));
    each = static_cast<std::int16_t>(
        kind == 1 ? (random() % 2 ? limit : -limit)
                  : static_cast<std::int32_t>(random() % (2u * static_cast<unsigned>(range) + 1u)) -
                        range);
  }
  return encode_integers(format, {base.data(), rows, cols}, {1.0F});
}

FormatSpec sdr(int base_bits, int magnitude_bits, int group) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = base_bits;
  format.magnitude_bits = magnitude_bits;
  format.group = group;
  return format;
}
FormatSpec plain(const std::string& name) {
  FormatSpec format;
  format.name = name;
  return format;
}

struct Case {
  std::string unit;
  int lanes;
  FormatSpec left;
  FormatSpec right;
};

std::vector<Case> cases() {
  return {
      {"sdr_dot", 16, sdr(16, 3, 16), sdr(8, 3, 16)},
      {"sdr_dot", 8, sdr(16, 3, 16), sdr(8, 3, 16)},
      {"sdr_dot", 16, sdr(16, 3, 32), sdr(8, 3, 16)},
      {"sdr_dot", 32, sdr(16, 3, 16), sdr(8, 3, 16)},
      {"sdr_dot", 4, sdr(16, 3, 8), sdr(8, 5, 16)},
      {"sdr_dot", 1, sdr(16, 3, 8), sdr(8, 3, 8)},
      {"sdr_dot", 16, sdr(16, 7, 16), sdr(8, 3, 16)},
      {"sdr_dot", 16, plain("int16"), sdr(8, 3, 16)},
      {"sdr_dot", 16, plain("int16"), plain("int8")},
      {"sdr_lean", 1, sdr(16, 3, 16), sdr(8, 3, 16)},
      {"sdr_lean", 1, sdr(16, 7, 8), sdr(8, 3, 32)},
      {"sdr_lean", 1, plain("int16"), plain("int8")},
      {"sdr_full", 1, sdr(16, 7, 8), sdr(8, 3, 32)},
      {"sdr_full", 1, sdr(16, 3, 8), sdr(8, 3, 8)},
      {"int8", 16, plain("int8"), plain("int8")},
      {"int16x8", 16, plain("int16"), plain("int8")},
      {"int16x8", 4, plain("int16"), plain("int8")},
      {"int4", 16, plain("int4"), plain("int4")},
      {"int8", 16, plain("int16"), plain("int8")},
  };
}

/// A random product on a random array.
struct Trial {
  ArraySpec array;
  EncodedMatrix left;
  EncodedMatrix right;
  std::vector<std::int64_t> before;  ///< what earlier slabs of K left

  Trial(const Case& setting, Dataflow dataflow, std::mt19937& random) {
    const auto below = [&](std::int64_t limit) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit)) + 1;
    };
    array.rows = random() % 4 == 0 ? below(40) : below(9);
    array.cols = below(9);
    array.dataflow = dataflow;
    array.unit.unit = setting.unit;
    array.unit.lanes = setting.lanes;
    array.unit.accumulator_bits = 48;
    const std::int64_t m = below(20);
    const std::int64_t n = below(20);
    const std::int64_t k = below(90);
    left = random_operand(setting.left, m, k, random);
    right = random_operand(setting.right, n, k, random);
    before.assign(static_cast<std::size_t>(m * n), 0);
  }

  [[nodiscard]] UnitPlan unit_plan() const { return plan(array.unit, left.format, right.format); }
  [[nodiscard]] PeProduct stepped() const {
    PeProduct product;
    product.sums = before;
    step_product(array, array.unit, left, right, product);
    return product;
  }
  [[nodiscard]] Tile closed_form() const {
    Tile tile;
    tile.m = {0, left.rows};
    tile.n = {0, right.rows};
    tile.k = {0, left.cols};
    tile_cost(array, MachineShape{}, {unit_plan(), left.format, right.format})(tile);
    return tile;
  }
  [[nodiscard]] std::string name() const {
    return fmt::format("{} {}/{} {} x {} on {} x {}, {} x {} x {}", name_of(array.dataflow),
                       array.unit.unit, array.unit.lanes, left.format.name, right.format.name,
                       array.rows, array.cols, left.rows, right.rows, left.cols);
  }
};

void expect_same_cycles(const PeProduct& product, const Tile& tile) {
  EXPECT_EQ(product.preload, tile.preload.count());
  EXPECT_EQ(product.beats, tile.beats.count());
  EXPECT_EQ(product.skew, tile.skew.count());
  EXPECT_EQ(product.counters.macs, tile.macs);
  EXPECT_EQ(product.counters.products, tile.products);
  EXPECT_EQ(product.counters.flag_adds, tile.shifts);
  EXPECT_EQ(product.counters.group_ends, tile.group_ends);
}

constexpr auto dataflows = std::to_array<Dataflow>(
    {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary});

TEST(PeProduct, HasTheCyclesAndBitsOfTheClosedForms) {
  std::mt19937 random(random_seed(7));
  std::int64_t compared = 0;
  for (const Case& setting : cases()) {
    for (const Dataflow dataflow : dataflows) {
      for (unsigned i = 0; i < random_cases(25); ++i) {
        const Trial trial(setting, dataflow, random);
        SCOPED_TRACE(trial.name());
        const PeProduct product = trial.stepped();
        expect_same_cycles(product, trial.closed_form());
        EXPECT_EQ(product.counters.overflows, 0);
        std::vector<std::int64_t> expected(trial.before.size());
        multiply_plain(trial.left.values_view(), trial.right.values_view(),
                       {expected.data(), trial.left.rows, trial.right.rows});
        ASSERT_EQ(product.sums, expected);
        ++compared;
      }
    }
  }
  record_random_cases(compared);
}

TEST(PeProduct, OverflowsWhereTheFastProductDoes) {
  std::mt19937 random(random_seed(11));
  std::int64_t overflows = 0;
  std::int64_t compared = 0;
  for (const Case& setting : cases()) {
    for (const Dataflow dataflow : dataflows) {
      for (unsigned i = 0; i < random_cases(10); ++i) {
        Trial trial(setting, dataflow, random);
        UnitSpec& unit = trial.array.unit;
        unit.accumulator_bits = 10 + static_cast<int>(random() % 16);
        if (random() % 2 == 0) unit.accumulator_overflow = AccumulatorOverflow::wrap;
        const std::int64_t largest = (std::int64_t{1} << (unit.accumulator_bits - 1)) - 1;
        for (std::int64_t& each : trial.before)
          each = static_cast<std::int64_t>(random()) % largest - largest / 2;
        SCOPED_TRACE(trial.name());
        const PeProduct product = trial.stepped();
        expect_same_cycles(product, trial.closed_form());
        const UnitProduct expected = multiply_on_unit(
            unit, trial.left, trial.right, 1,
            order_of(trial.array, trial.unit_plan(), trial.left.cols), trial.before);
        EXPECT_EQ(product.counters.overflows, expected.counters.overflows);
        ASSERT_EQ(product.sums, expected.accumulators);
        overflows += product.counters.overflows;
        ++compared;
      }
    }
  }
  EXPECT_GT(overflows, 10000);
  record_random_cases(compared);
}

TEST(PeProduct, IsTheSameSideBySideInVectors) {
  std::mt19937 random(random_seed(13));
  std::int64_t compared = 0;
  for (const Case& setting : cases()) {
    for (const Dataflow dataflow : dataflows) {
      for (unsigned i = 0; i < random_cases(16); ++i) {
        Trial trial(setting, dataflow, random);
        if (!has_scalar_stepper(trial.unit_plan())) break;
        trial.array.cols += random() % 20;
        if (i % 2 == 0) trial.array.unit.accumulator_bits = 20;
        SCOPED_TRACE(trial.name());
        const PeProduct fast = trial.stepped();
        PeProduct slow;
        slow.sums = trial.before;
        const auto step = dataflow == Dataflow::output_stationary ? step_output_stationary
                                                                  : step_operand_stationary;
        step(trial.array, trial.array.unit, trial.left, trial.right, slow, nullptr);
        EXPECT_EQ(fast.preload, slow.preload);
        EXPECT_EQ(fast.beats, slow.beats);
        EXPECT_EQ(fast.skew, slow.skew);
        ASSERT_EQ(fast.sums, slow.sums);
        EXPECT_EQ(fast.counters.overflows, slow.counters.overflows);
        EXPECT_EQ(fast.counters.products, slow.counters.products);
        EXPECT_EQ(fast.counters.macs, slow.counters.macs);
        EXPECT_EQ(fast.counters.flag_adds, slow.counters.flag_adds);
        EXPECT_EQ(fast.counters.group_ends, slow.counters.group_ends);
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 210);
  record_random_cases(compared);
}

TEST(PeProduct, GoesOnFromEarlierSlabs) {
  std::mt19937 random(3);
  ArraySpec array;
  array.rows = 3;
  array.cols = 2;
  array.unit.unit = "sdr_dot";
  array.unit.accumulator_bits = 40;
  const EncodedMatrix left = random_operand(sdr(16, 3, 16), 5, 32, random);
  const EncodedMatrix right = random_operand(sdr(8, 3, 16), 4, 32, random);
  PeProduct product;
  product.sums.assign(20, 1000);
  step_product(array, array.unit, left, right, product);
  std::vector<std::int64_t> expected(20, 1000);
  multiply_plain(left.values_view(), right.values_view(), {expected.data(), 5, 4}, true);
  EXPECT_EQ(product.sums, expected);
}

/// Adds up by itself what the operand registers show.
struct Recount : PeObserver {
  std::int64_t cols = 0;
  std::int64_t clocks = 0;
  std::int64_t products = 0;
  std::vector<std::int64_t> sums;
  std::vector<std::int64_t> last_accumulator;
  std::int64_t rows_shown = 0;
  std::int64_t cols_shown = 0;

  void start(const UnitPlan&) override {}
  void clock(std::int64_t cycle, const PeSnapshot& array) override {
    EXPECT_EQ(cycle, clocks++);
    for (std::int64_t row = 0; row < rows_shown; ++row) {
      for (std::int64_t col = 0; col < cols_shown; ++col) add(array.element(row, col));
    }
  }
  void add(const PeRegisters& element) {
    if (!element.works()) return;
    const auto at = static_cast<std::size_t>(element.output_row * cols + element.output_col);
    EXPECT_TRUE(!element.first || sums[at] == 0);
    for (std::size_t i = 0; i < element.a.codes.size(); ++i) {
      const int shift = element.a.shifts[0] + element.w.shifts[0];
      sums[at] +=
          std::int64_t{element.a.codes[i]} * element.w.codes[i] * (std::int64_t{1} << shift);
      ++products;
    }
    if (element.last) last_accumulator[at] = element.accumulator;
  }
};

TEST(PeProduct, ShowsItsRegistersInEveryCycle) {
  std::mt19937 random(5);
  for (const Case& setting : cases()) {
    if (setting.lanes > 16) continue;  // several groups a beat have several shifts
    for (const Dataflow dataflow : dataflows) {
      const Trial trial(setting, dataflow, random);
      const std::size_t outputs = trial.before.size();
      Recount shown;
      shown.cols = trial.right.rows;
      shown.rows_shown = trial.array.rows;
      shown.cols_shown = trial.array.cols;
      shown.sums.assign(outputs, 0);
      shown.last_accumulator.assign(outputs, 0);
      PeProduct product;
      product.sums = trial.before;
      step_product(trial.array, trial.array.unit, trial.left, trial.right, product, &shown);
      SCOPED_TRACE(trial.name());
      EXPECT_EQ(shown.clocks, product.cycles());
      EXPECT_EQ(shown.products, product.counters.products);
      EXPECT_EQ(shown.sums, product.sums);
      // Elsewhere an element's sum is a fold's part of the output.
      if (dataflow == Dataflow::output_stationary) {
        EXPECT_EQ(shown.last_accumulator, product.sums);
      }
    }
  }
}

TEST(OutputSkew, ANarrowLastWaveDoesNotHideAFullOne) {
  ArraySpec array;
  array.rows = 8;
  array.cols = 8;
  // One beat a wave: the last wave is 1 x 1 and done at once, the full one before it is still on
  // its way.
  EXPECT_EQ(output_skew(array, 16, 8, 1), 7 + 7);
  EXPECT_EQ(output_skew(array, 9, 8, 1), std::max<std::int64_t>(0 + 7, 7 + 7 - 1));
  EXPECT_EQ(output_skew(array, 1, 1, 5), 0);
}

}  // namespace
}  // namespace razorsim
