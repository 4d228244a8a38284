// SPDX-License-Identifier: Apache-2.0
// A format describes one tensor; a scheme gives each operand of the network its format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/fields.h"

namespace razorsim {

enum class Rounding { half_away, half_even, truncate };
template <>
inline constexpr auto enum_names<Rounding> = std::to_array<EnumName<Rounding>>({
    {Rounding::half_away, "half_away",
     "to nearest, ties away from zero (what the razor unit does)"},
    {Rounding::half_even, "half_even", "to nearest, ties to the even code"},
    {Rounding::truncate, "truncate", "towards zero"},
});

enum class Overflow { floor, saturate };
template <>
inline constexpr auto enum_names<Overflow> = std::to_array<EnumName<Overflow>>({
    {Overflow::floor, "floor",
     "a magnitude that would round past its bits is not rounded up (sign-magnitude)"},
    {Overflow::saturate, "saturate", "two's complement codes; only a negative reaches -2^m"},
});

enum class ScaleGranularity { tensor, row, group };
template <>
inline constexpr auto enum_names<ScaleGranularity> = std::to_array<EnumName<ScaleGranularity>>({
    {ScaleGranularity::tensor, "tensor", "one scale for the whole tensor"},
    {ScaleGranularity::row, "row",
     "one a row: an output channel of a weight, a token of an activation"},
    {ScaleGranularity::group, "group", "one a group along the reduction dimension"},
});

enum class Calibration { from_file, on_the_fly, unit_range };
template <>
inline constexpr auto enum_names<Calibration> = std::to_array<EnumName<Calibration>>({
    {Calibration::from_file, "static",
     "the scale is chosen before the run, from calibration text or the weights"},
    {Calibration::on_the_fly, "dynamic",
     "the scale is the maximum of the values at hand; finding it is charged"},
    {Calibration::unit_range, "unit", "values lie in 0..1, so absmax is 1 (softmax output)"},
});

/// How one tensor is represented. Which members matter depends on the format.
struct FormatSpec {
  std::string name = "fp32";  ///< a name of formats.def
  int base_bits = 8;
  int magnitude_bits = 3;
  int group = 16;
  int flag_bits = 4;
  Rounding rounding = Rounding::half_away;
  Overflow overflow = Overflow::floor;
  ScaleGranularity granularity = ScaleGranularity::tensor;
  Calibration calibration = Calibration::from_file;

  bool operator==(const FormatSpec&) const = default;
};
template <>
inline constexpr auto fields<FormatSpec> = field_table<FormatSpec>(
    field("format", &FormatSpec::name, "", any_value,
          "name of a number format: sdr, int4, int8, int16, fp16, fp32, mxfp4, nvfp4"),
    field("base_bits", &FormatSpec::base_bits, "bit", between(8, 16),
          "bits of the base integers that SDR razors, 8 or 16",
          "QRazor, arXiv 2501.13331, stage 1"),
    field("magnitude_bits", &FormatSpec::magnitude_bits, "bit", between(1, 7),
          "magnitude bits an SDR code keeps: 3 for the 4-bit, 7 for the 8-bit code",
          "QRazor, stage 2"),
    field("group", &FormatSpec::group, "elements", between(1, 4096),
          "elements that share a flag or a scale, along the reduction dimension", "QRazor, g = 16"),
    field("flag_bits", &FormatSpec::flag_bits, "bit", between(1, 8),
          "stored bits of an SDR flag; base 8 needs only 3", "QRazor: 4 + 4/g effective bits"),
    field("rounding", &FormatSpec::rounding, "", any_value,
          "how razoring rounds the truncated bits"),
    field("overflow", &FormatSpec::overflow, "", any_value,
          "what razoring does where rounding would overflow the code"),
    field("granularity", &FormatSpec::granularity, "", any_value,
          "how many elements share a real-valued scale"),
    field("calibration", &FormatSpec::calibration, "", any_value,
          "when the real-valued scale is chosen"));

/// The operands a scheme names.
enum class Operand {
  weights,
  activations,
  query,
  key,
  value,
  softmax,
  head_weights,
  head_activations
};
template <>
inline constexpr auto enum_names<Operand> = std::to_array<EnumName<Operand>>({
    {Operand::weights, "weights", "weights of the seven linear operations of a layer"},
    {Operand::activations, "activations", "inputs of those linear operations"},
    {Operand::query, "query", "left operand of the attention scores"},
    {Operand::key, "key", "right operand of the attention scores, as cached"},
    {Operand::value, "value", "right operand of the attention context, as cached"},
    {Operand::softmax, "softmax", "softmax output, left operand of the attention context"},
    {Operand::head_weights, "head_weights", "weights of the output head"},
    {Operand::head_activations, "head_activations", "input of the output head"},
});

enum class KeyPosition { after_rope, before_rope };
template <>
inline constexpr auto enum_names<KeyPosition> = std::to_array<EnumName<KeyPosition>>({
    {KeyPosition::after_rope, "after_rope", "K is encoded after rotary embedding, along head_dim"},
    {KeyPosition::before_rope, "before_rope",
     "K is encoded before rotary embedding, which is applied again at each use"},
});

enum class ValueAxis { tokens, head_dim };
template <>
inline constexpr auto enum_names<ValueAxis> = std::to_array<EnumName<ValueAxis>>({
    {ValueAxis::tokens, "tokens",
     "V is grouped along tokens; the incomplete last group stays at its base in a residual buffer"},
    {ValueAxis::head_dim, "head_dim", "V is grouped along head_dim, one shift a product"},
});

/// A format for the operations whose name matches `operations` ('*' matches any run of characters).
struct SchemeOverride {
  std::string operations = "*";
  Operand operand = Operand::weights;
  FormatSpec format;

  bool operator==(const SchemeOverride&) const = default;
};
template <>
inline constexpr auto fields<SchemeOverride> = field_table<SchemeOverride>(
    field("operations", &SchemeOverride::operations, "", any_value,
          "pattern of operation names, '*' matches anything"),
    field("operand", &SchemeOverride::operand, "", any_value,
          "the operand whose format is replaced"),
    field("format", &SchemeOverride::format, "", any_value, "the format it has there"));

struct Scheme {
  std::string name = "W4A4KV4:g16";
  FormatSpec weights;
  FormatSpec activations;
  FormatSpec query;
  FormatSpec key;
  FormatSpec value;
  FormatSpec softmax;
  FormatSpec head_weights;
  FormatSpec head_activations;
  KeyPosition key_position = KeyPosition::after_rope;
  ValueAxis value_axis = ValueAxis::tokens;
  std::vector<SchemeOverride> overrides;

  /// The format of `operand` in the operation called `operation` (the last matching override wins).
  [[nodiscard]] const FormatSpec& format_of(Operand operand, std::string_view operation = {}) const;
  bool operator==(const Scheme&) const = default;
};
template <>
inline constexpr auto fields<Scheme> = field_table<Scheme>(
    field("name", &Scheme::name, "", any_value, "the scheme's name in results"),
    field("weights", &Scheme::weights, "", any_value, "format of the weights of linear operations"),
    field("activations", &Scheme::activations, "", any_value,
          "format of the inputs of linear operations"),
    field("query", &Scheme::query, "", any_value, "format of the query in attention"),
    field("key", &Scheme::key, "", any_value, "format of the K cache"),
    field("value", &Scheme::value, "", any_value, "format of the V cache"),
    field("softmax", &Scheme::softmax, "", any_value, "format of the softmax output"),
    field("head_weights", &Scheme::head_weights, "", any_value,
          "format of the output head's weights"),
    field("head_activations", &Scheme::head_activations, "", any_value,
          "format of the output head's input"),
    field("key_position", &Scheme::key_position, "", any_value,
          "where K is encoded, before or after rotary embedding"),
    field("value_axis", &Scheme::value_axis, "", any_value,
          "the dimension along which V is grouped"),
    field("overrides", &Scheme::overrides, "", any_value,
          "formats that differ a layer or operation"));

/// Reads a scheme's name: the aliases sdr4 int8 int16x8 int4 mxfp4 nvfp4 fp16 fp32, or
/// W<bits>A<bits>[KV<bits>[Q4P4]] with suffixes ":g<group>" (":gw<n>:ga<n>" for different groups),
/// ":base8", ":static", ":dynamic", ":half_even", ":truncate", ":saturate", ":head_dim",
/// ":before_rope". Throws ConfigError naming what is allowed.
[[nodiscard]] Scheme scheme_from_name(std::string_view name);

/// The aliases and the canonical name each stands for, for `razorsim list schemes`.
struct SchemeAlias {
  std::string_view alias;
  std::string_view name;
  std::string_view meaning;
};
[[nodiscard]] const std::vector<SchemeAlias>& scheme_aliases();

}  // namespace razorsim
