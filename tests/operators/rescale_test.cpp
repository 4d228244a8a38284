// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rescale.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"

namespace razorsim {
namespace {

TEST(Rescale, EqualsTheReferenceVectors) {
  std::ifstream file(RAZORSIM_TEST_SOURCE_DIR "/tests/golden/reference_vectors.json");
  const auto cases = nlohmann::json::parse(file).at("rescale");
  ASSERT_GT(cases.size(), 10U);
  const auto real = [](const nlohmann::json& text) {
    return std::strtof(text.get<std::string>().c_str(), nullptr);
  };
  for (const auto& each : cases) {
    const std::int64_t accumulator = each.at("accumulator");
    const float a = real(each.at("scale_a"));
    const float w = real(each.at("scale_w"));
    float out = 0;
    rescale({&accumulator, 1, 1}, {&a, 1}, {&w, 1}, {&out, 1, 1});
    EXPECT_EQ(out, real(each.at("result"))) << each;
  }
}

TEST(Rescale, TakesScalesARowAndAColumn) {
  const std::vector<std::int64_t> accumulators = {1, 2, 3, 4, 5, 6};
  const std::vector<float> a = {2, 10};
  const std::vector<float> w = {1, 0.5F, 4};
  std::vector<float> out(6);
  rescale({accumulators.data(), 2, 3}, a, w, {out.data(), 2, 3});
  EXPECT_EQ(out, (std::vector<float>{2, 2, 24, 40, 25, 240}));
  rescale_add({accumulators.data(), 2, 3}, {a.data(), 1}, {w.data(), 1}, {out.data(), 2, 3});
  EXPECT_EQ(out, (std::vector<float>{4, 6, 30, 48, 35, 252}));
  EXPECT_THROW(rescale({accumulators.data(), 2, 3}, w, w, {out.data(), 2, 3}), Defect);
}

// The product of the scales is rounded before the accumulator meets it; the other order differs.
TEST(Rescale, MultipliesTheScalesFirst) {
  const std::int64_t accumulator = 16777217;
  const float a = 1.1F;
  const float w = 1.3F;
  float out = 0;
  rescale({&accumulator, 1, 1}, {&a, 1}, {&w, 1}, {&out, 1, 1});
  const volatile float scale = a * w;
  const volatile float expected = 16777216.0F * scale;
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace razorsim
