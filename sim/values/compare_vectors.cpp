// SPDX-License-Identifier: Apache-2.0
// One row of a comparison by vectors: the same bits on every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/values/compare_vectors.cpp"
#include <cstddef>

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/base/vector_tail-inl.h"
#include "sim/values/compare_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void compare_all(const float* reference, const float* output, std::size_t count,
                 std::ptrdiff_t ahead, LaneSums& sums) {
  constexpr hn::CappedTag<double, LaneSums::lanes> exact;
  constexpr hn::Rebind<float, decltype(exact)> real;
  using Vector = hn::Vec<decltype(exact)>;
  constexpr std::size_t width = hn::MaxLanes(exact);
  constexpr std::size_t parts = LaneSums::lanes / width;
  Vector signal[parts], noise[parts], cross[parts], made[parts];
  Vector largest[2][parts];  // in turn: no comparison waits for the one before it
  const auto each_part = [](const auto& take) HWY_ATTR {
#pragma GCC unroll 8
    for (std::size_t p = 0; p < parts; ++p) take(p, p * width);
  };
  each_part([&](std::size_t p, std::size_t lane) HWY_ATTR {
    signal[p] = hn::LoadU(exact, sums.signal + lane);
    noise[p] = hn::LoadU(exact, sums.noise + lane);
    cross[p] = hn::LoadU(exact, sums.cross + lane);
    made[p] = hn::LoadU(exact, sums.output + lane);
    largest[0][p] = largest[1][p] = hn::LoadU(exact, sums.largest + lane);
  });
  const auto take = [&](std::size_t p, int turn, auto wanted_part, auto got_part) HWY_ATTR {
    const auto wanted = hn::PromoteTo(exact, wanted_part);
    const auto got = hn::PromoteTo(exact, got_part);
    const auto error = hn::Sub(got, wanted);
    const auto size = hn::Abs(error);
    // The product of two floats is exact, so that fusing it with the sum changes no bit.
    signal[p] = hn::MulAdd(wanted, wanted, signal[p]);
    noise[p] = hn::Add(noise[p], hn::Mul(error, error));
    largest[turn][p] = hn::IfThenElse(hn::Lt(largest[turn][p], size), size, largest[turn][p]);
    cross[p] = hn::MulAdd(got, wanted, cross[p]);
    made[p] = hn::MulAdd(got, got, made[p]);
  };
  std::size_t i = 0;
  const auto step = [&](int turn) HWY_ATTR {
    hwy::Prefetch(reference + i + ahead);
    each_part([&](std::size_t p, std::size_t lane) HWY_ATTR {
      take(p, turn, hn::LoadU(real, reference + i + lane), hn::LoadU(real, output + i + lane));
    });
    i += LaneSums::lanes;
  };
  while (i + 2 * LaneSums::lanes <= count) {
    step(0);
    step(1);
  }
  if (i + LaneSums::lanes <= count) step(0);
  // Zeros beyond the end of the row change no sum.
  each_part([&](std::size_t p, std::size_t lane) HWY_ATTR {
    const std::size_t at = i + lane;
    if (at >= count) return;
    take(p, 1, load_tail(real, reference + at, count - at),
         load_tail(real, output + at, count - at));
  });
  each_part([&](std::size_t p, std::size_t lane) HWY_ATTR {
    hn::StoreU(signal[p], exact, sums.signal + lane);
    hn::StoreU(noise[p], exact, sums.noise + lane);
    hn::StoreU(cross[p], exact, sums.cross + lane);
    hn::StoreU(made[p], exact, sums.output + lane);
    const auto less = hn::Lt(largest[0][p], largest[1][p]);
    hn::StoreU(hn::IfThenElse(less, largest[1][p], largest[0][p]), exact, sums.largest + lane);
  });
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {

HWY_EXPORT(compare_all);

void add_lane_sums(std::span<const float> reference, std::span<const float> output,
                   std::ptrdiff_t ahead, LaneSums& sums) {
  HWY_DYNAMIC_DISPATCH(compare_all)
  (reference.data(), output.data(), reference.size(), ahead, sums);
}

}  // namespace razorsim
#endif  // HWY_ONCE
