// SPDX-License-Identifier: Apache-2.0
#include "sim/app/dump_option.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/base/pattern.h"

namespace razorsim {

std::vector<Option> dump_options() {
  return {
      {"dump-tensors", "DIR",
       "write the operands (codes, flags, scales), accumulators, output and FP32 reference of each "
       "operation there, a .safetensors file each"},
      {"dump", "PATTERN", "with --dump-tensors: operations to write, '*' matches anything", "*",
       true},
  };
}

TensorDump tensor_dump(const Arguments& arguments, const std::vector<std::string>& operations) {
  if (!arguments.has("dump-tensors")) {
    if (arguments.has("dump")) throw ConfigError("--dump", "goes with --dump-tensors");
    return {};
  }
  std::vector<std::string> patterns = arguments.all("dump");
  if (patterns.empty()) patterns.push_back(arguments.text("dump"));
  for (const std::string& pattern : patterns) {
    const auto matches = [&](const std::string& name) { return matches_pattern(pattern, name); };
    if (std::ranges::any_of(operations, matches)) continue;
    const std::vector<std::string_view> names(operations.begin(), operations.end());
    throw ConfigError(
        "--dump", fmt::format("is {}, which matches no operation; allowed: such as {}{}", pattern,
                              operations.front(), did_you_mean(pattern, names)));
  }
  return {arguments.text("dump-tensors"), std::move(patterns)};
}

}  // namespace razorsim
