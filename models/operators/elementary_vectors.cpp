// SPDX-License-Identifier: Apache-2.0
// exp_f32 by vectors: the operations of the definition in elementary.h, in its order, none fused.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/operators/elementary_vectors.cpp"
#include <cstddef>
#include <cstdint>

#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
#include <hwy/highway.h>

#include "models/operators/elementary.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void exponentials(const float* x, float* out, std::size_t count) {
  constexpr hn::ScalableTag<float> real;
  constexpr hn::RebindToSigned<decltype(real)> integer;
  const std::size_t lanes = hn::Lanes(real);
  const auto whole = hn::Set(real, exp_whole);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto given = hn::LoadU(real, x + i);
    const auto high_enough =
        hn::IfThenElse(hn::Lt(given, hn::Set(real, exp_lowest)), hn::Set(real, exp_lowest), given);
    const auto bounded = hn::IfThenElse(hn::Gt(high_enough, hn::Set(real, exp_highest)),
                                        hn::Set(real, exp_highest), high_enough);
    const auto shifted = hn::Add(hn::Mul(bounded, hn::Set(real, exp_log2_e)), whole);
    const auto k = hn::Sub(shifted, whole);
    const auto r = hn::Sub(hn::Sub(bounded, hn::Mul(k, hn::Set(real, exp_ln2_high))),
                           hn::Mul(k, hn::Set(real, exp_ln2_low)));
    auto p = hn::Set(real, exp_polynomial[0]);
    for (std::size_t term = 1; term < exp_polynomial.size(); ++term) {
      p = hn::Add(hn::Mul(p, r), hn::Set(real, exp_polynomial[term]));
    }
    const auto power = hn::Add(hn::Set(real, 1.0F), hn::Add(r, hn::Mul(hn::Mul(r, r), p)));
    const auto exponent = hn::Sub(hn::BitCast(integer, shifted), hn::BitCast(integer, whole));
    const auto half = hn::ShiftRight<1>(exponent);
    const auto bias = hn::Set(integer, 127);
    const auto first = hn::BitCast(real, hn::ShiftLeft<23>(hn::Add(half, bias)));
    const auto second =
        hn::BitCast(real, hn::ShiftLeft<23>(hn::Add(hn::Sub(exponent, half), bias)));
    const auto result = hn::Mul(hn::Mul(power, first), second);
    hn::StoreU(hn::IfThenElse(hn::Eq(given, given), result, given), real, out + i);
  }
  for (; i < count; ++i) out[i] = exp_f32(x[i]);
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "models/base/errors.h"

namespace razorsim {

HWY_EXPORT(exponentials);

void exp_f32(std::span<const float> x, std::span<float> out) {
  promise(out.size() == x.size(), "exp_f32 writes as many numbers as it reads");
  HWY_DYNAMIC_DISPATCH(exponentials)(x.data(), out.data(), x.size());
}

}  // namespace razorsim
#endif  // HWY_ONCE
