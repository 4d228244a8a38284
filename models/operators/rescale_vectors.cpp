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
  const auto most = hn::Set(whole, std::int64_t{1} << 53);
  const auto least = hn::Set(whole, -(std::int64_t{1} << 53));
  const auto left = hn::Set(real, a);
  const auto shared = hn::Mul(left, hn::Set(real, *w));
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto sums = hn::LoadU(whole, from + i);
    const auto beyond = hn::Or(hn::Gt(sums, most), hn::Lt(sums, least));
    if (HWY_UNLIKELY(!hn::AllFalse(whole, beyond))) {
      for (std::size_t j = i; j < i + lanes; ++j) to[j] = rescaled(from[j], a, one_w ? *w : w[j]);
      continue;
    }
    const auto numbers = hn::DemoteTo(real, hn::ConvertTo(exact, sums));
    const auto scales = one_w ? shared : hn::Mul(left, hn::LoadU(real, w + i));
    hn::StoreU(hn::Mul(numbers, scales), real, to + i);
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
