// SPDX-License-Identifier: Apache-2.0
// exp_f32 of a vector: the operations of the definition in elementary.h, in its order, none fused.
// Included once for each vector instruction set.
#if defined(RAZORSIM_EXP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RAZORSIM_EXP_INL_H
#undef RAZORSIM_EXP_INL_H
#else
#define RAZORSIM_EXP_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "models/operators/elementary.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

template <class Real, class Vector>
HWY_INLINE Vector exponential(Real real, Vector given) {
  namespace hn = hwy::HWY_NAMESPACE;
  constexpr hn::RebindToSigned<Real> integer;
  const auto whole = hn::Set(real, exp_whole);
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
  const auto second = hn::BitCast(real, hn::ShiftLeft<23>(hn::Add(hn::Sub(exponent, half), bias)));
  const auto result = hn::Mul(hn::Mul(power, first), second);
  return hn::IfThenElse(hn::Eq(given, given), result, given);
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
