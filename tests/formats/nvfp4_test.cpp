// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/formats/format.h"
#include "models/formats/minifloat.h"

namespace razorsim {
namespace {

// (absmax / 6) / tensor scale, each quotient rounded to FP32: near the midpoints of E4M3 any other
// order rounds some blocks to the next scale.
TEST(Nvfp4, BlockScalesFollowTheDocumentedOrder) {
  std::mt19937 generator(1);
  int other_order = 0;
  for (int i = 0; i < 200000; ++i) {
    const float tensor_scale = static_cast<float>(generator() >> 8) * 1e-7F + 1e-3F;
    const std::uint32_t code = 0x20 + generator() % 0x50;
    const double middle = (decode_minifloat(e4m3, code) + decode_minifloat(e4m3, code + 1)) / 2;
    const std::vector<float> x = {static_cast<float>(middle * tensor_scale * 6)};
    const volatile float sixth = x[0] / 6.0F;
    const volatile float ratio = sixth / tensor_scale;
    const volatile float six_scales = 6.0F * tensor_scale;
    const volatile float other = x[0] / six_scales;
    other_order += encode_minifloat(e4m3, ratio) == encode_minifloat(e4m3, other) ? 0 : 1;
    const EncodedMatrix ours =
        encode(default_spec("nvfp4"), MatrixView<const float>(x.data(), 1, 1), {{tensor_scale}});
    ASSERT_EQ(ours.group_codes[0], encode_minifloat(e4m3, ratio));
  }
  EXPECT_GT(other_order, 0);  // the vectors do tell the orders apart
}

TEST(Nvfp4, AStaticScaleFarTooSmallSaturates) {
  const std::vector<float> x = {3e38F, -1.0F, 1e-30F};
  const auto decoded =
      decode(encode(default_spec("nvfp4"), MatrixView<const float>(x.data(), 1, 3), {{1e-3F}}));
  EXPECT_EQ(decoded[0], 6 * (448 * 1e-3F));
  EXPECT_EQ(decoded[2], 0.0F);
}

}  // namespace
}  // namespace razorsim
