// SPDX-License-Identifier: Apache-2.0
// What 16-bit elements of a group have in common. Included once for each vector instruction set.
#if defined(RAZORSIM_GROUP_BITS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAZORSIM_GROUP_BITS_INL_H
#undef RAZORSIM_GROUP_BITS_INL_H
#else
#define RAZORSIM_GROUP_BITS_INL_H
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

/// Vectors no longer than the usual group, so that a group is one or more whole vectors.
constexpr hwy::HWY_NAMESPACE::CappedTag<std::int16_t, 16> group_tag;

/// The bits that any lane has.
HWY_INLINE unsigned bits_of_any(hwy::HWY_NAMESPACE::Vec<decltype(group_tag)> vector) {
  HWY_ALIGN std::int16_t lanes[16] = {};
  hwy::HWY_NAMESPACE::Store(vector, group_tag, lanes);
  std::uint64_t four[4];
  std::memcpy(four, lanes, sizeof four);
  std::uint64_t all = (four[0] | four[1]) | (four[2] | four[3]);
  all |= all >> 32;
  return static_cast<std::uint16_t>(all | all >> 16);
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
