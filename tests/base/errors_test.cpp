// SPDX-License-Identifier: Apache-2.0
#include "models/base/errors.h"

#include <array>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

constexpr std::array<std::string_view, 5> known = {"rows", "cols", "lanes", "group",
                                                   "accumulator_bits"};

TEST(Errors, AMisspeltNameFindsItsNeighbour) {
  EXPECT_EQ(nearest_name("rwos", known), "rows");
  EXPECT_EQ(nearest_name("lane", known), "lanes");
  EXPECT_EQ(nearest_name("accumulator", known), "accumulator_bits");
  EXPECT_EQ(did_you_mean("rwos", known), "; did you mean 'rows'?");
}

TEST(Errors, AnUnrelatedNameFindsNone) {
  EXPECT_EQ(nearest_name("voltage", known), "");
  EXPECT_EQ(nearest_name("", known), "");
  EXPECT_EQ(did_you_mean("voltage", known), "");
}

TEST(Errors, AConfigErrorCarriesEveryProblem) {
  const ConfigError error(std::vector<Problem>{{"array.rows", "is 0"}, {"", "no trace"}});
  EXPECT_STREQ(error.what(), "array.rows: is 0\nno trace");
  EXPECT_EQ(error.problems().size(), 2U);
  EXPECT_STREQ(ConfigError("scheme", "is missing").what(), "scheme: is missing");
}

TEST(Errors, APromiseThatHoldsIsSilent) {
  promise(true, "never said");
  EXPECT_THROW(promise(false, "broken"), Defect);
}

}  // namespace
}  // namespace razorsim
