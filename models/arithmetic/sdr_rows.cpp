// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/sdr_rows.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each target
// foreach_target.h comes before highway.h.
#include <hwy/highway.h>

#include "models/arithmetic/sdr_rows.h"

HWY_BEFORE_NAMESPACE();
namespace razorsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void clock_rows(const RowClock* rows, std::size_t count, std::int64_t cols) {
  const hn::CappedTag<std::int16_t, 32> sums;  // 64 bytes: the margin of RowRegisters
  const hn::Rebind<std::int8_t, decltype(sums)> codes;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(sums));
  const std::int64_t last = (cols - 1) / lanes * lanes;
  for (const RowClock* row = rows; row != rows + count; ++row) {
    row->moving[-1] = row->entering;
    // From the right, so that what moves is read before it is written over.
    for (std::int64_t i = last; i >= 0; i -= lanes) {
      const auto moved = hn::LoadU(codes, row->moving + i - 1);
      hn::StoreU(moved, codes, row->moving + i);
      const auto product = hn::Mul(hn::PromoteTo(sums, moved),
                                   hn::PromoteTo(sums, hn::LoadU(codes, row->other + i)));
      hn::StoreU(hn::Add(hn::LoadU(sums, row->above + i), product), sums, row->sums + i);
    }
  }
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {

HWY_EXPORT(clock_rows);

void clock_rows(const std::vector<RowClock>& rows, std::int64_t cols) {
  HWY_DYNAMIC_DISPATCH(clock_rows)(rows.data(), rows.size(), cols);
}

}  // namespace razorsim
#endif  // HWY_ONCE
