// SPDX-License-Identifier: Apache-2.0
#include "sim/app/waves.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/errors.h"
#include "models/hardware/array_unit.h"
#include "models/mapping/passes.h"

namespace razorsim {

std::vector<Option> wave_options() {
  return {
      {"vcd", "FILE",
       "with --fidelity pe: write what every module does and the array's registers over the "
       "machine's own time, as a waveform for GTKWave"},
      {"vcd-operation", "NAME", "the product whose registers it shows (default: any)"},
      {"vcd-cycles", "N", "cycles of registers in it, from the product's first tile on", "256"}};
}

std::optional<WaveRequest> read_wave_request(const Arguments& arguments,
                                             const std::vector<Operation>& operations,
                                             const Scheme& scheme, const RunSettings& settings) {
  if (!arguments.has("vcd")) {
    if (arguments.has("vcd-operation"))
      throw ConfigError("--vcd-operation", "chooses what --vcd shows; allowed with --vcd FILE");
    return std::nullopt;
  }
  if (settings.fidelity != Fidelity::pe)
    throw ConfigError("--vcd", "needs registers; allowed with --fidelity pe");
  WaveRequest request;
  request.cycles = arguments.integer("vcd-cycles", between(1, 100000));
  const ArraySpec& array = settings.machine.array;
  // An element's registers take about a kilobyte a cycle while they are recorded.
  constexpr std::int64_t most = std::int64_t{1} << 20;
  if (array.rows * array.cols * request.cycles > most) {
    throw ConfigError("--vcd-cycles",
                      fmt::format("is {}; allowed on {} x {} elements: at most {}", request.cycles,
                                  array.rows, array.cols, most / (array.rows * array.cols)));
  }
  const UnitSpec unit = choose_unit(array.unit, operations, scheme);
  const std::string name = arguments.has("vcd-operation") ? arguments.text("vcd-operation") : "";
  std::vector<std::string_view> products;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& each = operations[i];
    if (!each.is_product()) continue;
    products.push_back(each.name);
    if (each.name == name) request.operation = static_cast<int>(i);
    const ProductFormats formats = formats_of(each, scheme);
    if ((name.empty() || each.name == name) && plan(unit, formats.left, formats.right).floating)
      throw ConfigError("--vcd", "shows integer units; allowed: schemes such as sdr4 and int8");
  }
  if (!name.empty() && request.operation < 0) {
    throw ConfigError("--vcd-operation",
                      fmt::format("is '{}'; allowed: {}{}", name, fmt::join(products, ", "),
                                  did_you_mean(name, products)));
  }
  return request;
}

}  // namespace razorsim
