// SPDX-License-Identifier: Apache-2.0
#include "models/formats/sdr.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <vector>

#include "models/formats/format_kernels.h"
#include "models/formats/integer.h"

namespace razorsim {
namespace {

template <Rounding rounding, Overflow overflow>
void cut(int flag, int magnitude_bits, std::span<const std::int16_t> base, std::int16_t* codes,
         std::int16_t* values) {
  const std::int32_t largest = (1 << magnitude_bits) - 1;
  const std::int32_t half = flag > 0 ? 1 << (flag - 1) : 0;
  const std::int32_t rest_mask = (1 << flag) - 1;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::int32_t magnitude = std::abs(static_cast<std::int32_t>(base[i]));
    std::int32_t code = magnitude >> flag;
    bool up = false;
    if constexpr (rounding == Rounding::half_away) {
      up = (magnitude & half) != 0;
    } else if constexpr (rounding == Rounding::half_even) {
      const std::int32_t rest = magnitude & rest_mask;
      up = rest > half || (rest == half && rest != 0 && (code & 1) != 0);
    }
    const bool negative = base[i] < 0;
    if constexpr (overflow == Overflow::floor) {
      code += up && code != largest ? 1 : 0;
    } else {
      // Rounding can pass the largest code by one at most, which a negative may keep.
      code = std::min(code + (up ? 1 : 0), largest + (negative ? 1 : 0));
    }
    code = negative ? -code : code;
    codes[i] = static_cast<std::int16_t>(code);
    values[i] = static_cast<std::int16_t>(code * (1 << flag));
  }
}

template <Rounding rounding>
void cut(Overflow overflow, int flag, int magnitude_bits, std::span<const std::int16_t> base,
         std::int16_t* codes, std::int16_t* values) {
  if (overflow == Overflow::floor) {
    cut<rounding, Overflow::floor>(flag, magnitude_bits, base, codes, values);
  } else {
    cut<rounding, Overflow::saturate>(flag, magnitude_bits, base, codes, values);
  }
}

class Sdr final : public IntegerBased {
 public:
  std::string_view name() const override { return "sdr"; }
  std::string_view meaning() const override {
    return "significant data razoring: sign, m magnitude bits, and a flag a group that says how "
           "many bits were cut";
  }

  FormatTraits traits(const FormatSpec& spec) const override {
    FormatTraits traits;
    const int m = spec.magnitude_bits;
    traits.is_integer = true;
    traits.has_groups = true;
    traits.base_bits = spec.base_bits;
    traits.magnitude_bits = m;
    traits.sign_magnitude = spec.overflow == Overflow::floor;
    traits.element_bits = Bits(1 + m);
    traits.group_bits = Bits(spec.flag_bits);
    traits.scale_bits = Bits(32);
    traits.largest_code = (1 << m) - 1;
    traits.largest_group_code = largest_flag(spec.base_bits, m);
    // Without bits to cut nothing rounds, so nothing reaches -2^m.
    const bool reaches = spec.overflow == Overflow::saturate && traits.largest_group_code > 0;
    traits.smallest_code = -traits.largest_code - (reaches ? 1 : 0);
    traits.largest_value = static_cast<std::int64_t>(-traits.smallest_code)
                           << traits.largest_group_code;
    return traits;
  }

  void check(const FormatSpec& spec, Complaints& complaints) const override {
    if (spec.base_bits != 8 && spec.base_bits != 16) {
      complaints.add("base_bits", "is " + std::to_string(spec.base_bits) + "; allowed: 8 or 16");
      return;
    }
    const int needed =
        std::bit_width(static_cast<unsigned>(largest_flag(spec.base_bits, spec.magnitude_bits)));
    if (spec.flag_bits < needed) {
      complaints.add("flag_bits", "is " + std::to_string(spec.flag_bits) + "; base " +
                                      std::to_string(spec.base_bits) + " with " +
                                      std::to_string(spec.magnitude_bits) +
                                      " magnitude bits needs at least " + std::to_string(needed));
    }
    if (spec.granularity == ScaleGranularity::group) {
      complaints.add(
          "granularity",
          "is 'group'; an SDR group shares a flag, its real scale is one a 'tensor' or 'row'");
    }
  }

  std::vector<FormatSpec> variants() const override {
    std::vector<FormatSpec> all;
    for (const int base_bits : {16, 8}) {
      for (const int magnitude_bits : {3, 7, 5, 1}) {
        for (const auto& rounding : enum_names<Rounding>) {
          for (const auto& overflow : enum_names<Overflow>) {
            FormatSpec spec;
            spec.name = name();
            spec.base_bits = base_bits;
            spec.magnitude_bits = magnitude_bits;
            spec.rounding = rounding.value;
            spec.overflow = overflow.value;
            all.push_back(spec);
          }
        }
      }
    }
    return all;
  }

 private:
  void encode_row(std::span<const std::int16_t> base, EncodedMatrix& out) const override {
    // A row in between stays in cache, and no new element of `out` is set twice.
    static thread_local std::vector<std::int16_t> codes;
    static thread_local std::vector<std::int16_t> values;
    codes.resize(base.size());
    values.resize(base.size());
    const std::size_t flags = out.group_codes.size();
    out.group_codes.resize(flags + static_cast<std::size_t>(out.groups_per_row()));
    razor_row(out.format, base, codes, values, std::span(out.group_codes).subspan(flags));
    out.codes.insert(out.codes.end(), codes.begin(), codes.end());
    out.values.insert(out.values.end(), values.begin(), values.end());
  }
};

}  // namespace

int razor_flag(std::span<const std::int16_t> group, int magnitude_bits) {
  unsigned all = 0;
  for (const std::int16_t value : group)
    all |= static_cast<unsigned>(std::abs(static_cast<std::int32_t>(value)));
  return std::max(0, static_cast<int>(std::bit_width(all)) - magnitude_bits);
}

int razor_group(const FormatSpec& spec, std::span<const std::int16_t> base,
                std::span<std::int16_t> codes, std::span<std::int16_t> values) {
  const int m = spec.magnitude_bits;
  const int flag = razor_flag(base, m);
  switch (spec.rounding) {
    case Rounding::half_away:
      cut<Rounding::half_away>(spec.overflow, flag, m, base, codes.data(), values.data());
      break;
    case Rounding::half_even:
      cut<Rounding::half_even>(spec.overflow, flag, m, base, codes.data(), values.data());
      break;
    case Rounding::truncate:
      cut<Rounding::truncate>(spec.overflow, flag, m, base, codes.data(), values.data());
      break;
  }
  return flag;
}

const NumberFormat& sdr_format() {
  static const Sdr format;
  return format;
}

}  // namespace razorsim
