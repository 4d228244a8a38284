// SPDX-License-Identifier: Apache-2.0
// Rescaling by vectors: the roundings of rescale.h, in its order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/operators/rescale_vectors.cpp"
#include <cstddef>
#include <cstdint>

#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
#include <hwy/highway.h>

#include "models/operators/rescale_row.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

void rescale_row(const std::int64_t* from, float a, const float* w, bool one_w, float* to,
                 std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = rescaled(from[i], a, one_w ? *w : w[i]);
}

#else

void rescale_row(const std::int64_t* from, float a, const float* w, bool one_w, float* to,
                 std::size_t count) {
  constexpr hn::ScalableTag<std::int64_t> whole;
  constexpr hn::RebindToFloat<decltype(whole)> exact;
  constexpr hn::Rebind<float, decltype(whole)> real;
  const std::size_t lanes = hn::Lanes(whole);
  // Up to 2^53 a double holds the sum exactly, so that only the step to float rounds.
  const auto most = hn::Set(whole, (std::int64_t{1} << 53) - 1);
  const auto left = hn::Set(real, a);
  const auto shared = hn::Mul(left, hn::Set(real, *w));
  std::size_t i = 0;
  constexpr std::size_t at_once = 4;  // vectors with one test
  for (; i + at_once * lanes <= count; i += at_once * lanes) {
    hn::Vec<decltype(whole)> sums[at_once];
    auto size = hn::Zero(whole);  // the bits of any magnitude; ~x for a negative x
#pragma GCC unroll 4
    for (std::size_t v = 0; v < at_once; ++v) {
      sums[v] = hn::LoadU(whole, from + i + v * lanes);
      size = hn::Or(size, hn::Xor(sums[v], hn::BroadcastSignBit(sums[v])));
    }
    if (HWY_UNLIKELY(!hn::AllFalse(whole, hn::Gt(size, most)))) {
      for (std::size_t j = i; j < i + at_once * lanes; ++j)
        to[j] = rescaled(from[j], a, one_w ? *w : w[j]);
      continue;
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < at_once; ++v) {
      const auto numbers = hn::DemoteTo(real, hn::ConvertTo(exact, sums[v]));
      const auto scales = one_w ? shared : hn::Mul(left, hn::LoadU(real, w + i + v * lanes));
      hn::StoreU(hn::Mul(numbers, scales), real, to + i + v * lanes);
    }
  }
  for (; i < count; ++i) to[i] = rescaled(from[i], a, one_w ? *w : w[i]);
}

#endif

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {

HWY_EXPORT(rescale_row);

void rescale_row(const std::int64_t* from, float a, const float* w, bool one_w, float* to,
                 std::size_t count) {
  HWY_DYNAMIC_DISPATCH(rescale_row)(from, a, w, one_w, to, count);
}

}  // namespace razorsim
#endif  // HWY_ONCE
