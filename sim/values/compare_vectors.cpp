// SPDX-License-Identifier: Apache-2.0
// One row of a comparison by vectors: the same bits on every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/values/compare_vectors.cpp"
#include <algorithm>
#include <cmath>
#include <cstddef>

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "sim/values/compare_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::size_t compare_whole(const float* reference, const float* output, std::size_t count,
                          LaneSums& sums) {
  constexpr hn::CappedTag<double, LaneSums::lanes> exact;
  constexpr hn::Rebind<float, decltype(exact)> real;
  using Vector = hn::Vec<decltype(exact)>;
  constexpr std::size_t width = hn::MaxLanes(exact);
  constexpr std::size_t parts = LaneSums::lanes / width;
  Vector signal[parts], noise[parts], largest[parts], cross[parts], made[parts];
#pragma GCC unroll 8
  for (std::size_t p = 0; p < parts; ++p)
    signal[p] = noise[p] = largest[p] = cross[p] = made[p] = hn::Zero(exact);
  // A reference comes from memory, and page by page: a prefetch crosses into the next one in time.
  constexpr std::size_t ahead = 768;
  std::size_t i = 0;
  for (; i + LaneSums::lanes <= count; i += LaneSums::lanes) {
    hwy::Prefetch(reference + i + ahead);
#pragma GCC unroll 8
    for (std::size_t p = 0; p < parts; ++p) {
      const auto wanted = hn::PromoteTo(exact, hn::LoadU(real, reference + i + p * width));
      const auto got = hn::PromoteTo(exact, hn::LoadU(real, output + i + p * width));
      const auto error = hn::Sub(got, wanted);
      const auto size = hn::Abs(error);
      // The product of two floats is exact, so that fusing it with the sum changes no bit.
      signal[p] = hn::MulAdd(wanted, wanted, signal[p]);
      noise[p] = hn::Add(noise[p], hn::Mul(error, error));
      largest[p] = hn::IfThenElse(hn::Lt(largest[p], size), size, largest[p]);
      cross[p] = hn::MulAdd(got, wanted, cross[p]);
      made[p] = hn::MulAdd(got, got, made[p]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t p = 0; p < parts; ++p) {
    hn::StoreU(signal[p], exact, sums.signal + p * width);
    hn::StoreU(noise[p], exact, sums.noise + p * width);
    hn::StoreU(largest[p], exact, sums.largest + p * width);
    hn::StoreU(cross[p], exact, sums.cross + p * width);
    hn::StoreU(made[p], exact, sums.output + p * width);
  }
  return i;
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {

HWY_EXPORT(compare_whole);

void LaneSums::take(std::size_t lane, double wanted, double got) {
  const double error = got - wanted;
  signal[lane] += wanted * wanted;
  noise[lane] += error * error;
  largest[lane] = std::max(largest[lane], std::abs(error));
  cross[lane] += got * wanted;
  output[lane] += got * got;
}

LaneSums lane_sums(std::span<const float> reference, std::span<const float> output) {
  LaneSums sums;
  std::size_t i =
      HWY_DYNAMIC_DISPATCH(compare_whole)(reference.data(), output.data(), reference.size(), sums);
  for (; i < reference.size(); ++i) sums.take(i % LaneSums::lanes, reference[i], output[i]);
  return sums;
}

}  // namespace razorsim
#endif  // HWY_ONCE
