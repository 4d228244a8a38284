// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/arithmetic/sdr_rows.cpp"
#include <algorithm>
#include <cstddef>

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

std::int64_t add_shifted(const RowShift<std::int64_t>& row, std::int64_t begin, std::int64_t end,
                         const datapath::Accumulator& form) {
  std::int64_t overflows = 0;
  for (std::int64_t i = begin; i < end; ++i) {
    std::int64_t sum = row.from[i];
    const int shift = row.flags_moving[i] + row.flags_held[i];
    overflows += form.add(sum, datapath::barrel_shift(row.sums[i], shift)) ? 1 : 0;
    row.to[i] = sum;
  }
  return overflows;
}

#if HWY_TARGET == HWY_SCALAR
std::int64_t shift_wide_rows(const RowShift<std::int64_t>* rows, std::size_t count,
                             std::int64_t cols, const datapath::Accumulator& form) {
  std::int64_t overflows = 0;
  for (const RowShift<std::int64_t>* row = rows; row != rows + count; ++row)
    overflows += add_shifted(*row, 0, cols, form);
  return overflows;
}
#else
std::int64_t shift_wide_rows(const RowShift<std::int64_t>* rows, std::size_t count,
                             std::int64_t cols, const datapath::Accumulator& form) {
  const hn::CappedTag<std::int64_t, row_margin / 8> wide;
  const hn::Rebind<std::int32_t, decltype(wide)> middle;
  const hn::Rebind<std::int16_t, decltype(wide)> sums;
  const hn::Rebind<std::uint8_t, decltype(wide)> flags;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  const auto most = hn::Set(wide, form.largest());
  const auto least = hn::Set(wide, form.smallest());
  // Wider accumulators could overflow the vector's own elements.
  const bool fits = form.bits <= 62;
  std::int64_t overflows = 0;
  for (const RowShift<std::int64_t>* row = rows; row != rows + count; ++row) {
    for (std::int64_t i = 0; i < cols; i += lanes) {
      const auto* moving = reinterpret_cast<const std::uint8_t*>(row->flags_moving) + i;
      const auto distance = hn::Add(hn::PromoteTo(middle, hn::LoadU(flags, moving)),
                                    hn::PromoteTo(middle, hn::LoadU(flags, row->flags_held + i)));
      const auto group = hn::PromoteTo(middle, hn::LoadU(sums, row->sums + i));
      const auto shifted = hn::Shl(hn::PromoteTo(wide, group), hn::PromoteTo(wide, distance));
      const auto sum = hn::Add(hn::LoadU(wide, row->from + i), shifted);
      const auto beyond = hn::Or(hn::Gt(sum, most), hn::Lt(sum, least));
      if (HWY_UNLIKELY(!fits || !hn::AllFalse(wide, beyond))) {
        overflows += add_shifted(*row, i, std::min(i + lanes, cols), form);
      } else {
        hn::StoreU(sum, wide, row->to + i);
      }
    }
  }
  return overflows;
}
#endif

void shift_narrow_rows(const RowShift<std::int32_t>* rows, std::size_t count, std::int64_t cols) {
  const hn::CappedTag<std::int32_t, row_margin / 4> narrow;
  const hn::Rebind<std::int16_t, decltype(narrow)> sums;
  const hn::Rebind<std::uint8_t, decltype(narrow)> flags;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(narrow));
  for (const RowShift<std::int32_t>* row = rows; row != rows + count; ++row) {
    for (std::int64_t i = 0; i < cols; i += lanes) {
      const auto* moving = reinterpret_cast<const std::uint8_t*>(row->flags_moving) + i;
      const auto distance =
          hn::Add(hn::LoadU(flags, moving), hn::LoadU(flags, row->flags_held + i));
      const auto shifted = hn::Shl(hn::PromoteTo(narrow, hn::LoadU(sums, row->sums + i)),
                                   hn::PromoteTo(narrow, distance));
      hn::StoreU(hn::Add(hn::LoadU(narrow, row->from + i), shifted), narrow, row->to + i);
    }
  }
}

}  // namespace razorsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace razorsim {

HWY_EXPORT(clock_rows);
HWY_EXPORT(shift_wide_rows);
HWY_EXPORT(shift_narrow_rows);

void clock_rows(const std::vector<RowClock>& rows, std::int64_t cols) {
  HWY_DYNAMIC_DISPATCH(clock_rows)(rows.data(), rows.size(), cols);
}

std::int64_t shift_rows(const std::vector<RowShift<std::int64_t>>& rows, std::int64_t cols,
                        const datapath::Accumulator& form) {
  return HWY_DYNAMIC_DISPATCH(shift_wide_rows)(rows.data(), rows.size(), cols, form);
}

void shift_rows(const std::vector<RowShift<std::int32_t>>& rows, std::int64_t cols) {
  HWY_DYNAMIC_DISPATCH(shift_narrow_rows)(rows.data(), rows.size(), cols);
}

}  // namespace razorsim
#endif  // HWY_ONCE
