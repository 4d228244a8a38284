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
  const hn::CappedTag<std::int16_t, row_margin / 2> sums;
  const hn::Rebind<std::int8_t, decltype(sums)> codes;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(sums));
  for (const RowClock* row = rows; row != rows + count; ++row) {
    for (std::int64_t i = 0; i < cols; i += lanes) {
      const auto product = hn::Mul(hn::PromoteTo(sums, hn::LoadU(codes, row->a + i)),
                                   hn::PromoteTo(sums, hn::LoadU(codes, row->w + i)));
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
