// SPDX-License-Identifier: Apache-2.0
// Mappings that are given instead of searched for.
#include <string>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "models/mapping/product_program.h"
#include "tests/mapping/recorder.h"

namespace razorsim {
namespace {

using testing::product;

GivenMapping given(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {"q_proj", m, n, k, LoopOrder::nmk, false};
}

std::string error_of(const ProductShape& shape, const GivenMapping& mapping) {
  try {
    (void)map_product(shape, MachineShape{}, &mapping);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(GivenMapping, IsTakenAsItIs) {
  const GivenMapping wanted = given(32, 48, 80);
  const ProductMapping map = map_product(product(100, 96, 320), MachineShape{}, &wanted);
  EXPECT_EQ(map.tile_m, 32);
  EXPECT_EQ(map.tile_n, 48);
  EXPECT_EQ(map.tile_k, 80);
  EXPECT_EQ(map.order, LoopOrder::nmk);
  EXPECT_FALSE(map.resident);
}

TEST(GivenMapping, TilesLargerThanTheProductAreAllOfIt) {
  const GivenMapping wanted = given(1000, 1000, 1000);
  const ProductMapping map = map_product(product(10, 20, 30), MachineShape{}, &wanted);
  EXPECT_EQ(map.tile_m, 10);
  EXPECT_EQ(map.tile_n, 20);
  EXPECT_EQ(map.tile_k, 30);
}

TEST(GivenMapping, OfTheSearchGivesTheSearchAgain) {
  for (const std::int64_t m : {1, 37, 300}) {
    const ProductShape shape = product(m, 576, 1536);
    const ProductMapping best = map_product(shape, MachineShape{}, nullptr);
    const GivenMapping same{"q_proj",    best.tile_m, best.tile_n,
                            best.tile_k, best.order,  best.resident};
    EXPECT_EQ(map_product(shape, MachineShape{}, &same), best);
  }
}

TEST(GivenMapping, KeepsGroupsWhole) {
  EXPECT_EQ(error_of(product(100, 96, 320), given(32, 48, 24)),
            "mapping.q_proj.tile_k: is 24; allowed: multiples of 16 (groups and heads stay whole), "
            "or 320 and more for all");
  EXPECT_EQ(error_of(product(100, 96, 320), given(32, 40, 32)),
            "mapping.q_proj.tile_n: is 40; allowed: multiples of 16 (groups and heads stay whole), "
            "or 96 and more for all");
}

TEST(GivenMapping, NamesTheBufferItDoesNotFit) {
  EXPECT_EQ(error_of(product(4096, 4096, 4096), given(64, 64, 4096)),
            "mapping.q_proj: has tiles of 64 x 64 x 4096 that do not fit activation_buffer; "
            "allowed: smaller tiles, or a larger activation_buffer");
  EXPECT_EQ(error_of(product(4096, 4096, 4096), given(512, 512, 64)),
            "mapping.q_proj: has tiles of 512 x 512 x 64 that do not fit output_buffer; allowed: "
            "smaller tiles, or a larger output_buffer");
}

TEST(GivenMapping, OfALayerGoesBeforeThatOfAll) {
  std::vector<GivenMapping> all = {given(16, 16, 64), given(32, 16, 64)};
  all[1].operation = "layers.3.q_proj";
  EXPECT_EQ(given_for(all, {"layers.3.q_proj"})->tile_m, 32);
  EXPECT_EQ(given_for(all, {"layers.4.q_proj"})->tile_m, 16);
  EXPECT_EQ(given_for(all, {"layers.4.k_proj"}), nullptr);
}

TEST(GivenMapping, IsOneForOperationsThatRunSideBySide) {
  std::vector<GivenMapping> all = {given(16, 16, 64), given(16, 16, 64)};
  all[1].operation = "up_proj";
  EXPECT_NE(given_for(all, {"layers.0.q_proj", "layers.0.up_proj"}), nullptr);
  all[1].tile_k = 128;
  EXPECT_THROW((void)given_for(all, {"layers.0.q_proj", "layers.0.up_proj"}), ConfigError);
}

}  // namespace
}  // namespace razorsim
