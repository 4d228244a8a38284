// SPDX-License-Identifier: Apache-2.0
// Broken files given to the program: it does its work or says in one line why not (exit code 3; 2
// where the file asks for what the machine cannot do). Thousands more, without the program, are in
// tests/traces/hostile_test.cpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/base/errors.h"
#include "sim/eval/evaluation.h"
#include "tests/support/broken_trace.h"
#include "tests/support/mutants.h"
#include "tests/support/run_program.h"
#include "tests/support/tiny_checkpoint.h"
#include "traces/capture/capture.h"

namespace razorsim::testing {
namespace {

void expect_done_or_one_line(const ProgramRun& run) {
  EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 2 || run.exit_code == 3)
      << run.exit_code << ": " << run.error;
  if (run.exit_code == 0) return;
  EXPECT_EQ(std::count(run.error.begin(), run.error.end(), '\n'), 1) << run.error;
  EXPECT_TRUE(run.error.starts_with("razorsim: ")) << run.error;
}

std::vector<std::int32_t> some_tokens(int count) {
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((i * 7 + 3) % 80);
  return tokens;
}

/// A layer and the head of a tiny model on 20 tokens.
Trace small_trace() {
  const TinyCheckpoint checkpoint({});
  const Model model(checkpoint.path());
  const StaticRanges ranges = calibrate(model, some_tokens(20), {20, 20, 100}, 1);
  return capture(model, some_tokens(20), ranges, scheme_from_name("sdr4"), {0, 0, 20, true}, {}, 1);
}

/// Whether it ran; JSON has no NaN.
bool runs(const std::string& trace, const std::string& scheme) {
  const ProgramRun run =
      run_program(RAZORSIM_PROGRAM, {"run", "--trace", trace, "--scheme", scheme, "--json"});
  expect_done_or_one_line(run);
  if (run.exit_code != 0) return false;
  EXPECT_TRUE(nlohmann::json::accept(run.out)) << run.out;
  return true;
}

TEST(HostileFiles, ATraceOfAnyOperationsRunsOrIsRefused) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "t.safetensors").string();
  write_trace(small_trace(), path);
  const Safetensors good = read_safetensors(path);
  int done = 0;
  for (std::uint64_t seed = 0; seed < 80 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Mutants mutants(seed);
    const std::string key = seed % 2 == 0 ? "operations" : seed % 3 == 0 ? "scheme" : "network";
    const std::string broken = (folder.path() / "broken.safetensors").string();
    if (write_broken_trace(good, key, mutants, broken)) done += runs(broken, "sdr4") ? 1 : 0;
  }
  EXPECT_LT(done, 60);  // nearly all contradict themselves
}

TEST(HostileFiles, ATraceOfAnyNumbersRunsOrIsRefused) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "t.safetensors").string();
  const Trace good = small_trace();
  std::vector<std::string> names;
  for (const auto& [name, tensor] : good.tensors) names.push_back(name);
  int done = 0;
  for (std::uint64_t seed = 0; seed < 80 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Mutants mutants(seed);
    Trace trace = good;
    for (int i = 0; i < 8; ++i) {
      const std::string& name = names[mutants.below(names.size())];
      if (mutants.below(8) == 0) {
        trace.tensors.erase(name);
        continue;
      }
      const auto found = trace.tensors.find(name);
      if (found == trace.tensors.end()) continue;
      std::vector<std::byte> bytes(found->second.bytes.begin(), found->second.bytes.end());
      for (int byte = 0; byte < 4; ++byte)  // zeros, -1, NaN, huge and small, -128, -32768
        bytes[mutants.below(bytes.size())] = std::array{
            std::byte{0}, std::byte{0x7f}, std::byte{0x80}, std::byte{0xff}}[mutants.below(4)];
      const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
      found->second.bytes = *owner;
      found->second.owner = owner;
    }
    try {
      write_trace(trace, path);
    } catch (const TraceError&) {
      continue;  // what a reader refuses by its shape
    }
    const std::array schemes{"sdr4", "int8", "mxfp4", "W8A16"};
    done += runs(path, schemes[seed % schemes.size()]) ? 1 : 0;
  }
  EXPECT_GT(done, 0);
}

TEST(HostileFiles, OperandsAreMultipliedOrRefused) {
  const TemporaryFolder folder;
  const std::string good = R"({"a": [[1, -2, 3], [4, 5, 6]], "w": [[7, 8, 9]], "bits_a": 16,
      "bits_w": 8})";
  for (std::uint64_t seed = 0; seed < 80 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    folder.write("f.json", Mutants(seed).of_json(good));
    expect_done_or_one_line(run_program(
        RAZORSIM_PROGRAM, {"gemm", "--operands", "f.json", "--scheme", "sdr4", "--json"}, "",
        folder.path()));
  }
}

/// Weights of any bits, in every kind of scheme: finite results or one line.
TEST(HostileFiles, WeightsAreEvaluatedOrRefused) {
  const TinyCheckpoint checkpoint({});
  const std::string path = checkpoint.path() + "/model.safetensors";
  const std::string good = read_file(path);
  const std::size_t data = 8 + read_safetensors(path).header.size();
  std::vector<NamedScheme> schemes;
  for (const char* name : {"fp32", "sdr4", "W4A8:g16", "int8", "int4:g64", "mxfp4", "nvfp4"})
    schemes.push_back({name, scheme_from_name(name), nullptr});
  int done = 0;
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 150 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Mutants mutants(seed);
    std::string broken = good;
    for (int i = 0; i < 4; ++i) {
      const std::size_t at = data + mutants.below(good.size() - data);
      broken[at] = static_cast<char>(broken[at] ^ (1 << mutants.below(8)));
    }
    OutputFile file(path);
    file.write(broken);
    file.commit();
    try {
      const Model model(checkpoint.path());
      const StaticRanges ranges = calibrate(model, some_tokens(12), {12, 12, 100}, 1);
      for (const SchemeQuality& each :
           evaluate(model, some_tokens(12), ranges, schemes, {12, 12}, 1).schemes) {
        EXPECT_TRUE(std::isfinite(each.kl)) << each.scheme;
      }
      ++done;
    } catch (const TraceError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(done, 20);
  EXPECT_GT(refused, 5);
}

}  // namespace
}  // namespace razorsim::testing
