// SPDX-License-Identifier: Apache-2.0
// The end of a row that fills no vector. Included once for each vector instruction set.
#if defined(RAZORSIM_VECTOR_TAIL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAZORSIM_VECTOR_TAIL_INL_H
#undef RAZORSIM_VECTOR_TAIL_INL_H
#else
#define RAZORSIM_VECTOR_TAIL_INL_H
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

/// `count` elements, at most a vector, and zeros in the other lanes. Reads nothing beyond them.
template <class Tag, class Element = hwy::HWY_NAMESPACE::TFromD<Tag>>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<Tag> load_tail(Tag tag, const Element* from, std::size_t count) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN Element lanes[hn::MaxLanes(tag)] = {};
  std::copy_n(from, std::min(count, hn::MaxLanes(tag)), lanes);
  return hn::Load(tag, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(tag, count), tag, from);
#endif
}

/// The first `count` lanes, at most all. Writes nothing beyond them.
template <class Tag, class Element = hwy::HWY_NAMESPACE::TFromD<Tag>>
HWY_INLINE void store_tail(hwy::HWY_NAMESPACE::Vec<Tag> vector, Tag tag, Element* to,
                           std::size_t count) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN Element lanes[hn::MaxLanes(tag)];
  hn::Store(vector, tag, lanes);
  std::copy_n(lanes, std::min(count, hn::MaxLanes(tag)), to);
#else
  hn::BlendedStore(vector, hn::FirstN(tag, count), tag, to);
#endif
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
