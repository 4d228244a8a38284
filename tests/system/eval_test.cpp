// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <gmock/gmock.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "sim/eval/evaluation.h"
#include "sim/eval/evaluation_state.h"
#include "sim/eval/razoring_report.h"
#include "sim/eval/scheme_products.h"
#include "sim/eval/token_quality.h"
#include "tests/support/tiny_checkpoint.h"
#include "traces/calibrate/row_scales.h"
#include "traces/io/safetensors.h"

namespace razorsim {
namespace {

/// 32 columns a tensor, embeddings tied to the head.
constexpr testing::TinyShape tiny{.layers = 2,
                                  .hidden = 32,
                                  .feed_forward = 64,
                                  .heads = 2,
                                  .kv_heads = 1,
                                  .vocabulary = 40,
                                  .tied = true,
                                  .seed = 5};

std::vector<std::int32_t> text(int count) {
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((i * i * 7 + i * 3) % 40);
  return tokens;
}

std::vector<NamedScheme> schemes(const std::vector<std::string>& names) {
  std::vector<NamedScheme> all;
  for (const std::string& name : names) all.push_back({name, scheme_from_name(name), nullptr});
  return all;
}

struct Evaluated {
  testing::TinyCheckpoint folder{tiny};
  Model model{folder.path()};
  StaticRanges ranges = calibrate(model, text(48), {48, 24, 100}, 1);

  [[nodiscard]] Evaluation run(const std::vector<std::string>& names, int threads = 1) const {
    return evaluate(model, text(70), ranges, schemes(names), {32, 67}, threads);
  }
};

TEST(Evaluation, CountsEveryTokenButTheFirstOfEachContext) {
  const Evaluated evaluated;
  const Evaluation result = evaluated.run({"fp32"});
  EXPECT_EQ(result.tokens, 67);
  EXPECT_EQ(result.predicted, 67 - 3);  // contexts of 32, 32 and 3
  EXPECT_EQ(result.schemes[0].kl, 0);
  EXPECT_EQ(result.schemes[0].top1, 1);
  EXPECT_LT(result.schemes[0].perplexity_low, result.schemes[0].perplexity);
  EXPECT_GT(result.schemes[0].perplexity_high, result.schemes[0].perplexity);
}

TEST(Evaluation, PerplexityFollowsFromTheLogits) {
  const Evaluated evaluated;
  const std::vector<std::int32_t> tokens = text(20);
  std::vector<float> stream = embed(evaluated.model, tokens);
  const MatrixView<float> view(stream.data(), 20, 32);
  Products products(1);
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    forward_layer(evaluated.model.network(), layer, load_layer(evaluated.model, layer), {20}, view,
                  products);
  }
  const std::vector<float> all = logits(evaluated.model, view, 1);
  double loss = 0;
  for (std::size_t t = 0; t + 1 < 20; ++t) {
    double sum = 0;
    for (std::size_t i = 0; i < 40; ++i) sum += std::exp(static_cast<double>(all[t * 40 + i]));
    loss +=
        std::log(sum) - static_cast<double>(all[t * 40 + static_cast<std::size_t>(tokens[t + 1])]);
  }
  const Evaluation result =
      evaluate(evaluated.model, tokens, {}, schemes({"fp32"}), {512, 2048}, 1);
  EXPECT_NEAR(result.schemes[0].perplexity, std::exp(loss / 19), 1e-5 * std::exp(loss / 19));
}

TEST(Evaluation, FinerFormatsAreNearerToFp32) {
  const Evaluated evaluated;
  const Evaluation result = evaluated.run({"W8A16", "W4A8:g16", "W4A4:g16", "W4A4KV4:g16"});
  EXPECT_GT(result.schemes[0].layer_sqnr_db[0], result.schemes[1].layer_sqnr_db[0]);
  EXPECT_GT(result.schemes[1].layer_sqnr_db[0], result.schemes[2].layer_sqnr_db[0]);
  EXPECT_GT(result.schemes[2].layer_sqnr_db[0], result.schemes[3].layer_sqnr_db[0]);
  EXPECT_LT(result.schemes[0].kl, result.schemes[2].kl);
}

TEST(Evaluation, EverySchemeRunsAndDependsOnNoThreadCount) {
  const Evaluated evaluated;
  const std::vector<std::string> names{
      "fp32",  "W8A8",  "W8A16", "W4A16",           "int4",          "int4:g16",
      "mxfp4", "nvfp4", "sdr4",  "W4A4KV4Q4P4:g16", "sdr4:head_dim", "W4A4:gw16:ga8"};
  EXPECT_EQ(evaluated.run(names, 1), evaluated.run(names, 3));
}

TEST(Evaluation, StaticScalesMustBeThere) {
  const Evaluated evaluated;
  EXPECT_THROW(static_cast<void>(
                   evaluate(evaluated.model, text(20), {}, schemes({"W4A4:g16"}), {32, 32}, 1)),
               TraceError);
  EXPECT_NO_THROW(
      static_cast<void>(evaluate(evaluated.model, text(20), {}, schemes({"W8A8"}), {32, 32}, 1)));
  EXPECT_THROW(
      static_cast<void>(evaluate(evaluated.model, {1}, {}, schemes({"fp32"}), {32, 32}, 1)),
      TraceError);
}

/// One linear product through SchemeProducts against integers multiplied by hand.
TEST(SchemeProducts, LinearIsTheExactIntegerProductRescaled) {
  const Evaluated evaluated;
  const LayerWeights weights = load_layer(evaluated.model, 0);
  const Scheme scheme = scheme_from_name("W4A4:g16");
  SchemeProducts products(scheme, evaluated.ranges, 1);
  products.begin_layer(0, weights);
  std::vector<float> a;
  for (int i = 0; i < 3 * 32; ++i) a.push_back(static_cast<float>(i % 13 - 6) * 0.25F);
  std::vector<float> out(3 * 32);
  const MatrixView<const float> weight(weights.q_proj.data(), 32, 32);
  products.linear(0, Projection::q, {a.data(), 3, 32}, weight, {out.data(), 3, 32});

  const float scale = scale_of_absmax(evaluated.ranges.absmax_of("layers.0.input_norm.output"), 16);
  const EncodedMatrix left = encode(scheme.activations, {a.data(), 3, 32}, {{scale}});
  const EncodedMatrix right = encode(scheme.weights, weight);
  for (std::int64_t row = 0; row < 3; ++row) {
    for (std::int64_t col = 0; col < 32; ++col) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < 32; ++k)
        sum += std::int64_t{left.values_view()(row, k)} * right.values_view()(col, k);
      EXPECT_EQ(out[static_cast<std::size_t>(row * 32 + col)],
                static_cast<float>(sum) * (scale * right.scale_of(col)));
    }
  }
}

TEST(TokenQuality, OfDistributionsByHand) {
  std::vector<float> even{2, 2, 2, 2};
  std::vector<float> even_powers(4);
  const Prediction reference = predict(even, even_powers);
  EXPECT_NEAR(reference.log_sum, std::log(4.0), 1e-12);
  std::vector<float> odd{0, 0, std::log(2.0F), 0};
  std::vector<float> odd_powers(4);
  const Prediction candidate = predict(odd, odd_powers);
  const TokenQuality quality = token_quality(reference, candidate, 2);
  EXPECT_NEAR(quality.loss, -std::log(0.4), 1e-6);
  EXPECT_NEAR(quality.divergence, 0.75 * std::log(0.25 / 0.2) + 0.25 * std::log(0.25 / 0.4), 1e-6);
  EXPECT_FALSE(quality.agrees);
  EXPECT_TRUE(token_quality(candidate, candidate, 0).agrees);
}

TEST(Evaluation, FormatsOfEveryKindMeetInOneProduct) {
  const Evaluated evaluated;
  std::vector<NamedScheme> mixed;
  const auto add = [&](const char* weights, const char* activations) {
    Scheme scheme = scheme_from_name("fp32");
    scheme.weights = scheme_from_name(weights).weights;
    scheme.activations = scheme_from_name(activations).activations;
    mixed.push_back({std::string(weights) + "/" + activations, scheme, nullptr});
  };
  add("W4A4:g16", "fp32");
  add("fp32", "W4A4:g16");
  add("mxfp4", "W8A16");
  add("W4A4:g16", "nvfp4");
  add("int4:g16", "W8A16");
  add("int4:g32", "int4:g16");
  const Evaluation result =
      evaluate(evaluated.model, text(70), evaluated.ranges, mixed, {32, 67}, 1);
  for (const SchemeQuality& each : result.schemes) {
    EXPECT_GT(each.layer_sqnr_db[0], 5) << each.scheme;
    EXPECT_LT(each.layer_sqnr_db[0], 60) << each.scheme;
  }
}

TEST(EvaluationState, IsReadBackAndFitsItsInputsAlone) {
  const Evaluated evaluated;
  const std::string path = evaluated.folder.path() + "/state.json";
  const auto all = schemes({"fp32", "W4A4:g16"});
  EXPECT_EQ(read_state(path, "a", all, {}), std::vector<QualitySums>(2));  // none yet
  std::vector<QualitySums> sums(2);
  sums[1].loss = 0.1;
  sums[1].layers = {{3, 1.0 / 3}};
  write_state(path, "a", all, {}, sums);
  const auto read = read_state(path, "a", schemes({"W4A4:g16", "mxfp4"}), {});
  EXPECT_EQ(read[0].loss, 0.1);
  EXPECT_EQ(read[0].layers, sums[1].layers);
  EXPECT_EQ(read[1], QualitySums{});
  EXPECT_THROW(static_cast<void>(read_state(path, "b", all, {})), TraceError);
  OutputFile other(path);
  other.write("{\"sums\": 3}");
  other.commit();
  EXPECT_THROW(static_cast<void>(read_state(path, "a", all, {})), TraceError);
}

TEST(QuantisedWeights, TakeThePlaceOfOurRounding) {
  const Evaluated evaluated;
  const std::string path = evaluated.folder.path() + "/weights.safetensors";
  // Our own integers give our own result; others another one.
  const std::vector<float> weight = evaluated.model.weight("layers.1.o_proj.weight");
  const BaseIntegers ours =
      base_integers(scheme_from_name("W4A4:g16").weights, {weight.data(), 32, 32});
  const auto result = [&](int change) {
    std::vector<std::int8_t> integers(ours.values.begin(), ours.values.end());
    integers[5] = static_cast<std::int8_t>(integers[5] ^ change);
    write_safetensors(path, std::map<std::string, std::string>{},
                      {{"layers.1.o_proj.weight.base8", make_tensor(integers, {32, 32})},
                       {"layers.1.o_proj.weight.base8.scale", make_tensor(ours.scales, {32})}});
    auto all = schemes({"W4A4:g16"});
    all[0].weights = std::make_shared<QuantisedWeights>(path, evaluated.model);
    return evaluate(evaluated.model, text(40), evaluated.ranges, all, {32, 40}, 1);
  };
  const Evaluation plain =
      evaluate(evaluated.model, text(40), evaluated.ranges, schemes({"W4A4:g16"}), {32, 40}, 1);
  EXPECT_EQ(result(0), plain);
  EXPECT_NE(result(32), plain);
  write_safetensors(path, std::map<std::string, std::string>{},
                    {{"layers.9.o_proj.weight.base8", make_tensor(std::vector<float>{1}, {1})}});
  EXPECT_THROW(QuantisedWeights(path, evaluated.model), TraceError);
}

TEST(RowScales, OfAWeightAreUsedAndBelongToTheSchemesState) {
  const Evaluated evaluated;
  StaticRanges searched = evaluated.ranges;
  const auto all = schemes({"W4A4:g16", "mxfp4"});
  search_row_scales(evaluated.model, {all[0].scheme}, 1, searched, [](double) {});
  const auto result = [&](const StaticRanges& ranges) {
    return evaluate(evaluated.model, text(40), ranges, all, {32, 40}, 1);
  };
  const Evaluation plain = result(evaluated.ranges);
  const Evaluation better = result(searched);
  EXPECT_NE(better.schemes[0], plain.schemes[0]);
  EXPECT_EQ(better.schemes[1], plain.schemes[1]);  // has no scale a row
  // q_proj of layer 0 reads what FP32 reads, so its error is that of the weights and of a. It is
  // the weights' squared error that was searched; the output's follows it on the whole.
  EXPECT_GT(better.schemes[0].operations[0].sqnr_db[0] + 1,
            plain.schemes[0].operations[0].sqnr_db[0]);

  const std::string path = evaluated.folder.path() + "/state.json";
  std::vector<QualitySums> sums(2);
  sums[0].contexts = sums[1].contexts = 3;
  write_state(path, "a", all, searched, sums);
  EXPECT_EQ(read_state(path, "a", all, searched)[0].contexts, 3);
  const auto without = read_state(path, "a", all, evaluated.ranges);
  EXPECT_EQ(without[0].contexts, 0);
  EXPECT_EQ(without[1].contexts, 3);
}

TEST(Evaluation, DumpsTheTensorsOfItsFirstContexts) {
  const Evaluated evaluated;
  const std::filesystem::path folder = evaluated.folder.path() + "/dump";
  EvaluationListener listener;
  listener.dump = TensorDump(folder, {"layers.1.o_*", "layers.0.context"});
  const auto all = schemes({"fp32", "W4A4:g16", "mxfp4"});
  const Evaluation result =
      evaluate(evaluated.model, text(40), evaluated.ranges, all, {32, 40}, 2, listener);
  EXPECT_EQ(result, evaluate(evaluated.model, text(40), evaluated.ranges, all, {32, 40}, 1));
  const auto read = [&](const char* file) {
    return read_safetensors((folder / (std::string(file) + ".safetensors")).string()).tensors;
  };
  const auto exact = read("W4A4:g16/layers.1.o_proj");
  const auto codes = exact.at("left.codes").view<std::int8_t>();
  const auto weights = exact.at("right.codes").view<std::int8_t>();
  const auto left_flags = exact.at("left.flags").view<std::uint8_t>();
  const auto right_flags = exact.at("right.flags").view<std::uint8_t>();
  const auto sums = exact.at("accumulators").view<std::int64_t>();
  const auto output = exact.at("output").view<float>();
  ASSERT_EQ(sums.rows(), 40);
  for (std::int64_t row = 0; row < sums.rows(); ++row) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < codes.cols(); ++k)
      sum += (codes(row, k) * weights(3, k)) *
             (std::int64_t{1} << (left_flags(row, k / 16) + right_flags(3, k / 16)));
    ASSERT_EQ(sums(row, 3), sum);
    const float scale =
        exact.at("left.scale").view<float>()(0, 0) * exact.at("right.scale").view<float>()(0, 3);
    ASSERT_EQ(output(row, 3), static_cast<float>(sum) * scale);
  }
  const auto plain = read("fp32/layers.1.o_proj");
  EXPECT_TRUE(std::ranges::equal(plain.at("output").bytes, plain.at("reference").bytes));
  EXPECT_TRUE(std::ranges::equal(plain.at("output").bytes, exact.at("reference").bytes));
  EXPECT_TRUE(read("mxfp4/layers.1.o_proj").contains("left.block_scales"));
  EXPECT_EQ(read("mxfp4/layers.0.context").size(), 2U);  // output and reference
  EXPECT_FALSE(std::filesystem::exists(folder / "mxfp4/layers.1.q_proj.safetensors"));
}

TEST(Razoring, OfATensorByHand) {
  // Scale 1: the base integers are the numbers. Two groups: 127 has its leading one at bit 6, so 4
  // bits go; the second group is small enough to lose none.
  std::vector<float> numbers{127, 8, 7, -16, 1, -2, 0, 4};
  FormatSpec format = scheme_from_name("sdr4").key;
  format.group = 4;
  const MatrixView<const float> view(numbers.data(), 1, 8);
  const RazoredTensor made = describe_razored(encode(format, view, {{1}}), view);
  EXPECT_EQ(made.flags, (std::vector<std::int64_t>{1, 0, 0, 0, 1}));
  EXPECT_EQ(made.truncated_bits, 2);
  EXPECT_EQ(made.zero_codes, 2.0 / 8);  // 7 and 0; 8 rounds up to one step
  EXPECT_EQ(made.zero_groups, 0);
  const double squares = 127 * 127 + 64 + 49 + 256 + 1 + 4 + 16;
  EXPECT_NEAR(made.outlier_ratio, 127 / std::sqrt(squares / 8), 1e-6);
  const double noise = 15 * 15 + 8 * 8 + 7 * 7;  // 127 becomes 112, 8 becomes 16, 7 becomes 0
  EXPECT_NEAR(made.sqnr_db, 10 * std::log10(squares / noise), 1e-6);
}

TEST(Razoring, CoversEveryRazoredTensorOfEachLayer) {
  const Evaluated evaluated;
  const RazoringReport report = report_razoring(evaluated.model, text(24), evaluated.ranges,
                                                scheme_from_name("sdr4"), {8, 16}, 2);
  EXPECT_EQ(report.tensors.size(), 2 * 2 * (7 + 4 + 2));  // layers, groups, tensors
  for (std::size_t i = 0; i < report.tensors.size(); i += 2) {
    EXPECT_GE(report.tensors[i].sqnr_db, report.tensors[i + 1].sqnr_db) << report.tensors[i].tensor;
  }
  EXPECT_THROW(static_cast<void>(report_razoring(evaluated.model, text(24), {},
                                                 scheme_from_name("W8A8"), {16}, 1)),
               ConfigError);
}

TEST(Evaluation, GoesOnWhereAnEarlierRunStopped) {
  const Evaluated evaluated;
  const auto tokens = text(6000);
  const auto all = schemes({"fp32", "W4A4:g16", "mxfp4"});
  std::vector<std::vector<QualitySums>> kept;
  int runs = 0;
  const EvaluationListener listener{{},
                                    [&](const std::vector<QualitySums>& sums) {
                                      kept.push_back(sums);
                                      ++runs;
                                    },
                                    {}};
  const Evaluation whole =
      evaluate(evaluated.model, tokens, evaluated.ranges, all, {512, 6000}, 2, listener);
  ASSERT_EQ(kept.size(), 3);
  auto second = kept[1];
  second[2] = {};  // a scheme that was not asked for then
  runs = 0;
  EXPECT_EQ(
      evaluate(evaluated.model, tokens, evaluated.ranges, all, {512, 6000}, 1, listener, second),
      whole);
  EXPECT_EQ(runs, 3);
  runs = 0;
  EXPECT_EQ(
      evaluate(evaluated.model, tokens, evaluated.ranges, all, {512, 6000}, 1, listener, kept[2]),
      whole);
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace razorsim
