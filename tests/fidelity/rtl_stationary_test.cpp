// SPDX-License-Identifier: Apache-2.0
// The RTL arrays against the array stepped by registers (`pe`), every sum in every cycle: random
// operands, edges, and a layer of the shipped trace; output, weight and input stationary.
#include <gtest/gtest.h>

#ifdef RAZORSIM_RTL
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "models/arithmetic/operand_planes.h"
#include "models/hardware/pe_fold_sequence.h"
#include "models/hardware/pe_product.h"
#include "rtl_stationary_bench.h"
#include "sim/values/tensor_source.h"
#include "tests/arithmetic/operands.h"
#include "tests/arithmetic/rtl_support.h"
#include "tests/support/random_cases.h"
#include "traces/io/trace.h"

namespace razorsim {
namespace {

using namespace testing_operands;
using namespace testing_rtl;

constexpr int group = 8;
constexpr int cols = 3;
constexpr int acc_bits = 40;

/// What an element showed after a clock.
struct Shown {
  bool works = false;
  bool first = false;
  bool ends = false;
  std::int64_t accumulator = 0;
  std::vector<std::int16_t> a, w;
  int flag_a = 0;
  int flag_w = 0;
};

struct Recorder : PeObserver {
  std::int64_t rows = 0;
  std::vector<std::vector<Shown>> cycles;  ///< elements row by row

  void start(const UnitPlan&) override {}
  void clock(std::int64_t, const PeSnapshot& array) override {
    std::vector<Shown>& shown = cycles.emplace_back();
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t col = 0; col < cols; ++col) {
        const PeRegisters each = array.element(row, col);
        const auto codes = [](const PeOperand& operand) {
          return std::vector<std::int16_t>(operand.codes.begin(), operand.codes.end());
        };
        const auto flag = [](const PeOperand& operand) {
          return operand.shifts.empty() ? 0 : operand.shifts[0];
        };
        shown.push_back({each.works(), each.first, each.ends_group, each.accumulator, codes(each.a),
                         codes(each.w), flag(each.a), flag(each.w)});
      }
    }
  }
  [[nodiscard]] const Shown& at(std::int64_t cycle, std::int64_t row, std::int64_t col) const {
    static const Shown none;
    if (cycle < 0 || cycle >= static_cast<std::int64_t>(cycles.size())) return none;
    return cycles[static_cast<std::size_t>(cycle)][static_cast<std::size_t>(row * cols + col)];
  }
};

/// One of the bench's arrays.
struct Setting {
  const char* unit;
  Dataflow dataflow;
  std::int64_t rows;

  [[nodiscard]] bool lean() const { return std::string(unit) == "sdr_lean"; }
};

/// A product on the array of one of the benches, recorded.
struct Run {
  ArraySpec array;
  EncodedMatrix left;
  EncodedMatrix right;
  Recorder recorder;
  PeProduct product;

  Run(const Setting& setting, EncodedMatrix a, EncodedMatrix w)
      : left(std::move(a)), right(std::move(w)) {
    const bool lean = setting.lean();
    array.rows = setting.rows;
    array.cols = cols;
    array.dataflow = setting.dataflow;
    array.unit.unit = setting.unit;
    array.unit.lanes = lean ? 1 : group;
    array.unit.accumulator_bits = 40;
    recorder.rows = array.rows;
    product.sums.assign(static_cast<std::size_t>(left.rows * right.rows), 0);
    step_product(array, array.unit, left, right, product, &recorder);
  }
  [[nodiscard]] UnitPlan unit_plan() const { return plan(array.unit, left.format, right.format); }
};

template <class Port>
void put_codes(Port& port, int at, std::span<const std::int16_t> codes, int lanes) {
  for (int i = 0; i < lanes; ++i) {
    const int code = i < static_cast<int>(codes.size()) ? codes[static_cast<std::size_t>(i)] : 0;
    put(port, at + 4 * i, 4, sign_magnitude(code, 3));
  }
}

template <class Port>
std::int64_t sum_at(const Port& port, std::int64_t index) {
  return as_signed(get(port, static_cast<int>(index) * acc_bits, acc_bits), acc_bits);
}

void expect_output_stationary(const Run& run) {
  rtl_stationary_bench bench;
  const Recorder& shown = run.recorder;
  const std::int64_t latency = run.unit_plan().latency_cycles;
  std::int64_t compared = 0;
  for (std::int64_t cycle = 0; cycle < run.product.cycles(); ++cycle) {
    for (int r = 0; r < 4; ++r) {
      put_codes(bench.os_in, 32 + 32 * r, shown.at(cycle, r, 0).a, group);
      put(bench.os_in, 160 + 4 * r, 4, static_cast<unsigned>(shown.at(cycle, r, 0).flag_a));
    }
    for (int c = 0; c < cols; ++c) {
      const Shown& top = shown.at(cycle, 0, c);
      put_codes(bench.os_in, 192 + 32 * c, top.w, group);
      put(bench.os_in, 288 + 3 * c, 3, static_cast<unsigned>(top.flag_w));
      put(bench.os_in, c, 1, top.works && top.first ? 1 : 0);
    }
    clock(bench);
    for (std::int64_t r = 0; r < 4; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) {
        const Shown& element = shown.at(cycle - latency, r, c);
        if (!element.works) continue;
        ASSERT_EQ(sum_at(bench.os_acc, r * cols + c), element.accumulator)
            << "element (" << r << ", " << c << "), cycle " << cycle;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, run.product.counters.group_ends);
}

/// The ports of one of the arrays in which an operand stays.
struct StationaryBench {
  rtl_stationary_bench bench;
  template <class Port>
  using To = std::remove_reference_t<Port>*;
  To<decltype(rtl_stationary_bench::ws_in)> in = &bench.ws_in;
  To<decltype(rtl_stationary_bench::ws_foot_in)> foot_in = &bench.ws_foot_in;
  To<decltype(rtl_stationary_bench::ws_acc)> acc = &bench.ws_acc;
  std::function<std::int64_t(std::int64_t)> partial = [this](std::int64_t index) {
    return sum_at(bench.ws_partial, index);
  };

  explicit StationaryBench(const Setting& setting) {
    if (!setting.lean()) return;
    const auto use = [&](auto& own_in, auto& own_foot_in, auto& own_acc, auto& own_partial) {
      in = &own_in;
      foot_in = &own_foot_in;
      acc = &own_acc;
      partial = [&own_partial](std::int64_t index) { return sum_at(own_partial, index); };
    };
    if (setting.rows == 16) {
      use(bench.lean16_in, bench.lean16_foot_in, bench.lean16_acc, bench.lean16_partial);
    } else if (setting.rows == 13) {
      use(bench.lean13_in, bench.lean13_foot_in, bench.lean13_acc, bench.lean13_partial);
    } else if (setting.rows == 5) {
      use(bench.lean5_in, bench.lean5_foot_in, bench.lean5_acc, bench.lean5_partial);
    } else {
      use(bench.lean1_in, bench.lean1_foot_in, bench.lean1_acc, bench.lean1_partial);
    }
  }
  [[nodiscard]] std::int64_t foot(std::int64_t col) const { return sum_at(*acc, col); }
};

/// Drives the edges as FoldSequence says and compares what comes out.
void expect_operand_stationary(const Setting& setting, const Run& run) {
  const bool lean = setting.lean();
  StationaryBench rtl(setting);
  const UnitPlan how = run.unit_plan();
  const FoldLayout layout(how, run.array.rows);
  const StationaryRoles roles(run.array, how, run.left, run.right);
  FoldSequence sequence(roles, layout, cols);
  const OperandPlanes still(roles.still, 3);
  const OperandPlanes moving(roles.moving, 3);
  const int lanes = lean ? 1 : group;
  const int word_bits = 4 * lanes + 3;
  std::vector<BeatControl> beats;
  std::vector<LoadControl> loads;
  const auto beat_at = [&](std::int64_t cycle) {
    return cycle < 0 ? BeatControl{} : beats[static_cast<std::size_t>(cycle)];
  };
  const auto output_of = [&](const BeatControl& beat, std::int64_t col) {
    return roles.output(sequence.fold(beat.fold).wave * cols + col, beat.line);
  };
  std::vector<std::int64_t> sums(run.product.sums.size(), -1);
  std::int64_t compared = 0;
  std::int64_t last_sum = 0;
  for (std::int64_t cycle = 0; cycle < run.product.cycles(); ++cycle) {
    beats.push_back(sequence.next_beat());
    loads.push_back(sequence.next_load());
    for (std::int64_t r = 0; r < layout.rows(); ++r) {
      const Shown& edge = run.recorder.at(cycle, r, 0);
      const int at = static_cast<int>(r);
      put_codes(*rtl.in, 32 + 4 * lanes * at, roles.weights_stay ? edge.a : edge.w, lanes);
      put(*rtl.in, 16 + at, 1, beat_at(cycle - layout.lag(r)).takes_over ? 1 : 0);
    }
    for (std::int64_t b = 0; b < layout.blocks(); ++b) {
      // The flag comes with the group's last row, whether that row has a code or not.
      const std::int64_t bottom = (b + 1) * layout.block() - 1;
      const BeatControl beat = beat_at(cycle - layout.lag(bottom));
      int flag = 0;
      if (beat.valid) {
        const Fold& fold = sequence.fold(beat.fold);
        const std::int64_t k = fold.k.begin + b * layout.block() * layout.per_element();
        if (k < fold.k.end) flag = moving.shift(0, beat.line, k);
      }
      put(*rtl.in, 160 + 4 * static_cast<int>(b), 4, static_cast<unsigned>(flag));
    }
    for (std::int64_t c = 0; c < cols; ++c) {
      const int at = static_cast<int>(c);
      const LoadControl load =
          cycle < c ? LoadControl{} : loads[static_cast<std::size_t>(cycle - c)];
      put(*rtl.in, at, 1, load.valid ? 1 : 0);
      put(*rtl.in, 8 + at, 1, load.step == 0 ? 1 : 0);
      std::span<const std::int16_t> codes;
      int flag = 0;
      if (load.valid) {
        const Fold& fold = sequence.fold(load.fold);
        const std::int64_t row = layout.load_cycles(fold.k.size()) - 1 - load.step;
        const std::int64_t line = fold.wave * cols + c;
        const std::int64_t block_k =
            fold.k.begin + row / layout.block() * layout.block() * layout.per_element();
        if (line < roles.still.rows) {
          const std::int64_t k = std::min(fold.k.begin + row * lanes, fold.k.end);
          codes = still.codes(0, line, k, std::min(k + lanes, fold.k.end));
          flag = still.shift(0, line, block_k);
        }
      }
      put_codes(*rtl.in, 192 + word_bits * at, codes, lanes);
      put(*rtl.in, 192 + word_bits * at + 4 * lanes, 3, static_cast<unsigned>(flag));
      // The foot adds what left the column in the clock before.
      const BeatControl sum = beat_at(cycle - 1 - how.latency_cycles - layout.last_lag() - c);
      const bool line_there =
          sum.valid && sequence.fold(sum.fold).wave * cols + c < roles.still.rows;
      put(*rtl.foot_in, 8 * at, 1, line_there ? 1 : 0);
      put(*rtl.foot_in, 8 * at + 1, 1, line_there && sequence.fold(sum.fold).k.begin == 0 ? 1 : 0);
      put(*rtl.foot_in, 8 * at + 4, 4, static_cast<unsigned>(sum.line));
    }
    clock(rtl.bench);
    for (std::int64_t c = 0; c < cols; ++c) {
      for (std::int64_t b = 0; b < layout.blocks(); ++b) {
        const Shown& element =
            run.recorder.at(cycle - how.latency_cycles, (b + 1) * layout.block() - 1, c);
        if (!element.works || !element.ends) continue;
        ASSERT_EQ(rtl.partial(b * cols + c), element.accumulator)
            << "block " << b << ", column " << c << ", cycle " << cycle;
        ++compared;
      }
      const BeatControl sum = beat_at(cycle - 1 - how.latency_cycles - layout.last_lag() - c);
      if (!sum.valid || sequence.fold(sum.fold).wave * cols + c >= roles.still.rows) continue;
      sums[static_cast<std::size_t>(output_of(sum, c))] = rtl.foot(c);
      last_sum = cycle;
    }
  }
  EXPECT_EQ(last_sum + 1, run.product.cycles());
  EXPECT_EQ(sums, run.product.sums);
  EXPECT_GT(compared, 0);
}

void expect_equal(const Setting& setting, const EncodedMatrix& a, const EncodedMatrix& w) {
  const Run run(setting, a, w);
  if (setting.dataflow == Dataflow::output_stationary) {
    expect_output_stationary(run);
  } else {
    expect_operand_stationary(setting, run);
  }
}

class RtlStationary : public ::testing::TestWithParam<Setting> {
 protected:
  const FormatSpec activations = sdr(16, 3, group);
  const FormatSpec weights = sdr(8, 3, group);

  void expect(const EncodedMatrix& a, const EncodedMatrix& w) {
    // Activations stay: their flags need four bits, so the operands change sides, as they would at
    // the edges of the same array.
    if (GetParam().dataflow == Dataflow::input_stationary) {
      expect_equal(GetParam(), w, a);
    } else {
      expect_equal(GetParam(), a, w);
    }
  }
};

TEST_P(RtlStationary, EqualsTheRegistersOnRandomOperands) {
  std::mt19937 random(random_seed(3));
  for (unsigned i = 0; i < random_cases(25); ++i) {
    const std::int64_t m = 1 + random() % 15;
    const std::int64_t n = 1 + random() % 12;
    const std::int64_t k = 1 + random() % 90;
    SCOPED_TRACE(::testing::Message() << m << " x " << n << " x " << k);
    const FormatSpec left = random() % 4 == 0 ? weights : activations;
    expect(operand(left, m, k, Fill::spread, random()),
           operand(weights, n, k, Fill::spread, random()));
    if (HasFatalFailure()) return;
  }
  record_random_cases(random_cases(25));
}

TEST_P(RtlStationary, EqualsTheRegistersAtTheEdges) {
  for (const Fill a : {Fill::largest, Fill::smallest, Fill::zero}) {
    for (const Fill w : {Fill::largest, Fill::smallest, Fill::random}) {
      expect(operand(activations, 5, 40, a, 1), operand(weights, 4, 40, w, 2));
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(RtlStationary, EqualsTheRegistersOnTheShippedLayer) {
  const Trace trace = read_trace(
      fmt::format("{}/traces/data/smollm2-135m-layer15.safetensors", RAZORSIM_TEST_SOURCE_DIR));
  const TraceSource source(trace);
  for (const Operation& operation : trace.operations) {
    if (operation.kind != OperationKind::linear) continue;
    FormatSpec statically = activations;
    statically.calibration = Calibration::from_file;
    const EncodedMatrix a = encode_tensor(source, operation.inputs.front(), statically, false);
    const EncodedMatrix w = encode_tensor(source, operation.weight, weights, true);
    expect(window(a, {0, 15}, {0, 200}), window(w, {0, 10}, {0, 200}));
    if (HasFatalFailure()) return;
  }
}

std::vector<Setting> settings() {
  std::vector<Setting> all = {{"sdr_dot", Dataflow::output_stationary, 4}};
  for (const Dataflow dataflow : {Dataflow::weight_stationary, Dataflow::input_stationary}) {
    all.push_back({"sdr_dot", dataflow, 4});
    for (const std::int64_t rows : {16, 13, 5, 1}) all.push_back({"sdr_lean", dataflow, rows});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Arrays, RtlStationary, ::testing::ValuesIn(settings()),
                         [](const auto& each) {
                           return fmt::format("{}_{}_{}", each.param.unit,
                                              name_of(each.param.dataflow), each.param.rows);
                         });

}  // namespace
}  // namespace razorsim

#else

TEST(RtlStationary, NeedsVerilator) {
  GTEST_SKIP() << "built without Verilator 5 (Debian package verilator)";
}

#endif
