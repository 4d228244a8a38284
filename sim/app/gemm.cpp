// SPDX-License-Identifier: Apache-2.0
#include "sim/app/gemm.h"

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/formats/format.h"
#include "models/hardware/array_unit.h"
#include "sim/app/console.h"
#include "sim/app/operands.h"
#include "sim/app/scale_sim.h"
#include "sim/app/watch.h"
#include "sim/app/waves.h"
#include "sim/app/workload.h"
#include "sim/config/json.h"
#include "sim/config/locate.h"
#include "sim/result/files.h"
#include "sim/result/json_writer.h"
#include "sim/result/summary.h"

namespace razorsim {
namespace {

constexpr double largest_side = 1 << 20;

Operation product(std::int64_t m, std::int64_t k, std::int64_t n) {
  Operation operation;
  operation.name = "gemm";
  operation.kind = OperationKind::linear;
  operation.m = m;
  operation.k = k;
  operation.n = n;
  operation.inputs = {"a"};
  operation.weight = "w";
  operation.output = "gemm.output";
  return operation;
}

/// The integers of a file are the base: the format takes them as they are, whatever it would do to
/// real numbers.
void take_base(FormatSpec& format, int bits, const char* key) {
  if (!is_integer_format(format)) {
    throw ConfigError(
        "--scheme",
        fmt::format(
            "makes '{}' {}, a floating format; allowed for --operands: sdr, int4, int8, int16", key,
            format.name));
  }
  if (format.name == "sdr") {
    format.base_bits = bits;
    if (auto problems = problems_of(format, key); !problems.empty())
      throw ConfigError(std::move(problems));
  } else if (integer_bits(format) != bits) {
    throw ConfigError(key, fmt::format("is {}; allowed: {}, the bits of the scheme's {}", bits,
                                       integer_bits(format), format.name));
  }
  format.calibration = Calibration::from_file;
  format.granularity = ScaleGranularity::tensor;
}

JsonArray rows_of(const RunResult& result, std::int64_t rows, std::int64_t cols) {
  JsonArray all;
  const auto value = [&](std::size_t at) {
    return result.accumulators.empty() ? Value(static_cast<double>(result.outputs[at]))
                                       : Value(result.accumulators[at]);
  };
  for (std::int64_t i = 0; i < rows; ++i) {
    JsonArray row;
    for (std::int64_t j = 0; j < cols; ++j)
      row.push_back(value(static_cast<std::size_t>(i * cols + j)));
    all.push_back(std::move(row));
  }
  return all;
}

/// What is multiplied.
struct GemmInput {
  Workload workload;
  Scheme scheme;
  Operands operands;   ///< empty where only shapes are asked for
  bool given = false;  ///< by a file
};

GemmInput read_input(const Arguments& arguments, bool with_values) {
  GemmInput input;
  input.scheme = load_scheme(arguments.text("scheme"));
  input.given = arguments.has("operands");
  std::int64_t m = 0, k = 0, n = 0;
  if (input.given) {
    for (const char* side : {"m", "k", "n", "seed"}) {
      if (arguments.has(side))
        throw ConfigError(fmt::format("--{}", side),
                          "goes with made-up operands, not with --operands");
    }
    input.operands = read_operands(arguments.text("operands"), input.scheme);
    take_base(input.scheme.activations, input.operands.bits_a, "bits_a");
    take_base(input.scheme.weights, input.operands.bits_w, "bits_w");
    m = input.operands.a.rows;
    k = input.operands.a.cols;
    n = input.operands.w.rows;
  } else {
    for (const char* side : {"m", "k", "n"}) {
      if (!arguments.has(side))
        throw ConfigError(fmt::format("--{}", side), "is needed, or --operands FILE");
    }
    m = arguments.integer("m", between(1, largest_side));
    k = arguments.integer("k", between(1, largest_side));
    n = arguments.integer("n", between(1, largest_side));
    const auto seed = static_cast<std::uint64_t>(arguments.integer("seed", non_negative));
    if (with_values) input.operands = make_operands(m, k, n, seed, input.scheme);
  }
  input.workload.operations = {product(m, k, n)};
  input.workload.description = fmt::format("matrix product {} x {} x {}", m, k, n);
  return input;
}

/// The product as the array takes it, for --watch.
struct OnArray {
  UnitSpec unit;
  EncodedMatrix a;
  EncodedMatrix w;
};
OnArray on_array(const GemmInput& input, const RunSettings& settings) {
  OnArray product;
  product.unit = choose_unit(settings.machine.array.unit, input.workload.operations, input.scheme);
  const FormatSpec& a = input.scheme.activations;
  const FormatSpec& w = input.scheme.weights;
  if (plan(product.unit, a, w).floating)
    throw ConfigError("--watch", "shows integer units; allowed: schemes such as sdr4 and int8");
  const auto encoded = [](const FormatSpec& format, const BaseIntegers& base) {
    return encode_integers(format, {base.values.data(), base.rows, base.cols}, {1.0F});
  };
  product.a = encoded(a, input.operands.a);
  product.w = encoded(w, input.operands.w);
  return product;
}

/// --watch: the array alone, register by register.
void watch(const Arguments& arguments, const RunSettings& settings) {
  for (const char* option : {"json", "out", "chain", "mapping", "vcd"}) {
    if (arguments.has(option))
      throw ConfigError(fmt::format("--{}", option), "goes without --watch");
  }
  const OnArray product = on_array(read_input(arguments, true), settings);
  print(watch_text(settings.machine.array, product.unit, product.a, product.w,
                   read_place(arguments.text("follow"))));
}

void run_gemm(const Arguments& arguments) {
  if (asks_scale_sim(arguments))
    return answer_as_scale_sim(arguments, read_input(arguments, false).workload);
  RunSettings settings = read_settings(arguments, true);
  if (arguments.has("watch")) return watch(arguments, settings);
  settings.timeline = arguments.has("out") && arguments.on("timeline");
  GemmInput input = read_input(arguments, settings.values);
  const std::vector<Operation>& operations = input.workload.operations;
  settings.waves = read_wave_request(arguments, operations, input.scheme, settings);
  read_mapping_option(arguments, operations, false, settings);
  RunRequest request{.machine = settings.machine,
                     .operations = operations,
                     .scheme = input.scheme,
                     .technology = settings.technology,
                     .mapping = settings.mapping,
                     .fidelity = settings.fidelity,
                     .timeline = settings.timeline,
                     .waves = settings.waves,
                     .values = nullptr,
                     .provenance = {}};
  request.provenance.tool_version = version();
  request.provenance.workload = input.workload.description;
  std::unique_ptr<RunValues> values;
  if (settings.values) {
    auto source = std::make_shared<OperandSource>("a", std::move(input.operands.a), "w",
                                                  std::move(input.operands.w));
    const UnitSpec unit = choose_unit(settings.machine.array.unit, operations, input.scheme);
    values = std::make_unique<RunValues>(std::move(source), NetworkSpec{}, operations, input.scheme,
                                         ValueOptions{.threads = settings.threads,
                                                      .unit = unit,
                                                      .array = settings.machine.array,
                                                      .keep_sums = true,
                                                      .weights = nullptr,
                                                      .dump = {}});
    request.values = values.get();
  }
  std::string vcd;
  const RunResult result = run(request, settings.waves ? &vcd : nullptr);
  if (settings.waves) write_file(arguments.text("vcd"), vcd);
  const Value spec = spec_value(settings, input.scheme);
  if (arguments.has("out")) write_results(arguments.text("out"), result, spec, settings.timeline);
  if (arguments.has("json")) {
    Value value = result_value(result, spec);
    if (input.given && settings.values) {
      value.set(result.accumulators.empty() ? "outputs" : "accumulators",
                rows_of(result, operations.front().m, operations.front().n));
    }
    print(json_text(value) + "\n");
  } else if (!arguments.has("quiet")) {
    print(summary_text(result));
  }
}

}  // namespace

Command gemm_command() {
  return {
      "gemm",
      "simulate one matrix product, of made-up operands or of base integers in a file",
      "[CONFIG]",
      joined({{"m", "M", "rows of the left operand: tokens"},
              {"k", "K", "length of the reduction"},
              {"n", "N", "columns of the output: output channels"},
              {"operands", "FILE",
               "{\"a\": [[..]], \"w\": [[..]], \"bits_a\": 16, \"bits_w\": 8} or .safetensors with "
               "a and w; a is M x K, w is N x K"},
              {"seed", "S", "seed of made-up operands", "0"},
              {"scheme", "NAME", "formats of activations and weights", "sdr4"},
              semantics_option(),
              {"watch", "",
               "step a small array alone and show every register, cycle by cycle (at most 8 x 8)"},
              {"follow", "I,J", "the output that --watch spells out bit by bit", "0,0"}},
             joined(joined(machine_options(), wave_options()), single_run_options())),
      {
          "razorsim gemm --m 128 --k 4096 --n 4096 --scheme sdr4 --seed 7 --values off",
          "razorsim gemm --m 16 --k 64 --n 16 --scheme int8 --json",
          "razorsim gemm --operands operands.json --scheme W4A4:g16 --json",
          "razorsim gemm --m 128 --k 4096 --n 4096 --semantics scale-sim-v3 --set "
          "array.dataflow=ws",
      },
      run_gemm,
  };
}

}  // namespace razorsim
