// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/formats/format_kernels.cpp"
#include "models/formats/format_kernels.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
#include <hwy/highway.h>

#include "models/formats/format.h"
#include "models/formats/group_bits-inl.h"
#include "models/formats/minifloat.h"
#include "models/formats/sdr.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Returns how many numbers it did, a multiple of the vector length; the caller does the rest.
std::size_t quantise_whole(const float* numbers, std::size_t count, float scale, float limit,
                           std::int16_t* out) {
  constexpr hn::ScalableTag<float> real;
  constexpr hn::RebindToSigned<decltype(real)> wide;
  constexpr hn::Rebind<std::int16_t, decltype(real)> narrow;
  const std::size_t lanes = hn::Lanes(real);
  const auto most = hn::Set(real, limit);
  const auto least = hn::Set(real, -limit);
  const auto unit = hn::Set(real, scale);
  const auto whole = hn::Set(real, 12582912.0F);  // as in scales.cpp
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto quotient = hn::Div(hn::LoadU(real, numbers + i), unit);
    const auto bounded = hn::Min(hn::Max(quotient, least), most);
    const auto rounded = hn::Sub(hn::Add(bounded, whole), whole);
    hn::StoreU(hn::DemoteTo(narrow, hn::ConvertTo(wide, rounded)), narrow, out + i);
  }
  return i;
}

/// Magnitudes of IEEE numbers order like their bit patterns.
std::uint32_t largest_bits(const float* numbers, std::size_t count) {
  constexpr hn::ScalableTag<std::int32_t> tag;
  constexpr hn::RebindToFloat<decltype(tag)> real;
  const std::size_t lanes = hn::Lanes(tag);
  auto most = hn::Zero(tag);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    most = hn::Max(most, hn::BitCast(tag, hn::Abs(hn::LoadU(real, numbers + i))));
  }
  auto all = static_cast<std::uint32_t>(hn::GetLane(hn::MaxOfLanes(tag, most)));
  for (; i < count; ++i) {
    all = std::max(all, std::bit_cast<std::uint32_t>(numbers[i]) & 0x7FFFFFFFU);
  }
  return all;
}

constexpr auto codes_tag = group_tag;
constexpr hn::RebindToUnsigned<decltype(group_tag)> words_tag;

/// Razors the whole groups of a row whose length is a multiple of the vector's; returns their
/// number.
std::size_t razor_whole(const FormatSpec& spec, const std::int16_t* base, std::size_t count,
                        std::int16_t* codes, std::int16_t* values, std::uint8_t* flags) {
  const std::size_t lanes = hn::Lanes(codes_tag);
  const auto group = static_cast<std::size_t>(spec.group);
  if (group % lanes != 0) return 0;
  const int m = spec.magnitude_bits;
  const auto zero = hn::Zero(codes_tag);
  const auto one = hn::Set(codes_tag, 1);
  const auto largest = hn::Set(codes_tag, static_cast<std::int16_t>((1 << m) - 1));
  for (std::size_t g = 0; g < count / group; ++g) {
    const std::int16_t* from = base + g * group;
    auto all = zero;
    for (std::size_t i = 0; i < group; i += lanes) {
      all = hn::Or(all, hn::Abs(hn::LoadU(codes_tag, from + i)));
    }
    const int flag = std::max(0, static_cast<int>(std::bit_width(bits_of_any(all))) - m);
    flags[g] = static_cast<std::uint8_t>(flag);
    if (flag == 0) {
      std::copy_n(from, group, codes + g * group);
      std::copy_n(from, group, values + g * group);
      continue;
    }
    const auto rest_mask = hn::Set(codes_tag, static_cast<std::int16_t>((1 << flag) - 1));
    const auto half = hn::Set(codes_tag, static_cast<std::int16_t>(1 << (flag - 1)));
    for (std::size_t i = 0; i < group; i += lanes) {
      const auto q = hn::LoadU(codes_tag, from + i);
      const auto negative = hn::Lt(q, zero);
      const auto magnitude = hn::Abs(q);
      auto code = hn::ShiftRightSame(magnitude, flag);
      if (spec.rounding == Rounding::half_away) {
        code = hn::Add(code, hn::And(hn::ShiftRightSame(magnitude, flag - 1), one));
      } else if (spec.rounding == Rounding::half_even) {
        const auto rest = hn::And(magnitude, rest_mask);
        const auto odd = hn::Eq(hn::And(code, one), one);
        const auto up = hn::Or(hn::Gt(rest, half), hn::And(hn::Eq(rest, half), odd));
        code = hn::Sub(code, hn::VecFromMask(codes_tag, up));  // a true lane is -1
      }
      auto limit = largest;
      if (spec.overflow == Overflow::saturate) {
        limit = hn::Sub(largest, hn::VecFromMask(codes_tag, negative));
      }
      code = hn::Min(code, limit);
      code = hn::IfThenElse(negative, hn::Neg(code), code);
      hn::StoreU(code, codes_tag, codes + g * group + i);
      hn::StoreU(hn::ShiftLeftSame(code, flag), codes_tag, values + g * group + i);
    }
  }
  return count / group;
}

/// Where the code goes up by one: half way between two values, a tie to the even code.
std::size_t e2m1_whole(const float* numbers, std::size_t count, float unit, std::int16_t* codes) {
  constexpr hn::ScalableTag<float> real;
  constexpr hn::RebindToSigned<decltype(real)> wide;
  constexpr hn::Rebind<std::int16_t, decltype(real)> narrow;
  const std::size_t lanes = hn::Lanes(real);
  const auto divisor = hn::Set(real, unit);
  const auto sign_bit = hn::Set(wide, 8);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto number = hn::LoadU(real, numbers + i);
    const auto ratio = hn::Abs(hn::Div(number, divisor));
    auto code = hn::And(hn::ShiftRight<28>(hn::BitCast(wide, number)), sign_bit);
    const auto up = [&](auto passed) HWY_ATTR {  // a true lane is -1
      code = hn::Sub(code, hn::VecFromMask(wide, hn::RebindMask(wide, passed)));
    };
    up(hn::Gt(ratio, hn::Set(real, 0.25F)));
    up(hn::Ge(ratio, hn::Set(real, 0.75F)));
    up(hn::Gt(ratio, hn::Set(real, 1.25F)));
    up(hn::Ge(ratio, hn::Set(real, 1.75F)));
    up(hn::Gt(ratio, hn::Set(real, 2.5F)));
    up(hn::Ge(ratio, hn::Set(real, 3.5F)));
    up(hn::Gt(ratio, hn::Set(real, 5.0F)));
    hn::StoreU(hn::DemoteTo(narrow, code), narrow, codes + i);
  }
  return i;
}

std::size_t store_whole(const std::int16_t* codes, std::size_t count, std::uint16_t mask,
                        std::uint16_t sign, std::uint16_t* words) {
  constexpr hn::ScalableTag<std::int16_t> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const auto kept = hn::Set(tag, static_cast<std::int16_t>(mask));
  const auto sign_bit = hn::Set(tag, static_cast<std::int16_t>(sign));
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto code = hn::LoadU(tag, codes + i);
    auto word = hn::And(code, kept);
    if (sign != 0) {
      word = hn::IfThenElse(hn::Lt(code, hn::Zero(tag)), hn::Or(hn::Neg(code), sign_bit), code);
    }
    hn::StoreU(hn::BitCast(hn::RebindToUnsigned<decltype(tag)>(), word),
               hn::RebindToUnsigned<decltype(tag)>(), words + i);
  }
  return i;
}

#if HWY_TARGET == HWY_SCALAR  // its vectors of one element cannot be taken as bytes
std::size_t toggles_whole(const std::uint16_t*, const std::uint16_t*, std::size_t, std::int64_t&) {
  return 0;
}
#else
std::size_t toggles_whole(const std::uint16_t* from, const std::uint16_t* to, std::size_t count,
                          std::int64_t& sum) {
  constexpr hn::ScalableTag<std::uint16_t> tag;
  constexpr hn::Repartition<std::uint8_t, decltype(tag)> bytes;
  constexpr hn::Repartition<std::uint64_t, decltype(tag)> totals;
  const std::size_t lanes = hn::Lanes(tag);
  auto all = hn::Zero(totals);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto differ = hn::Xor(hn::LoadU(tag, from + i), hn::LoadU(tag, to + i));
    all = hn::Add(all, hn::SumsOf8(hn::PopulationCount(hn::BitCast(bytes, differ))));
  }
  sum += static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(totals, all)));
  return i;
}
#endif

/// Counts the zero words of whole groups; returns the number of groups done.
std::size_t zeros_whole(const std::uint16_t* words, std::size_t count, std::uint16_t mask,
                        std::size_t group, Zeros& found) {
  const std::size_t lanes = hn::Lanes(words_tag);
  if (group % lanes != 0) return 0;
  const auto kept = hn::Set(words_tag, mask);
  for (std::size_t g = 0; g < count / group; ++g) {
    std::size_t here = 0;
    for (std::size_t i = 0; i < group; i += lanes) {
      const auto word = hn::And(hn::LoadU(words_tag, words + g * group + i), kept);
      here += hn::CountTrue(words_tag, hn::Eq(word, hn::Zero(words_tag)));
    }
    found.words += static_cast<std::int64_t>(here);
    found.groups += here == group ? 1 : 0;
  }
  return count / group;
}

/// Adds the squared errors of whole steps of error_chains elements to their chains; returns how
/// many elements that were.
std::size_t errors_whole(const float* numbers, const std::int16_t* values, std::size_t count,
                         float scale, double* chains) {
  constexpr hn::CappedTag<double, error_chains> exact;
  constexpr hn::Rebind<float, decltype(exact)> real;
  constexpr hn::Rebind<std::int32_t, decltype(exact)> wide;
  constexpr hn::Rebind<std::int16_t, decltype(exact)> narrow;
  constexpr std::size_t width = hn::MaxLanes(exact);
  constexpr std::size_t parts = error_chains / width;
  const auto unit = hn::Set(real, scale);
  hn::Vec<decltype(exact)> sums[parts];
#pragma GCC unroll 8
  for (std::size_t p = 0; p < parts; ++p) sums[p] = hn::Zero(exact);
  std::size_t i = 0;
  for (; i + error_chains <= count; i += error_chains) {
#pragma GCC unroll 8
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t at = i + p * width;
      const auto integers = hn::PromoteTo(wide, hn::LoadU(narrow, values + at));
      const auto decoded = hn::Mul(hn::ConvertTo(real, integers), unit);
      const auto error = hn::Sub(hn::PromoteTo(exact, hn::LoadU(real, numbers + at)),
                                 hn::PromoteTo(exact, decoded));
      sums[p] = hn::Add(sums[p], hn::Mul(error, error));
    }
  }
#pragma GCC unroll 8
  for (std::size_t p = 0; p < parts; ++p) hn::StoreU(sums[p], exact, chains + p * width);
  return i;
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {
namespace {

HWY_EXPORT(quantise_whole);
HWY_EXPORT(largest_bits);
HWY_EXPORT(razor_whole);
HWY_EXPORT(e2m1_whole);
HWY_EXPORT(store_whole);
HWY_EXPORT(toggles_whole);
HWY_EXPORT(zeros_whole);
HWY_EXPORT(errors_whole);

}  // namespace

std::uint32_t largest_magnitude_bits(std::span<const float> numbers) {
  return HWY_DYNAMIC_DISPATCH(largest_bits)(numbers.data(), numbers.size());
}

void quantise_vectors(int bits, std::span<const float> numbers, float scale,
                      std::span<std::int16_t> out) {
  const std::size_t done = HWY_DYNAMIC_DISPATCH(quantise_whole)(
      numbers.data(), numbers.size(), scale, static_cast<float>(largest_integer(bits)), out.data());
  for (std::size_t i = done; i < numbers.size(); ++i) out[i] = quantised(bits, numbers[i], scale);
}

void razor_row(const FormatSpec& spec, std::span<const std::int16_t> base,
               std::span<std::int16_t> codes, std::span<std::int16_t> values,
               std::span<std::uint8_t> flags) {
  const auto group = static_cast<std::size_t>(spec.group);
  std::size_t g = HWY_DYNAMIC_DISPATCH(razor_whole)(spec, base.data(), base.size(), codes.data(),
                                                    values.data(), flags.data());
  for (; g * group < base.size(); ++g) {
    const std::size_t width = std::min(group, base.size() - g * group);
    flags[g] = static_cast<std::uint8_t>(razor_group(spec, base.subspan(g * group, width),
                                                     codes.subspan(g * group, width),
                                                     values.subspan(g * group, width)));
  }
}

void e2m1_codes(std::span<const float> numbers, float unit, std::span<std::int16_t> codes) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(e2m1_whole)(numbers.data(), numbers.size(), unit, codes.data());
  for (std::size_t i = done; i < numbers.size(); ++i) {
    const double ratio = static_cast<double>(numbers[i] / unit);
    codes[i] = static_cast<std::int16_t>(encode_minifloat(e2m1, std::clamp(ratio, -12.0, 12.0)));
  }
}

void store_vectors(const FormatTraits& traits, std::span<const std::int16_t> codes,
                   std::span<std::uint16_t> words) {
  const auto bits = static_cast<unsigned>(traits.element_bits.count());
  const auto mask = static_cast<std::uint16_t>((1U << bits) - 1);
  const auto sign = static_cast<std::uint16_t>(traits.sign_magnitude ? 1U << (bits - 1) : 0U);
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(store_whole)(codes.data(), codes.size(), mask, sign, words.data());
  for (std::size_t i = done; i < codes.size(); ++i) words[i] = stored_bits(traits, codes[i]);
}

std::int64_t toggles(std::span<const std::uint16_t> from, std::span<const std::uint16_t> to) {
  std::int64_t sum = 0;
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(toggles_whole)(from.data(), to.data(), from.size(), sum);
  for (std::size_t i = done; i < from.size(); ++i) {
    for (unsigned differ = from[i] ^ to[i]; differ != 0; differ &= differ - 1) ++sum;
  }
  return sum;
}

Zeros zeros(std::span<const std::uint16_t> words, std::uint16_t mask, std::size_t group) {
  Zeros found;
  std::size_t g = HWY_DYNAMIC_DISPATCH(zeros_whole)(words.data(), words.size(), mask, group, found);
  for (; g * group < words.size(); ++g) {
    const auto part = words.subspan(g * group, std::min(group, words.size() - g * group));
    const auto here =
        std::ranges::count_if(part, [&](std::uint16_t word) { return (word & mask) == 0; });
    found.words += here;
    found.groups += here == static_cast<std::int64_t>(part.size()) ? 1 : 0;
  }
  return found;
}

double squared_error(std::span<const float> numbers, std::span<const std::int16_t> values,
                     float scale) {
  double chains[error_chains] = {};
  std::size_t i = HWY_DYNAMIC_DISPATCH(errors_whole)(numbers.data(), values.data(), numbers.size(),
                                                     scale, chains);
  for (; i < numbers.size(); ++i) {
    const float decoded = static_cast<float>(values[i]) * scale;
    const double error = static_cast<double>(numbers[i]) - static_cast<double>(decoded);
    chains[i % error_chains] += error * error;
  }
  double sum = 0;
  for (const double each : chains) sum += each;
  return sum;
}

}  // namespace razorsim
#endif  // HWY_ONCE
