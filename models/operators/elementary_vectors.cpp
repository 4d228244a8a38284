// SPDX-License-Identifier: Apache-2.0
// The element loops of the operators by vectors. Each does its definition's operations in its
// order, none fused, so that every instruction set makes the same bits.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/operators/elementary_vectors.cpp"
#include "models/operators/elementary_vectors.h"

#include <hwy/foreach_target.h>  // compiles this file once for each vector instruction set
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/base/vector_tail-inl.h"
#include "models/operators/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<float> real;

void exponentials(const float* x, float* out, std::size_t count) {
  const std::size_t lanes = hn::Lanes(real);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(exponential(real, hn::LoadU(real, x + i)), real, out + i);
  }
  if (i == count) return;
  const auto rest = exponential(real, load_tail(real, x + i, count - i));
  store_tail(rest, real, out + i, count - i);
}

void exponentials_less(const float* x, float subtrahend, float* out, std::size_t count) {
  const std::size_t lanes = hn::Lanes(real);
  const auto less = hn::Set(real, subtrahend);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(exponential(real, hn::Sub(hn::LoadU(real, x + i), less)), real, out + i);
  }
  if (i == count) return;
  const auto rest = exponential(real, hn::Sub(load_tail(real, x + i, count - i), less));
  store_tail(rest, real, out + i, count - i);
}

float scaled_maximum(const float* x, float scale, float* out, std::size_t count) {
  const std::size_t lanes = hn::Lanes(real);
  const auto factor = hn::Set(real, scale);
  auto most = hn::Set(real, x[0] * scale);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto each = hn::Mul(hn::LoadU(real, x + i), factor);
    most = hn::IfThenElse(hn::Gt(each, most), each, most);
    hn::StoreU(each, real, out + i);
  }
  if (i < count) {
    const auto each = hn::Mul(load_tail(real, x + i, count - i), factor);
    most = hn::IfThenElse(hn::And(hn::Gt(each, most), hn::FirstN(real, count - i)), each, most);
    store_tail(each, real, out + i, count - i);
  }
  HWY_ALIGN float spilled[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(most, real, spilled);
  float all = spilled[0];
  for (std::size_t lane = 1; lane < lanes; ++lane) all = spilled[lane] > all ? spilled[lane] : all;
  return all;
}

void scale_in_place(float* x, float factor, std::size_t count) {
  const std::size_t lanes = hn::Lanes(real);
  const auto each = hn::Set(real, factor);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(hn::Mul(hn::LoadU(real, x + i), each), real, x + i);
  }
  if (i == count) return;
  store_tail(hn::Mul(load_tail(real, x + i, count - i), each), real, x + i, count - i);
}

void silu_gates(const float* gate, const float* up, float* out, std::size_t count) {
  const std::size_t lanes = hn::Lanes(real);
  const auto one = hn::Set(real, 1.0F);
  std::size_t i = 0;
  const auto gated = [&](auto g, auto u) HWY_ATTR {
    return hn::Mul(hn::Div(g, hn::Add(one, exponential(real, hn::Neg(g)))), u);
  };
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(gated(hn::LoadU(real, gate + i), hn::LoadU(real, up + i)), real, out + i);
  }
  if (i == count) return;
  const auto rest = gated(load_tail(real, gate + i, count - i), load_tail(real, up + i, count - i));
  store_tail(rest, real, out + i, count - i);
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "models/base/errors.h"

namespace razorsim {

HWY_EXPORT(exponentials);
HWY_EXPORT(exponentials_less);
HWY_EXPORT(scaled_maximum);
HWY_EXPORT(scale_in_place);
HWY_EXPORT(silu_gates);

void exp_f32(std::span<const float> x, std::span<float> out) {
  promise(out.size() == x.size(), "exp_f32 writes as many numbers as it reads");
  HWY_DYNAMIC_DISPATCH(exponentials)(x.data(), out.data(), x.size());
}

void exp_f32_less(std::span<const float> x, float subtrahend, std::span<float> out) {
  promise(out.size() == x.size(), "exp_f32 writes as many numbers as it reads");
  HWY_DYNAMIC_DISPATCH(exponentials_less)(x.data(), subtrahend, out.data(), x.size());
}

float scale_and_maximum(std::span<const float> x, float scale, std::span<float> out) {
  promise(!x.empty() && out.size() == x.size(), "a row of scores has columns");
  return HWY_DYNAMIC_DISPATCH(scaled_maximum)(x.data(), scale, out.data(), x.size());
}

void scale_row(std::span<float> x, float factor) {
  HWY_DYNAMIC_DISPATCH(scale_in_place)(x.data(), factor, x.size());
}

void silu_gate_row(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  promise(gate.size() == up.size() && out.size() == up.size(), "silu_gate takes one shape");
  HWY_DYNAMIC_DISPATCH(silu_gates)(gate.data(), up.data(), out.data(), gate.size());
}

}  // namespace razorsim
#endif  // HWY_ONCE
