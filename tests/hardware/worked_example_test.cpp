// SPDX-License-Identifier: Apache-2.0
// The worked example of docs/model.md: every number on that page, so that the page cannot rot.
#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "models/formats/format.h"
#include "models/hardware/pe_product.h"
#include "models/hardware/tile_cost.h"

namespace razorsim {
namespace {

using Integers = std::vector<std::int16_t>;
using Sums = std::vector<std::int64_t>;

constexpr std::int64_t k = 8;
constexpr std::int64_t side = 4;  // of the array, and of the product

const Integers activations = {1000,  -260,   37,   5,    3,   -7,   6,  1,   //
                              0,     0,      0,    0,    -64, 100,  31, -8,  //
                              32767, -16384, 4096, 2048, 12,  -12,  9,  -3,  //
                              5,     -1,     2,    -4,   200, -200, 50, -25};
const Integers weights = {127, -90, 12, -4, 7,   1,   -2, 0,  //
                          20,  -9,  14, 3,  -31, 16,  8,  4,  //
                          1,   -1,  1,  -1, 0,   0,   0,  0,  //
                          -3,  5,   6,  -7, 50,  -40, 30, -20};

FormatSpec sdr(int base_bits) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = base_bits;
  format.group = 4;
  return format;
}
FormatSpec int16() {
  FormatSpec format;
  format.name = "int16";
  return format;
}

/// The first `rows` rows of `base`, encoded.
EncodedMatrix encoded(const FormatSpec& format, const Integers& base, std::int64_t rows = side) {
  return encode_integers(format, {base.data(), rows, k}, {1.0F});
}

ArraySpec array() {
  ArraySpec spec;
  spec.rows = side;
  spec.cols = side;
  return spec;
}
UnitSpec dot4() {
  UnitSpec spec;
  spec.unit = "sdr_dot";
  spec.lanes = 4;
  return spec;
}

PeProduct stepped(const EncodedMatrix& left, const EncodedMatrix& right) {
  PeProduct product;
  product.sums.assign(static_cast<std::size_t>(left.rows * right.rows), 0);
  step_product(array(), dot4(), left, right, product);
  return product;
}

Tile closed_form(const FormatSpec& left) {
  Tile tile;
  tile.m = {0, side};
  tile.n = {0, side};
  tile.k = {0, k};
  tile_cost(array(), MachineShape{}, {plan(dot4(), left, sdr(8)), left, sdr(8)})(tile);
  return tile;
}

TEST(WorkedExample, activations_are_razored_as_the_page_says) {
  const EncodedMatrix a = encoded(sdr(16), activations);
  EXPECT_EQ(a.codes, (Integers{7, -2, 0, 0,  3,  -7, 6, 1,   //
                               0, 0,  0, 0,  -4, 6,  2, -1,  //
                               7, -4, 1, 1,  6,  -6, 5, -2,  //
                               5, -1, 2, -4, 6,  -6, 2, -1}));
  EXPECT_EQ(a.group_codes, (std::vector<std::uint8_t>{7, 0, 0, 4, 12, 1, 0, 5}));
  EXPECT_EQ(a.values, (Integers{896,   -256,   0,    0,    3,   -7,   6,  1,    //
                                0,     0,      0,    0,    -64, 96,   32, -16,  //
                                28672, -16384, 4096, 4096, 12,  -12,  10, -4,   //
                                5,     -1,     2,    -4,   192, -192, 64, -32}));
}

TEST(WorkedExample, weights_are_razored_as_the_page_says) {
  const EncodedMatrix w = encoded(sdr(8), weights);
  EXPECT_EQ(w.codes, (Integers{7,  -6, 1, 0,  7,  1,  -2, 0,  //
                               5,  -2, 4, 1,  -7, 4,  2,  1,  //
                               1,  -1, 1, -1, 0,  0,  0,  0,  //
                               -3, 5,  6, -7, 6,  -5, 4,  -3}));
  EXPECT_EQ(w.group_codes, (std::vector<std::uint8_t>{4, 0, 2, 2, 0, 0, 0, 3}));
}

TEST(WorkedExample, group_sums_shifts_and_accumulators_of_two_outputs) {
  const EncodedMatrix a = encoded(sdr(16), activations);
  const EncodedMatrix w = encoded(sdr(8), weights);
  struct Group {
    std::int64_t sum;
    int shift;
  };
  const auto group = [&](std::int64_t row, std::int64_t col, std::int64_t index) {
    Group found{0, a.group_codes[static_cast<std::size_t>(row * 2 + index)] +
                       w.group_codes[static_cast<std::size_t>(col * 2 + index)]};
    for (std::int64_t i = index * 4; i < index * 4 + 4; ++i) {
      found.sum += a.codes[static_cast<std::size_t>(row * k + i)] *
                   w.codes[static_cast<std::size_t>(col * k + i)];
    }
    return found;
  };
  EXPECT_EQ(group(0, 0, 0).sum, 61);
  EXPECT_EQ(group(0, 0, 0).shift, 11);
  EXPECT_EQ(group(0, 0, 1).sum, 2);
  EXPECT_EQ(group(0, 0, 1).shift, 0);
  EXPECT_EQ(group(3, 3, 0).sum, 20);
  EXPECT_EQ(group(3, 3, 0).shift, 0);
  EXPECT_EQ(group(3, 3, 1).sum, 77);
  EXPECT_EQ(group(3, 3, 1).shift, 8);
}

TEST(WorkedExample, the_array_of_registers_gives_the_accumulators_and_the_cycles) {
  const PeProduct product = stepped(encoded(sdr(16), activations), encoded(sdr(8), weights));
  EXPECT_EQ(product.sums, (Sums{124930, 19824, 1152, -3376,       //
                                -416, 3520, 0, -5504,             //
                                4849716, 785968, 45056, -170560,  //
                                1712, -7940, 12, 19732}));
  EXPECT_EQ(product.beats, 2);
  EXPECT_EQ(product.cycles(), 10);
}

TEST(WorkedExample, closed_forms_of_the_tile) {
  const Tile tile = closed_form(sdr(16));
  EXPECT_EQ(tile.beats, CoreCycles(2));
  EXPECT_EQ(tile.skew, CoreCycles(8));  // 3 + 3 registers, 2 stages of the unit
  EXPECT_EQ(tile.port_stall, CoreCycles(0));
  EXPECT_EQ(tile.macs, 128);
  EXPECT_EQ(tile.products, 128);
  EXPECT_EQ(tile.group_ends, 32);
  EXPECT_EQ(tile.left_read, (PanelBytes{Bytes(16), Bytes(4), Bytes(0)}));
  EXPECT_EQ(tile.right_read, (PanelBytes{Bytes(16), Bytes(4), Bytes(0)}));
}

/// The element in row r and column c is done r + c cycles after the first one: a product that ends
/// there takes exactly as long.
TEST(WorkedExample, each_element_is_done_one_cycle_after_its_neighbour) {
  for (std::int64_t r = 0; r < side; ++r) {
    for (std::int64_t c = 0; c < side; ++c) {
      const PeProduct corner =
          stepped(encoded(sdr(16), activations, r + 1), encoded(sdr(8), weights, c + 1));
      EXPECT_EQ(corner.cycles(), 4 + r + c) << "row " << r << ", column " << c;
    }
  }
}

TEST(WorkedExample, a_base_16_operand_takes_five_passes) {
  const PeProduct product = stepped(encoded(int16(), activations), encoded(sdr(8), weights));
  EXPECT_EQ(product.sums, (Sums{137554, 22548, 1292, -3521,       //
                                -410, 3608, 0, -5888,             //
                                5308358, 859672, 51199, -168565,  //
                                1788, -8376, 12, 19820}));
  EXPECT_EQ(product.beats, 10);
  EXPECT_EQ(product.cycles(), 18);
  const Tile tile = closed_form(int16());
  EXPECT_EQ(tile.beats + tile.skew, CoreCycles(18));
  EXPECT_EQ(tile.macs, 128);
  EXPECT_EQ(tile.products, 640);
  EXPECT_EQ(tile.group_ends, 160);
}

/// The same product where an operand stays.
struct Stationary {
  ArraySpec spec = array();
  UnitSpec unit = dot4();

  [[nodiscard]] PeProduct stepped(std::int64_t rows = side) const {
    PeProduct product;
    product.sums.assign(static_cast<std::size_t>(rows * side), 0);
    step_product(spec, unit, encoded(sdr(16), activations, rows), encoded(sdr(8), weights),
                 product);
    return product;
  }
  [[nodiscard]] Tile closed_form(std::int64_t rows = side) const {
    Tile tile;
    tile.m = {0, rows};
    tile.n = {0, side};
    tile.k = {0, k};
    tile_cost(spec, MachineShape{}, {plan(unit, sdr(16), sdr(8)), sdr(16), sdr(8)})(tile);
    return tile;
  }
};

TEST(WorkedExample, weights_that_stay_take_a_preload_and_a_longer_way) {
  Stationary example;
  example.spec.dataflow = Dataflow::weight_stationary;
  const PeProduct product = example.stepped();
  EXPECT_EQ(product.sums, stepped(encoded(sdr(16), activations), encoded(sdr(8), weights)).sums);
  EXPECT_EQ(product.preload, 2);  // two groups: two of the four rows
  EXPECT_EQ(product.beats, 4);    // one a row of activations
  EXPECT_EQ(product.skew, 9);     // 3 rows + 3 columns + 2 stages + 1 to the foot's accumulator
  const Tile tile = example.closed_form();
  EXPECT_EQ(tile.preload + tile.beats + tile.skew, CoreCycles(15));
  EXPECT_EQ(tile.shifts, 32);
  EXPECT_EQ(tile.group_ends, 48);  // 32 on the way down, 16 at the foot
  EXPECT_EQ(tile.left_read, (PanelBytes{Bytes(16), Bytes(4), Bytes(0)}));
  EXPECT_EQ(tile.right_read, (PanelBytes{Bytes(16), Bytes(4), Bytes(0)}));
}

TEST(WorkedExample, lean_elements_hold_one_weight_each) {
  Stationary example;
  example.spec.dataflow = Dataflow::weight_stationary;
  example.unit.unit = "sdr_lean";
  example.unit.lanes = 1;
  const PeProduct product = example.stepped();
  EXPECT_EQ(product.sums, stepped(encoded(sdr(16), activations), encoded(sdr(8), weights)).sums);
  EXPECT_EQ(product.preload, 4);
  EXPECT_EQ(product.beats, 8);  // two folds; the second is loaded behind the first
  EXPECT_EQ(product.skew, 10);  // 3 + 3 + 3 stages + 1
  // A single row of activations cannot hide the second fold's load.
  const Tile decode = example.closed_form(1);
  EXPECT_EQ(decode.preload, CoreCycles(4));
  EXPECT_EQ(decode.beats, CoreCycles(5));
  EXPECT_EQ(example.stepped(1).cycles(), 4 + 5 + 10);
}

TEST(WorkedExample, three_lean_rows_cut_a_group_of_four) {
  Stationary example;
  example.spec.dataflow = Dataflow::weight_stationary;
  example.spec.rows = 3;
  example.unit.unit = "sdr_lean";
  example.unit.lanes = 1;
  const Tile tile = example.closed_form();
  EXPECT_EQ(tile.beats, CoreCycles(16));  // folds of 3, 1, 3 and 1
  EXPECT_EQ(tile.shifts, 64);
  EXPECT_EQ(tile.right_read, (PanelBytes{Bytes(16), Bytes(8), Bytes(0)}));  // flags twice
  EXPECT_EQ(example.stepped().beats, 16);
}

}  // namespace
}  // namespace razorsim
