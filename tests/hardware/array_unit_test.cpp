// SPDX-License-Identifier: Apache-2.0
// The unit an array is built of, and the width of its accumulators, as they follow the formats.
#include "models/hardware/array_unit.h"

#include <gtest/gtest.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

/// A linear operation, attention's second product and the head, of a length that overflows 32 bits
/// in the worst case where an operand has base 16.
std::vector<Operation> operations() {
  Operation linear;
  linear.name = "layers.0.down_proj";
  linear.m = linear.n = 16;
  linear.k = 11008;
  Operation context = linear;
  context.name = "layers.0.context";
  context.kind = OperationKind::context;
  context.past = 11008 - 16;
  Operation head = linear;
  head.name = "head";
  head.is_head = true;
  return {linear, context, head};
}

UnitSpec chosen(const char* scheme, UnitSpec spec = ArraySpec().unit) {
  return choose_unit(spec, operations(), scheme_from_name(scheme));
}

struct Expected {
  const char* scheme;
  const char* unit;
  int accumulator_bits;
};

class ArrayUnit : public ::testing::TestWithParam<Expected> {};

TEST_P(ArrayUnit, AccumulatorsAreAsWideAsTheSchemeNeeds) {
  const UnitSpec unit = chosen(GetParam().scheme);
  EXPECT_EQ(unit.unit, GetParam().unit);
  EXPECT_EQ(unit.accumulator_bits, GetParam().accumulator_bits);
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, ArrayUnit,
    ::testing::Values(Expected{"sdr4", "sdr_dot", 40}, Expected{"sdr4:base8", "sdr_dot", 32},
                      Expected{"W4A8:g16", "sdr_w4a8", 40}, Expected{"int8", "int8", 32},
                      Expected{"int16x8", "int16x8", 40}, Expected{"mxfp4", "mxfp4", 32}));

TEST(ArrayUnit, AWidthThatIsSetStays) {
  EXPECT_EQ(chosen("sdr4:base8", {.unit = "auto", .accumulator_bits = 48}).accumulator_bits, 48);
  EXPECT_EQ(
      chosen("sdr4", {.unit = "sdr_full", .lanes = 1, .accumulator_bits = 0}).accumulator_bits, 40);
}

TEST(ArrayUnit, AWidthBelowAByteIsRefused) {
  EXPECT_THROW(chosen("sdr4", {.unit = "sdr_dot", .accumulator_bits = 7}), ConfigError);
}

}  // namespace
}  // namespace razorsim
