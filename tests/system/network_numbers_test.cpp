// SPDX-License-Identifier: Apache-2.0
// Whole networks with their numbers: decode reads its cache, a chain flows, time stays as it is.
#include "sim/values/network_numbers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/base/errors.h"
#include "sim/config/load.h"
#include "sim/machine/network_run.h"
#include "sim/result/ratios.h"
#include "tests/support/tiny_checkpoint.h"

namespace razorsim {
namespace {

std::vector<std::int32_t> prompt_of(std::int64_t tokens) {
  std::vector<std::int32_t> prompt;
  for (std::int64_t i = 0; i < tokens; ++i)
    prompt.push_back(static_cast<std::int32_t>((i * i + 3 * i + 7) % 80));
  return prompt;
}

class NetworkNumbersTest : public ::testing::Test {
 protected:
  NetworkNumbersTest() : checkpoint_({.layers = 3}), model_(checkpoint_.path()) {
    CalibrationSpec spec;
    spec.tokens = spec.context = 40;
    ranges_ = calibrate(model_, prompt_of(40), spec, 1);
  }

  RunResult run(const std::string& scheme, Phase phase, const std::vector<std::int32_t>& prompt,
                std::int64_t generate, bool chain, bool with_numbers = true) {
    return run_batch(scheme, phase, {prompt}, generate, chain, with_numbers);
  }

  RunResult run_batch(const std::string& scheme, Phase phase,
                      const std::vector<std::vector<std::int32_t>>& prompts, std::int64_t generate,
                      bool chain, bool with_numbers = true) {
    NetworkNumbers numbers(model_, prompts, generate, ranges_, 1);
    tokens_ = numbers.tokens().front();
    NetworkRequest request;
    request.run.machine = load<MachineSpec>("default");
    request.run.scheme = scheme_from_name(scheme);
    request.run.technology = load<TechnologyTable>("45nm");
    request.network = model_.network();
    request.workload.phase = phase;
    request.run.fidelity = fidelity_;
    request.workload.batch = static_cast<std::int64_t>(prompts.size());
    const auto count = static_cast<std::int64_t>(prompts.front().size());
    request.workload.prompt = count;
    request.workload.context = count - 1;
    request.workload.generate = generate;
    request.numbers = with_numbers ? &numbers : nullptr;
    request.chain = chain;
    request.processes = 2;
    return run_network(request);
  }

  static const OperationResult& operation(const RunResult& result, const std::string& name) {
    for (const OperationResult& each : result.operations) {
      if (each.name == name) return each;
    }
    throw Defect("no operation " + name);
  }

  testing::TinyCheckpoint checkpoint_;
  Model model_;
  StaticRanges ranges_;
  std::vector<std::int32_t> tokens_;
  Fidelity fidelity_ = Fidelity::tile;
};

TEST_F(NetworkNumbersTest, NumbersCostNoCycle) {
  for (const char* scheme : {"sdr4", "W8A8"}) {
    const RunResult with = run(scheme, Phase::generate, prompt_of(21), 4, false);
    const RunResult without = run(scheme, Phase::generate, prompt_of(21), 4, false, false);
    EXPECT_EQ(with.modules, without.modules);
    ASSERT_EQ(with.steps.size(), without.steps.size());
    for (std::size_t i = 0; i < with.steps.size(); ++i) {
      EXPECT_EQ(with.steps[i].counters.cycles, without.steps[i].counters.cycles);
      EXPECT_EQ(with.steps[i].counters.dram_read, without.steps[i].counters.dram_read);
    }
  }
}

TEST_F(NetworkNumbersTest, EightBitsAreCloseToTheReferenceInEveryStep) {
  const RunResult result = run("W8A16", Phase::generate, prompt_of(21), 6, false);
  for (const OperationResult& each : result.operations) {
    ASSERT_GT(each.error.elements, 0) << each.name;
    if (each.kind == OperationKind::linear || each.kind == OperationKind::scores ||
        each.kind == OperationKind::context) {
      EXPECT_GT(sqnr_db(each.error).value_or(200), 25) << each.name;
    }
  }
  for (std::size_t i = 0; i < result.steps.size(); ++i)
    EXPECT_EQ(result.steps[i].reference_token, tokens_[21 + i]);
}

/// The machine's arithmetic on one row does not depend on the rows beside it, so a token that
/// follows a cache makes the very numbers it makes at the end of a prompt.
TEST_F(NetworkNumbersTest, ADecodeStepMakesTheNumbersOfAPromptsLastToken) {
  for (const char* scheme : {"sdr4", "W4A4KV4:g16:head_dim", "W4A4:g16", "W8A16", "W8A8"}) {
    for (const std::int64_t length : {16, 21}) {
      SCOPED_TRACE(std::string(scheme) + ' ' + std::to_string(length));
      const RunResult steps = run(scheme, Phase::generate, prompt_of(length), 3, true);
      std::vector<std::int32_t> longer = tokens_;
      longer.resize(static_cast<std::size_t>(length + 2));
      const NumericError first = [&] {
        std::vector<std::int32_t> one = longer;
        one.pop_back();
        return operation(run(scheme, Phase::prefill, one, 1, true), "head").error;
      }();
      const RunResult whole = run(scheme, Phase::prefill, longer, 1, true);
      const NumericError second = operation(whole, "head").error;
      EXPECT_GT(second.noise_power, 0);
      const NumericError both = operation(steps, "decode.head").error;
      EXPECT_EQ(both.elements, first.elements + second.elements);
      EXPECT_DOUBLE_EQ(both.noise_power, first.noise_power + second.noise_power);
      EXPECT_DOUBLE_EQ(both.signal_power, first.signal_power + second.signal_power);
      EXPECT_EQ(steps.steps.back().token, whole.steps.front().token);
    }
  }
}

TEST_F(NetworkNumbersTest, AStepAloneIsThatStepOfGenerate) {
  const RunResult steps = run("sdr4", Phase::generate, prompt_of(21), 2, false);
  std::vector<std::int32_t> longer = tokens_;
  longer.pop_back();
  const RunResult alone = run("sdr4", Phase::decode, longer, 1, false);
  for (const OperationResult& each : alone.operations)
    EXPECT_EQ(each.error, operation(steps, "decode." + each.name).error) << each.name;
}

TEST_F(NetworkNumbersTest, AChainAddsErrorAndIsolationDoesNot) {
  const RunResult isolated = run("sdr4", Phase::generate, prompt_of(21), 3, false);
  const RunResult chained = run("sdr4", Phase::generate, prompt_of(21), 3, true);
  EXPECT_EQ(isolated.cycles, chained.cycles);
  EXPECT_EQ(operation(isolated, "layers.0.q_proj").error,
            operation(chained, "layers.0.q_proj").error);
  EXPECT_GT(operation(chained, "layers.2.mlp_residual").error.noise_power,
            4 * operation(isolated, "layers.2.mlp_residual").error.noise_power);
}

/// Three prompts that differ.
std::vector<std::vector<std::int32_t>> prompts_of(std::int64_t tokens) {
  std::vector<std::vector<std::int32_t>> prompts(3, prompt_of(tokens));
  std::reverse(prompts[1].begin(), prompts[1].end());
  for (std::int32_t& token : prompts[2]) token = (token + 5) % 80;
  return prompts;
}

class Batch : public NetworkNumbersTest {
 protected:
  /// Every error of a batch is that of its sequences, each run alone.
  void expect_sequences_alone(const std::string& scheme, Phase phase, std::int64_t tokens,
                              bool chain) {
    SCOPED_TRACE(scheme + (chain ? " chained" : ""));
    const std::int64_t generate = phase == Phase::generate ? 3 : 1;
    const RunResult batch = run_batch(scheme, phase, prompts_of(tokens), generate, chain);
    std::vector<RunResult> alone;
    for (const std::vector<std::int32_t>& prompt : prompts_of(tokens))
      alone.push_back(run(scheme, phase, prompt, generate, chain));
    for (std::size_t i = 0; i < batch.operations.size(); ++i) {
      const NumericError& all = batch.operations[i].error;
      NumericError sum;
      double largest = 0;
      for (const RunResult& each : alone) {
        add_fields(sum, each.operations[i].error);
        largest = std::max(largest, each.operations[i].error.largest_error);
      }
      SCOPED_TRACE(batch.operations[i].name);
      EXPECT_GT(all.elements, 0);
      EXPECT_EQ(all.elements, sum.elements);
      EXPECT_EQ(all.largest_error, largest);
      EXPECT_NEAR(all.noise_power, sum.noise_power, 1e-12 * sum.noise_power);
      EXPECT_NEAR(all.signal_power, sum.signal_power, 1e-12 * sum.signal_power);
    }
    for (std::size_t i = 0; i < batch.steps.size(); ++i) {
      EXPECT_EQ(batch.steps[i].token, alone.front().steps[i].token);
      EXPECT_EQ(batch.steps[i].reference_token, alone.front().steps[i].reference_token);
      std::int64_t agreeing = 0;
      for (const RunResult& each : alone) agreeing += each.steps[i].agreeing;
      EXPECT_EQ(batch.steps[i].agreeing, agreeing);
    }
  }
};

TEST_F(Batch, MakesTheNumbersOfItsSequencesAlone) {
  for (const char* scheme : {"sdr4", "W4A4KV4:g16:head_dim", "W8A8", "fp16"}) {
    expect_sequences_alone(scheme, Phase::generate, 21, false);
    expect_sequences_alone(scheme, Phase::decode, 21, false);
    expect_sequences_alone(scheme, Phase::generate, 21, true);
  }
}

TEST_F(Batch, AlsoWhereRegistersStep) {
  fidelity_ = Fidelity::pe;
  expect_sequences_alone("sdr4", Phase::generate, 9, true);
}

TEST_F(Batch, NumbersCostNoCycle) {
  const RunResult with = run_batch("sdr4", Phase::generate, prompts_of(21), 3, true);
  const RunResult without = run_batch("sdr4", Phase::generate, prompts_of(21), 3, false, false);
  EXPECT_EQ(with.modules, without.modules);
}

}  // namespace
}  // namespace razorsim
