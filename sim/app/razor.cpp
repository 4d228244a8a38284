// SPDX-License-Identifier: Apache-2.0
#include "sim/app/razor.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/formats/format.h"
#include "models/formats/scales.h"
#include "sim/app/console.h"
#include "sim/config/json.h"
#include "sim/config/load.h"

namespace razorsim {

/// What standard input holds: one row of base integers.
struct RazorInput {
  std::vector<std::int64_t> values;
};
template <>
inline constexpr auto fields<RazorInput> =
    field_table<RazorInput>(field("values", &RazorInput::values, "", any_value,
                                  "base integers of one row, in groups from the first"));

/// What the razor unit makes of it.
struct RazorOutput {
  std::vector<std::int64_t> mantissas;
  std::vector<std::int64_t> flags;
  std::vector<std::int64_t> values;
};
template <>
inline constexpr auto fields<RazorOutput> = field_table<RazorOutput>(
    field("mantissas", &RazorOutput::mantissas, "", any_value, "signed codes, one an element"),
    field("flags", &RazorOutput::flags, "bit", any_value, "truncated bits, one a group"),
    field("values", &RazorOutput::values, "", any_value,
          "razored base integers, mantissa times 2^flag"));

namespace {

/// The option that sets a member of FormatSpec: base_bits is --bits.
std::string option_of(std::string key) {
  if (key == "base_bits") return "--bits";
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

FormatSpec format_of(const Arguments& arguments) {
  FormatSpec format;
  format.name = "sdr";
  format.base_bits = static_cast<int>(arguments.integer("bits", between(8, 16)));
  format.group = static_cast<int>(arguments.integer("group", between(1, 4096)));
  format.magnitude_bits = static_cast<int>(arguments.integer("magnitude-bits", between(1, 7)));
  format.rounding = arguments.choice<Rounding>("rounding");
  format.overflow = arguments.choice<Overflow>("overflow");
  if (auto problems = problems_of(format, ""); !problems.empty()) {
    for (Problem& each : problems) each.path = option_of(each.path);
    throw ConfigError(std::move(problems));
  }
  return format;
}

/// The integers of standard input, each within the symmetric base: -2^(b-1) never occurs.
std::vector<std::int16_t> read_values(int bits) {
  const Value input = parse_json(read_standard_input(), "standard input");
  Shape shape = shape_of<RazorInput>();
  const double largest = largest_integer(bits);
  shape.fields[0].range = between(-largest, largest);
  const RazorInput read = from_value<RazorInput>(input, shape);
  if (!input.find("values"))
    throw ConfigError("values", "is missing; allowed: a list of base integers");
  return {read.values.begin(), read.values.end()};
}

std::string text_of(const RazorOutput& output, int group) {
  std::string text;
  for (std::size_t i = 0; i < output.flags.size(); ++i) {
    const std::size_t begin = i * static_cast<std::size_t>(group);
    const std::size_t end =
        std::min(begin + static_cast<std::size_t>(group), output.mantissas.size());
    text += fmt::format("group {}: flag {}, mantissas", i, output.flags[i]);
    for (std::size_t j = begin; j < end; ++j) text += fmt::format(" {}", output.mantissas[j]);
    text += '\n';
  }
  return text;
}

void run(const Arguments& arguments) {
  const FormatSpec format = format_of(arguments);
  const std::vector<std::int16_t> values = read_values(format.base_bits);
  const auto count = static_cast<std::int64_t>(values.size());
  const EncodedMatrix encoded = encode_integers(format, {values.data(), 1, count}, {1.0F});
  const RazorOutput output{{encoded.codes.begin(), encoded.codes.end()},
                           {encoded.group_codes.begin(), encoded.group_codes.end()},
                           {encoded.values.begin(), encoded.values.end()}};
  if (arguments.has("json")) {
    print(json_text(to_value(output)) + "\n");
  } else if (!arguments.has("quiet")) {
    print(text_of(output, format.group));
  }
}

}  // namespace

Command razor_command() {
  return {
      "razor",
      "razor base integers from standard input: {\"values\": [..]} to mantissas and flags",
      "",
      {
          {"bits", "B", "bits of the base integers, 8 or 16", "16"},
          {"group", "G", "elements that share a flag", "16"},
          {"magnitude-bits", "M", "magnitude bits a code keeps: 3 or 7", "3"},
          {"rounding", "RULE", "half_away, half_even or truncate", "half_away"},
          {"overflow", "RULE", "floor or saturate", "floor"},
      },
      {
          "echo '{\"values\": [1, -300, 7, 0]}' | razorsim razor --bits 16 --group 16 --json",
          "echo '{\"values\": [100, -3]}' | razorsim razor --bits 8 --group 32 --rounding "
          "half_even",
      },
      run,
  };
}

}  // namespace razorsim
