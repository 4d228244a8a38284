// SPDX-License-Identifier: Apache-2.0
// Elements that are codes times a power of two a group, as razored ones are: found, packed, and
// brought back to bytes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/kernel_codes.cpp"
#include <algorithm>
#include <bit>
#include <numeric>
#include <type_traits>

#include <hwy/foreach_target.h>  // compiles this file once for each target
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/arithmetic/kernel_block.h"
#include "models/formats/group_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::kernel_detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr auto elements = razorsim::HWY_NAMESPACE::group_tag;
using razorsim::HWY_NAMESPACE::bits_of_any;
constexpr hn::CappedTag<std::int32_t, panel> columns;  // a lane: one row, four bytes along k

/// The sum of a group's codes.
HWY_INLINE std::int32_t sum_of(const std::int8_t* codes) {
#if HWY_TARGET == HWY_SCALAR  // its vectors of one element cannot be taken as bytes
  return std::accumulate(codes, codes + code_group, 0);
#else
  constexpr hn::FixedTag<std::uint8_t, code_group> bytes;
  constexpr hn::Repartition<std::uint64_t, decltype(bytes)> halves;
  const auto raised =
      hn::Xor(hn::LoadU(bytes, reinterpret_cast<const std::uint8_t*>(codes)), hn::Set(bytes, 128));
  HWY_ALIGN std::uint64_t sums[2];
  hn::Store(hn::SumsOf8(raised), halves, sums);
  return static_cast<std::int32_t>(sums[0] + sums[1]) - 128 * static_cast<int>(code_group);
#endif
}

/// Shift of one whole group; -1 where an element is no multiple of 2^shift.
HWY_INLINE int group_shift(const std::int16_t* from, int bits) {
  auto all = hn::Zero(elements);
  auto size = hn::Zero(elements);
  for (std::int64_t i = 0; i < code_group; i += static_cast<std::int64_t>(hn::Lanes(elements))) {
    const auto each = hn::LoadU(elements, from + i);
    all = hn::Or(all, each);
    size = hn::Or(size, hn::Xor(each, hn::ShiftRight<15>(each)));  // -1 needs as many bits as 0
  }
  const int shift = std::max(0, static_cast<int>(std::bit_width(bits_of_any(size))) - (bits - 1));
  return (bits_of_any(all) & ((1U << shift) - 1)) == 0 ? shift : -1;
}

bool group_shifts(const std::int16_t* row, std::int64_t count, int bits, std::uint8_t* shifts) {
  for (std::int64_t i = 0; i < count; i += code_group, ++shifts) {
    int shift = -1;
    if (i + code_group <= count) {
      shift = group_shift(row + i, bits);
    } else {
      std::int16_t rest[code_group] = {};
      std::copy(row + i, row + count, rest);
      shift = group_shift(rest, bits);
    }
    if (shift < 0) return false;
    *shifts = static_cast<std::uint8_t>(shift);
  }
  return true;
}

/// One whole group of a left row.
HWY_INLINE bool code_group_of(const std::int16_t* from, std::int64_t group, CodedRow& to) {
  const int shift = group_shift(from, 8);
  if (shift < 0) return false;
  std::int8_t* const codes = to.codes + group * code_group;
  constexpr hn::Rebind<std::int8_t, decltype(elements)> bytes;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(elements));
  for (std::int64_t i = 0; i < code_group; i += lanes) {
    const auto code = hn::ShiftRightSame(hn::LoadU(elements, from + i), shift);
    hn::StoreU(hn::DemoteTo(bytes, code), bytes, codes + i);
  }
  const std::int32_t sum = sum_of(codes);
  to.shifts[group] = shift;
  to.nibble_bias[group] = -8 * sum;
  to.byte_bias[group] = -128 * sum;
  return true;
}

bool code_row(const std::int16_t* from, std::int64_t count, CodedRow& to) {
  std::int64_t group = 0;
  for (; (group + 1) * code_group <= count; ++group) {
    if (!code_group_of(from + group * code_group, group, to)) return false;
  }
  for (; group < groups_per_block; ++group) {
    std::int16_t rest[code_group] = {};
    if (group * code_group < count) std::copy(from + group * code_group, from + count, rest);
    if (!code_group_of(rest, group, to)) return false;
  }
  return true;
}

void take_codes(const std::int16_t* codes, const std::uint8_t* shifts, std::int64_t count,
                CodedRow& to) {
  constexpr hn::Rebind<std::int8_t, decltype(elements)> bytes;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(elements));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::DemoteTo(bytes, hn::LoadU(elements, codes + i)), bytes, to.codes + i);
  for (; i < count; ++i) to.codes[i] = static_cast<std::int8_t>(codes[i]);
  std::fill(to.codes + count, to.codes + k_block, std::int8_t{0});
  const std::int64_t groups = (count + code_group - 1) / code_group;
  for (std::int64_t group = 0; group < groups_per_block; ++group) {
    const std::int32_t sum = sum_of(to.codes + group * code_group);
    to.shifts[group] = group < groups ? shifts[group] : 0;
    to.nibble_bias[group] = -8 * sum;
    to.byte_bias[group] = -128 * sum;
  }
}

/// Rows per vector, their place in the 16 of a panel.
template <class Visit>
HWY_INLINE void each_vector(const Visit& visit) {
  for (std::int64_t row = 0; row < panel; row += static_cast<std::int64_t>(hn::Lanes(columns)))
    visit(row);
}

constexpr hn::Rebind<std::uint16_t, decltype(columns)> pair_tag;
constexpr hn::RebindToUnsigned<decltype(columns)> quad_tag;

/// The pairs of bytes of `row` on, one below the other, as quads.
HWY_INLINE hn::Vec<decltype(quad_tag)> load_quads(const std::uint16_t* pairs) {
  const auto first = hn::PromoteTo(quad_tag, hn::LoadU(pair_tag, pairs));
  const auto second = hn::PromoteTo(quad_tag, hn::LoadU(pair_tag, pairs + panel));
  return hn::Or(first, hn::ShiftLeft<16>(second));
}

HWY_INLINE void store_quads(hn::Vec<decltype(quad_tag)> quads, std::uint16_t* pairs) {
  const auto low = hn::And(quads, hn::Set(quad_tag, 0xFFFF));
  hn::StoreU(hn::DemoteTo(pair_tag, hn::BitCast(columns, low)), pair_tag, pairs);
  const auto high = hn::ShiftRight<16>(quads);
  hn::StoreU(hn::DemoteTo(pair_tag, hn::BitCast(columns, high)), pair_tag, pairs + panel);
}

void to_nibbles(const std::byte* bytes, const std::uint8_t (&shifts)[panel][groups_per_block],
                std::int64_t groups, NibbleBlock& to) {
  for (std::int64_t group = 0; group < groups; ++group) {
    HWY_ALIGN std::uint32_t down[panel];
    for (std::int64_t row = 0; row < panel; ++row) {
      down[row] = shifts[row][group];
      std::uint8_t& both = to.shifts[group / 2][row];
      both = static_cast<std::uint8_t>(group % 2 == 0 ? down[row] : both | down[row] << 4);
    }
    const auto* pairs =
        reinterpret_cast<const std::uint16_t*>(bytes) + group * code_group / 2 * panel;
    each_vector([&](std::int64_t row) HWY_ATTR {
      const auto shift = hn::Load(quad_tag, down + row);
      for (std::int64_t half = 0; half < 2; ++half) {
        const auto nibbles = [&](std::int64_t quad) HWY_ATTR {
          const auto quads = load_quads(pairs + quad * 2 * panel + row);
          return hn::Xor(hn::And(hn::Shr(quads, shift), hn::Set(quad_tag, 0x0F0F0F0F)),
                         hn::Set(quad_tag, 0x08080808));
        };
        const auto both = hn::Or(nibbles(2 * half), hn::ShiftLeft<4>(nibbles(2 * half + 1)));
        hn::StoreU(both, quad_tag,
                   reinterpret_cast<std::uint32_t*>(to.codes[2 * group + half][row]));
      }
    });
  }
}

constexpr std::uint32_t signs_of_quad = 0x80808080;

/// Where the quads of `row` on lie in group `group` of a block of quads.
template <class Byte>
HWY_INLINE auto* quads_of(Byte* block, std::int64_t group, std::int64_t row) {
  using Quad = std::conditional_t<std::is_const_v<Byte>, const std::uint32_t, std::uint32_t>;
  return reinterpret_cast<Quad*>(block) + group * quads_per_group * panel + row;
}
/// The same of pairs in a block of bytes.
template <class Byte>
HWY_INLINE auto* pairs_of(Byte* block, std::int64_t group, std::int64_t row) {
  using Pair = std::conditional_t<std::is_const_v<Byte>, const std::uint16_t, std::uint16_t>;
  return reinterpret_cast<Pair*>(block) + group * pairs_per_group * panel + row;
}

void nibbles_to_quads(const NibbleBlock& from, IndexRange groups, std::byte* quads) {
  constexpr hn::Rebind<std::uint8_t, decltype(columns)> shift_tag;
  for (std::int64_t group = groups.begin; group < groups.end; ++group) {
    each_vector([&](std::int64_t row) HWY_ATTR {
      const auto two = hn::BitCast(
          quad_tag, hn::PromoteTo(columns, hn::LoadU(shift_tag, from.shifts[group / 2] + row)));
      const auto shift =
          group % 2 == 0 ? hn::And(two, hn::Set(quad_tag, 15)) : hn::ShiftRight<4>(two);
      const auto above =
          hn::Sub(hn::Set(quad_tag, signs_of_quad), hn::Shl(hn::Set(quad_tag, 0x08080808), shift));
      std::uint32_t* const to = quads_of(quads, group, row);
      const auto store = [&](auto nibbles, std::int64_t quad) HWY_ATTR {
        const auto lifted = hn::Shl(hn::And(nibbles, hn::Set(quad_tag, 0x0F0F0F0F)), shift);
        hn::StoreU(hn::Add(lifted, above), quad_tag, to + quad * panel);
      };
      for (std::int64_t half = 0; half < 2; ++half) {
        const auto both = hn::LoadU(
            quad_tag, reinterpret_cast<const std::uint32_t*>(from.codes[2 * group + half][row]));
        store(both, 2 * half);
        store(hn::ShiftRight<4>(both), 2 * half + 1);
      }
    });
  }
}

void bytes_to_quads(const std::byte* bytes, IndexRange groups, std::byte* quads) {
  const auto signs = hn::Set(quad_tag, signs_of_quad);
  for (std::int64_t group = groups.begin; group < groups.end; ++group) {
    for (std::int64_t quad = 0; quad < quads_per_group; ++quad) {
      // A quad's rows lie where its pairs' do: all are read before one is written.
      HWY_ALIGN std::uint32_t all[panel];
      each_vector([&](std::int64_t row) HWY_ATTR {
        hn::Store(hn::Xor(load_quads(pairs_of(bytes, group, row) + quad * 2 * panel), signs),
                  quad_tag, all + row);
      });
      std::copy_n(all, panel, quads_of(quads, group, 0) + quad * panel);
    }
  }
}

void quads_to_bytes(const std::byte* quads, IndexRange groups, std::byte* bytes) {
  const auto signs = hn::Set(quad_tag, signs_of_quad);
  for (std::int64_t group = groups.begin; group < groups.end; ++group) {
    for (std::int64_t quad = 0; quad < quads_per_group; ++quad) {
      HWY_ALIGN std::uint32_t all[panel];
      std::copy_n(quads_of(quads, group, 0) + quad * panel, panel, all);
      each_vector([&](std::int64_t row) HWY_ATTR {
        store_quads(hn::Xor(hn::Load(quad_tag, all + row), signs),
                    pairs_of(bytes, group, row) + quad * 2 * panel);
      });
    }
  }
}

}  // namespace razorsim::kernel_detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim::kernel_detail {

HWY_EXPORT(group_shifts);
HWY_EXPORT(code_row);
HWY_EXPORT(take_codes);
HWY_EXPORT(to_nibbles);
HWY_EXPORT(nibbles_to_quads);
HWY_EXPORT(bytes_to_quads);
HWY_EXPORT(quads_to_bytes);

bool group_shifts(const std::int16_t* row, std::int64_t count, int bits, std::uint8_t* shifts) {
  return HWY_DYNAMIC_DISPATCH(group_shifts)(row, count, bits, shifts);
}
bool code_row(const std::int16_t* from, std::int64_t count, CodedRow& to) {
  return HWY_DYNAMIC_DISPATCH(code_row)(from, count, to);
}
void take_codes(const std::int16_t* codes, const std::uint8_t* shifts, std::int64_t count,
                CodedRow& to) {
  HWY_DYNAMIC_DISPATCH(take_codes)(codes, shifts, count, to);
}
void to_nibbles(const std::byte* bytes, const std::uint8_t (&shifts)[panel][groups_per_block],
                std::int64_t groups, NibbleBlock& to) {
  HWY_DYNAMIC_DISPATCH(to_nibbles)(bytes, shifts, groups, to);
}
void to_quads(const NibbleBlock& from, IndexRange groups, std::byte* quads) {
  HWY_DYNAMIC_DISPATCH(nibbles_to_quads)(from, groups, quads);
}
void to_quads(const std::byte* bytes, IndexRange groups, std::byte* quads) {
  HWY_DYNAMIC_DISPATCH(bytes_to_quads)(bytes, groups, quads);
}
void to_bytes(const std::byte* quads, IndexRange groups, std::byte* bytes) {
  HWY_DYNAMIC_DISPATCH(quads_to_bytes)(quads, groups, bytes);
}

}  // namespace razorsim::kernel_detail
#endif
