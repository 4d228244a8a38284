// SPDX-License-Identifier: Apache-2.0
// The array by registers against the closed forms and against the fast kernel.
#include "models/hardware/pe_array.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/arithmetic/kernel.h"
#include "models/formats/format.h"
#include "models/hardware/tile_cost.h"

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
      {"sdr_dot", 16, sdr(16, 7, 16), sdr(8, 3, 16)},
      {"sdr_dot", 16, plain("int16"), sdr(8, 3, 16)},
      {"sdr_dot", 16, plain("int16"), plain("int8")},
      {"sdr_lean", 1, sdr(16, 3, 16), sdr(8, 3, 16)},
      {"sdr_full", 1, sdr(16, 3, 8), sdr(8, 3, 8)},
      {"int8", 16, plain("int8"), plain("int8")},
      {"int16x8", 16, plain("int16"), plain("int8")},
      {"int16x8", 4, plain("int16"), plain("int8")},
      {"int4", 16, plain("int4"), plain("int4")},
      {"int8", 16, plain("int16"), plain("int8")},
  };
}

/// Cycles and bits of one random product on one random array.
void expect_same(const Case& setting, std::mt19937& random) {
  const auto below = [&](std::int64_t limit) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(limit)) + 1;
  };
  ArraySpec array;
  array.rows = below(9);
  array.cols = below(9);
  array.unit.unit = setting.unit;
  array.unit.lanes = setting.lanes;
  array.unit.accumulator_bits = 48;
  const std::int64_t m = below(20);
  const std::int64_t n = below(20);
  const std::int64_t k = below(90);
  SCOPED_TRACE(::testing::Message()
               << setting.unit << "/" << setting.lanes << " " << setting.left.name << " x "
               << setting.right.name << ", " << array.rows << " x " << array.cols << ", " << m
               << " x " << n << " x " << k);
  const EncodedMatrix left = random_operand(setting.left, m, k, random);
  const EncodedMatrix right = random_operand(setting.right, n, k, random);
  PeProduct product;
  product.sums.assign(static_cast<std::size_t>(m * n), 0);
  step_product(array, array.unit, left, right, product);

  Tile tile;
  tile.m = {0, m};
  tile.n = {0, n};
  tile.k = {0, k};
  tile_cost(array, MachineShape{},
            {plan(array.unit, setting.left, setting.right), setting.left, setting.right})(tile);
  EXPECT_EQ(product.beats, tile.beats.count());
  EXPECT_EQ(product.cycles, (tile.beats + tile.skew).count());
  EXPECT_EQ(product.counters.macs, tile.macs);
  EXPECT_EQ(product.counters.products, tile.products);
  EXPECT_EQ(product.counters.group_ends, tile.group_ends);
  EXPECT_EQ(product.counters.overflows, 0);

  std::vector<std::int64_t> expected(static_cast<std::size_t>(m * n));
  multiply_plain(left.values_view(), right.values_view(), {expected.data(), m, n});
  EXPECT_EQ(product.sums, expected);
}

TEST(PeArray, HasTheCyclesAndBitsOfTheClosedForms) {
  std::mt19937 random(7);
  for (const Case& setting : cases()) {
    for (int i = 0; i < 25; ++i) expect_same(setting, random);
  }
}

TEST(PeArray, GoesOnFromEarlierSlabs) {
  std::mt19937 random(3);
  ArraySpec array;
  array.rows = 3;
  array.cols = 2;
  array.unit.unit = "sdr_dot";
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

TEST(PeArray, ShowsItsRegistersInEveryCycle) {
  std::mt19937 random(5);
  for (const Case& setting : cases()) {
    if (setting.lanes > 16) continue;  // several groups a beat have several shifts
    ArraySpec array;
    array.rows = 3;
    array.cols = 4;
    array.unit.unit = setting.unit;
    array.unit.lanes = setting.lanes;
    array.unit.accumulator_bits = 48;
    const EncodedMatrix left = random_operand(setting.left, 5, 40, random);
    const EncodedMatrix right = random_operand(setting.right, 6, 40, random);
    PeProduct product;
    product.sums.assign(30, 0);
    Recount shown;
    shown.cols = 6;
    shown.rows_shown = array.rows;
    shown.cols_shown = array.cols;
    shown.sums.assign(30, 0);
    shown.last_accumulator.assign(30, 0);
    step_product(array, array.unit, left, right, product, &shown);
    SCOPED_TRACE(setting.unit);
    EXPECT_EQ(shown.clocks, product.cycles);
    EXPECT_EQ(shown.products, product.counters.products);
    EXPECT_EQ(shown.sums, product.sums);
    EXPECT_EQ(shown.last_accumulator, product.sums);
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
