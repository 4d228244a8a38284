// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/formats/format.h"
#include "models/operators/matmul_f32.h"
#include "traces/io/sha256.h"
#include "traces/io/token_ids.h"
#include "traces/io/trace.h"

namespace razorsim {
namespace {

const std::string data = RAZORSIM_TEST_SOURCE_DIR "/traces/data/";

Trace shipped() { return read_trace(data + "smollm2-135m-layer15.safetensors"); }

TEST(ShippedTrace, IsWhatItsProvenanceSays) {
  const Trace trace = shipped();
  EXPECT_EQ(trace.operations.size(), 17U);
  EXPECT_EQ(trace.network.hidden, 576);
  EXPECT_EQ(trace.tokens.size(), 64U);
  EXPECT_EQ(trace.provenance.text_sha256, sha256_of_file(data + trace.provenance.text));
  const std::vector<std::int32_t> ids = read_token_ids(data + trace.provenance.text);
  EXPECT_TRUE(std::equal(trace.tokens.begin(), trace.tokens.end(), ids.begin()));
}

TEST(ShippedTrace, LinearOutputsFollowFromInputsAndSources) {
  const Trace trace = shipped();
  for (const Operation& each : trace.operations) {
    if (each.kind != OperationKind::linear) continue;
    const std::vector<float> weight = trace.weight(each.weight);
    std::vector<float> out(static_cast<std::size_t>(each.m * each.n));
    matmul_f32(trace.tensor(each.inputs[0]).view<float>(), {weight.data(), each.n, each.k},
               {out.data(), each.m, each.n});
    const auto expected = trace.tensor(each.output).view<float>();
    EXPECT_TRUE(std::equal(out.begin(), out.end(), expected.data())) << each.name;
  }
}

TEST(ShippedTrace, IntegersFollowFromSourcesAndCalibration) {
  const Trace trace = shipped();
  for (const Operation& each : trace.operations) {
    if (each.kind != OperationKind::linear) continue;
    FormatSpec format;
    format.name = "int8";
    format.granularity = ScaleGranularity::row;
    const std::vector<float> weight = trace.weight(each.weight);
    const BaseIntegers base = trace.base(each.weight, 8);
    const BaseIntegers made = base_integers(format, {weight.data(), each.n, each.k});
    EXPECT_EQ(base.values, made.values) << each.weight;
    EXPECT_EQ(base.scales, made.scales) << each.weight;
    const BaseIntegers left = trace.base(each.inputs[0], 16);
    const float absmax = trace.tensor(each.inputs[0] + ".absmax").view<float>()(0, 0);
    EXPECT_EQ(left.scales, std::vector<float>{scale_of_absmax(absmax, 16)});
    EXPECT_EQ(left.values,
              quantise(16, trace.tensor(each.inputs[0]).view<float>(), left.scales[0]));
  }
}

}  // namespace
}  // namespace razorsim
