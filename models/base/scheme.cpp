// SPDX-License-Identifier: Apache-2.0
#include "models/base/scheme.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <utility>

#include "models/base/errors.h"
#include "models/base/pattern.h"

namespace razorsim {
namespace {

constexpr std::string_view grammar =
    "allowed: sdr4, int8, int16x8, int4, mxfp4, nvfp4, fp16, fp32, or W4A4, W4A8, W4A16, W8A8, "
    "W8A16, "
    "each with KV4 or KV8 and then Q4P4 if wanted";
constexpr std::string_view suffixes =
    "allowed: :g<group>, :gw<group>, :ga<group>, :base8, :static, :dynamic, :half_even, :truncate, "
    ":saturate, :head_dim, :before_rope";

[[noreturn]] void refuse(std::string_view name, std::string_view message) {
  throw ConfigError("scheme", "'" + std::string(name) + "' " + std::string(message));
}

// The formats of which SDR.md's table is made.

FormatSpec integer(std::string_view name, ScaleGranularity granularity, Calibration calibration) {
  FormatSpec spec;
  spec.name = name;
  spec.base_bits = name == "int16" ? 16 : 8;  // of SDR alone it is a setting
  spec.granularity = granularity;
  spec.calibration = calibration;
  return spec;
}

FormatSpec per_channel(std::string_view name) {
  return integer(name, ScaleGranularity::row, Calibration::from_file);
}
FormatSpec per_token(std::string_view name) {
  return integer(name, ScaleGranularity::row, Calibration::on_the_fly);
}
FormatSpec per_tensor(std::string_view name) {
  return integer(name, ScaleGranularity::tensor, Calibration::from_file);
}
FormatSpec probabilities(std::string_view name) {
  return integer(name, ScaleGranularity::tensor, Calibration::unit_range);
}

FormatSpec sdr(int base_bits, int magnitude_bits, ScaleGranularity granularity,
               Calibration calibration) {
  FormatSpec spec = integer("sdr", granularity, calibration);
  spec.base_bits = base_bits;
  spec.magnitude_bits = magnitude_bits;
  return spec;
}

FormatSpec block_float(std::string_view name, Calibration calibration) {
  FormatSpec spec;
  spec.name = name;
  spec.group = name == "mxfp4" ? 32 : 16;
  spec.granularity = name == "mxfp4" ? ScaleGranularity::group : ScaleGranularity::tensor;
  spec.calibration = calibration;
  return spec;
}

/// Attention and head as every scheme but fp32 has them unless it says otherwise.
Scheme common() {
  Scheme scheme;
  scheme.query = per_tensor("int16");
  scheme.key = per_tensor("int8");
  scheme.value = per_tensor("int8");
  scheme.softmax = probabilities("int16");
  scheme.head_weights = per_channel("int8");
  scheme.head_activations = per_tensor("int16");
  return scheme;
}

/// Takes `word` off the front of `text` if it stands there.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// W<bits>A<bits>[KV<bits>[Q4P4]]; nothing when `text` is not of this form.
std::optional<Scheme> from_bits(std::string_view text) {
  if (!take(text, "W")) return std::nullopt;
  const auto weights = take_number(text);
  if (!weights || !take(text, "A")) return std::nullopt;
  const auto activations = take_number(text);
  if (!activations) return std::nullopt;

  Scheme scheme = common();
  if (weights == 4) {
    scheme.weights = sdr(8, 3, ScaleGranularity::row, Calibration::from_file);
    if (activations == 4) {
      scheme.activations = sdr(16, 3, ScaleGranularity::tensor, Calibration::from_file);
    } else if (activations == 8) {
      scheme.activations = sdr(16, 7, ScaleGranularity::tensor, Calibration::from_file);
    } else if (activations == 16) {
      scheme.activations = per_tensor("int16");
    } else {
      return std::nullopt;
    }
  } else if (weights == 8 && activations == 8) {
    scheme.weights = per_channel("int8");
    scheme.activations = scheme.query = per_token("int8");
    scheme.softmax = probabilities("int8");
  } else if (weights == 8 && activations == 16) {
    scheme.weights = per_channel("int8");
    scheme.activations = per_tensor("int16");
  } else {
    return std::nullopt;
  }

  if (take(text, "KV4")) {
    scheme.key = scheme.value = sdr(8, 3, ScaleGranularity::tensor, Calibration::from_file);
    if (take(text, "Q4P4")) {
      scheme.query = sdr(16, 3, ScaleGranularity::tensor, Calibration::from_file);
      scheme.softmax = sdr(16, 3, ScaleGranularity::tensor, Calibration::unit_range);
    }
  } else {
    take(text, "KV8");  // the default, said aloud: then `eval` quantises attention too
  }
  if (!text.empty()) return std::nullopt;
  return scheme;
}

std::optional<Scheme> from_word(std::string_view word) {
  if (word == "fp32" || word == "fp16") {
    Scheme scheme;
    FormatSpec format;
    format.name = word;
    for (FormatSpec Scheme::*operand :
         {&Scheme::weights, &Scheme::activations, &Scheme::query, &Scheme::key, &Scheme::value,
          &Scheme::softmax, &Scheme::head_weights, &Scheme::head_activations}) {
      scheme.*operand = format;
    }
    return scheme;
  }
  Scheme scheme = common();
  if (word == "int4") {
    scheme.weights = per_channel("int4");
    scheme.activations = per_token("int4");
  } else if (word == "mxfp4") {
    scheme.weights = block_float("mxfp4", Calibration::from_file);
    scheme.activations = block_float("mxfp4", Calibration::on_the_fly);
  } else if (word == "nvfp4") {
    scheme.weights = scheme.activations = block_float("nvfp4", Calibration::from_file);
  } else {
    return std::nullopt;
  }
  return scheme;
}

constexpr std::initializer_list<FormatSpec Scheme::*> left_operands = {
    &Scheme::activations, &Scheme::query, &Scheme::softmax};
constexpr std::initializer_list<FormatSpec Scheme::*> right_operands = {
    &Scheme::weights, &Scheme::key, &Scheme::value};

/// Applies `change` to each SDR operand of `operands`; false when there is none.
template <class Change>
bool change_sdr(Scheme& scheme, std::initializer_list<FormatSpec Scheme::*> operands,
                Change change) {
  bool any = false;
  for (FormatSpec Scheme::*operand : operands) {
    if ((scheme.*operand).name != "sdr") continue;
    change(scheme.*operand);
    any = true;
  }
  return any;
}

/// A group for weights, K and V (`right`), for activations, query and softmax output (`left`), or
/// both.
bool set_group(Scheme& scheme, int group, bool left, bool right) {
  const auto set = [&](FormatSpec& spec) { spec.group = group; };
  bool any = false;
  if (right) any |= change_sdr(scheme, right_operands, set);
  if (left) any |= change_sdr(scheme, left_operands, set);
  // A group on INT4 means what it means in the literature: an FP16 scale a group.
  if (right && scheme.weights.name == "int4") {
    scheme.weights.granularity = ScaleGranularity::group;
    set(scheme.weights);
    any = true;
  }
  if (left && scheme.activations.name == "int4" &&
      scheme.activations.calibration == Calibration::on_the_fly) {
    scheme.activations.granularity = ScaleGranularity::group;
    set(scheme.activations);
    any = true;
  }
  return any;
}

/// Static: one scale a tensor, from calibration. Dynamic: one a token, from the values at hand. The
/// query follows where it has the format of the activations (W8A8, W8A16).
bool set_calibration(Scheme& scheme, Calibration calibration) {
  const std::string_view activations = scheme.activations.name;
  if (activations == "fp32" || activations == "fp16" || activations == "mxfp4") return false;
  const bool query_too = scheme.query == scheme.activations;
  FormatSpec& spec = scheme.activations;
  if (spec.granularity == ScaleGranularity::group) return calibration == spec.calibration;
  spec.calibration = calibration;
  if (spec.name != "nvfp4") {
    spec.granularity =
        calibration == Calibration::on_the_fly ? ScaleGranularity::row : ScaleGranularity::tensor;
  }
  if (query_too) scheme.query = spec;
  return true;
}

void apply(Scheme& scheme, std::string_view suffix, std::string_view whole) {
  bool effective = true;
  const auto every_sdr = [&](auto change) {
    const bool right = change_sdr(scheme, right_operands, change);
    return change_sdr(scheme, left_operands, change) || right;
  };
  std::string_view rest = suffix;
  if (suffix == "base8") {
    effective = change_sdr(scheme, left_operands, [](FormatSpec& spec) { spec.base_bits = 8; });
  } else if (suffix == "static") {
    effective = set_calibration(scheme, Calibration::from_file);
  } else if (suffix == "dynamic") {
    effective = set_calibration(scheme, Calibration::on_the_fly);
  } else if (suffix == "half_even") {
    effective = every_sdr([](FormatSpec& spec) { spec.rounding = Rounding::half_even; });
  } else if (suffix == "truncate") {
    effective = every_sdr([](FormatSpec& spec) { spec.rounding = Rounding::truncate; });
  } else if (suffix == "saturate") {
    effective = every_sdr([](FormatSpec& spec) { spec.overflow = Overflow::saturate; });
  } else if (suffix == "head_dim") {
    effective = scheme.value.name == "sdr";
    scheme.value_axis = ValueAxis::head_dim;
  } else if (suffix == "before_rope") {
    effective = scheme.key.name != "fp32";
    scheme.key_position = KeyPosition::before_rope;
  } else if (take(rest, "g")) {
    const bool right = !take(rest, "a");
    const bool left = !right || !take(rest, "w");
    const auto group = take_number(rest);
    if (!group || !rest.empty())
      refuse(whole, "has the suffix ':" + std::string(suffix) + "'; " + std::string(suffixes));
    if (group < 1 || group > 4096)
      refuse(whole, "has a group of " + std::to_string(*group) + "; allowed: 1 to 4096");
    const bool fixed = scheme.weights.name == "mxfp4" || scheme.weights.name == "nvfp4";
    effective = fixed ? group == scheme.weights.group : set_group(scheme, *group, left, right);
  } else {
    static constexpr std::string_view known[] = {"base8",    "static",   "dynamic",  "half_even",
                                                 "truncate", "saturate", "head_dim", "before_rope"};
    refuse(whole, "has the suffix ':" + std::string(suffix) + "'; " + std::string(suffixes) +
                      did_you_mean(suffix, known));
  }
  if (!effective)
    refuse(whole, "has the suffix ':" + std::string(suffix) + "', which means nothing there");
}

}  // namespace

const FormatSpec& Scheme::format_of(Operand operand, std::string_view operation) const {
  const auto last =
      std::find_if(overrides.rbegin(), overrides.rend(), [&](const SchemeOverride& each) {
        return each.operand == operand && matches_pattern(each.operations, operation);
      });
  if (last != overrides.rend()) return last->format;
  switch (operand) {
    case Operand::weights: return weights;
    case Operand::activations: return activations;
    case Operand::query: return query;
    case Operand::key: return key;
    case Operand::value: return value;
    case Operand::softmax: return softmax;
    case Operand::head_weights: return head_weights;
    case Operand::head_activations: return head_activations;
  }
  throw Defect("an operand without a format");
}

Scheme scheme_from_name(std::string_view name) {
  std::string_view rest = name;
  std::string canonical(rest.substr(0, rest.find(':')));
  std::vector<std::string_view> words;
  for (const SchemeAlias& each : scheme_aliases()) {
    words.push_back(each.alias);
    if (each.alias != canonical) continue;
    canonical = each.name.substr(0, each.name.find(':'));
    break;
  }
  std::optional<Scheme> scheme = from_bits(canonical);
  if (!scheme) scheme = from_word(canonical);
  if (!scheme) {
    words.insert(words.end(), {"W4A4", "W4A8", "W4A16", "W8A8", "W8A16", "W4A4KV4", "W4A4KV4Q4P4"});
    refuse(name, "is no scheme; " + std::string(grammar) + did_you_mean(canonical, words));
  }
  bool names_group = false;
  rest.remove_prefix(std::min(rest.size(), rest.find(':')));
  std::string tail;
  while (take(rest, ":")) {
    const std::string_view suffix = rest.substr(0, rest.find(':'));
    rest.remove_prefix(suffix.size());
    apply(*scheme, suffix, name);
    names_group |= suffix.starts_with("g");
    tail += ":" + std::string(suffix);
  }
  for (const auto& [left, right] :
       {std::pair{&scheme->activations, &scheme->weights}, std::pair{&scheme->query, &scheme->key},
        std::pair{&scheme->softmax, &scheme->value}}) {
    if (left->name != "sdr" || right->name != "sdr") continue;
    if (std::max(left->group, right->group) % std::min(left->group, right->group) == 0) continue;
    refuse(name, "multiplies groups of " + std::to_string(left->group) + " by groups of " +
                     std::to_string(right->group) + "; one must divide the other");
  }
  const bool is_grouped = change_sdr(*scheme, left_operands, [](FormatSpec&) {}) ||
                          change_sdr(*scheme, right_operands, [](FormatSpec&) {});
  // The group decides accuracy and storage, so a razored scheme's name always says it.
  scheme->name = canonical + (is_grouped && !names_group ? ":g16" : "") + tail;
  return *scheme;
}

const std::vector<SchemeAlias>& scheme_aliases() {
  static const std::vector<SchemeAlias> aliases = {
      {"sdr4", "W4A4KV4:g16",
       "SDR: weights base 8, activations base 16 static, K and V razored; groups of 16"},
      {"int8", "W8A8", "INT8 weights a channel, INT8 activations a token, dynamic"},
      {"int16x8", "W8A16", "INT8 weights a channel, INT16 activations, static"},
      {"int4", "int4",
       "INT4 weights a channel and activations a token; ':g64' gives each group an FP16 scale"},
      {"mxfp4", "mxfp4", "OCP MX v1.0 weights and activations, blocks of 32"},
      {"nvfp4", "nvfp4", "E2M1 weights and activations, blocks of 16 with an E4M3 scale"},
      {"fp16", "fp16", "IEEE binary16 throughout, attention and head included"},
      {"fp32", "fp32", "the reference: nothing quantised"},
  };
  return aliases;
}

}  // namespace razorsim
