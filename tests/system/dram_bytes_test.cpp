// SPDX-License-Identifier: Apache-2.0
// The bytes a run moves, from shapes, formats and tiling alone: nothing of models/mapping is used.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/run_program.h"

namespace razorsim {
namespace {

using nlohmann::json;

struct Stored {
  std::int64_t codes = 0;
  std::int64_t flags = 0;
  std::int64_t scales = 0;
};

Stored read_of(const json& operation) {
  const json& read = operation.at("dram_read");
  return {read.at("codes_bytes"), read.at("flags_bytes"), read.at("scales_bytes")};
}

std::int64_t tiles(std::int64_t length, std::int64_t tile) { return (length + tile - 1) / tile; }

/// A whole matrix of rows x k in SDR with 4-bit codes and flags, groups of 16 along k.
Stored razored(std::int64_t rows, std::int64_t k, std::int64_t row_scales) {
  return {rows * k / 2, rows * tiles(k, 16) / 2, row_scales * 4};
}

/// A whole matrix of `bytes` an element.
Stored integers(std::int64_t rows, std::int64_t k, std::int64_t bytes, std::int64_t row_scales) {
  return {rows * k * bytes, 0, row_scales * 4};
}

/// True where `read` is `left` so many times and `right` so many times, in codes, flags and scales.
bool is_sum(const Stored& read, const Stored& left, std::int64_t left_times, const Stored& right,
            std::int64_t right_times) {
  return read.codes == left_times * left.codes + right_times * right.codes &&
         read.flags == left_times * left.flags + right_times * right.flags &&
         read.scales == left_times * left.scales + right_times * right.scales;
}

/// Each linear operation reads its weights once or once a row of tiles, and its activations not at
/// all (they are on the chip for the operation beside it), once, or once a column of tiles.
void expect_operands(const json& result, const std::string& scheme) {
  int linear = 0;
  for (const json& operation : result.at("operations")) {
    if (operation.at("kind") != "linear") continue;
    ++linear;
    const std::int64_t m = operation.at("m"), k = operation.at("k"), n = operation.at("n");
    const json& mapping = operation.at("mapping");
    const bool sdr = scheme == "sdr4";
    const Stored weights = sdr ? razored(n, k, n) : integers(n, k, 1, n);
    // Static scales of a tensor are registers; int8's are one a token.
    const Stored activations = sdr                   ? razored(m, k, 0)
                               : scheme == "int16x8" ? integers(m, k, 2, 0)
                                                     : integers(m, k, 1, m);
    bool found = false;
    for (const std::int64_t w : {std::int64_t{1}, tiles(m, mapping.at("tile_m"))}) {
      for (const std::int64_t a :
           {std::int64_t{0}, std::int64_t{1}, tiles(n, mapping.at("tile_n"))}) {
        found |= is_sum(read_of(operation), activations, a, weights, w);
      }
    }
    EXPECT_TRUE(found) << scheme << " " << operation.at("name") << " " << operation.at("dram_read");
  }
  EXPECT_EQ(linear, 7);
}

struct Case {
  std::string scheme;
  std::string network;
};
class DramBytes : public ::testing::TestWithParam<Case> {};

TEST_P(DramBytes, AreThoseOfTheOperandsAndCountedPadding) {
  const auto run = testing::run_program(
      RAZORSIM_PROGRAM,
      {"run", "--network", GetParam().network, "--phase", "prefill", "--prompt", "128", "--layers",
       "0-0", "--values", "off", "--scheme", GetParam().scheme, "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.error;
  const json result = json::parse(run.out);
  const json& totals = result.at("totals");
  for (const auto& [split, whole] :
       {std::pair{"dram_read", "dram_read_bytes"}, std::pair{"dram_written", "dram_write_bytes"}}) {
    std::int64_t sum = 0;
    for (const json& part : totals.at(split)) sum += part.get<std::int64_t>();
    EXPECT_EQ(sum, totals.at(whole).get<std::int64_t>()) << whole;
    std::int64_t operations = 0;
    for (const json& each : result.at("operations"))
      operations += each.at(whole).get<std::int64_t>();
    EXPECT_EQ(operations, totals.at(whole).get<std::int64_t>()) << whole;
    EXPECT_EQ(totals.at(whole).get<std::int64_t>() % 64, 0);
  }
  expect_operands(result, GetParam().scheme);
}

INSTANTIATE_TEST_SUITE_P(Schemes, DramBytes,
                         ::testing::Values(Case{"sdr4", "llama-2-7b"},
                                           Case{"int16x8", "smollm2-135m"},
                                           Case{"int8", "smollm2-135m"}),
                         [](const auto& each) { return each.param.scheme; });

}  // namespace
}  // namespace razorsim
