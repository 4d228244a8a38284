// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_array.h"

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace {

EncodedMatrix zeros(const FormatSpec& format, std::int64_t rows, std::int64_t cols) {
  EncodedMatrix matrix;
  matrix.format = format;
  matrix.rows = rows;
  matrix.cols = cols;
  matrix.values.assign(static_cast<std::size_t>(rows * cols), 0);
  matrix.codes = matrix.values;
  matrix.group_codes.assign(static_cast<std::size_t>(rows * matrix.groups_per_row()), 0);
  const bool a_group = format.granularity == ScaleGranularity::group;
  matrix.scales.assign(a_group ? matrix.group_codes.size() : 1, 1.0F);
  return matrix;
}

}  // namespace

PeArray::PeArray(const ArraySpec& array, const Schedule& schedule, ValuePath* values,
                 PeObserver* observer)
    : array_(array), schedule_(schedule), values_(values), observer_(observer) {}

TileTiming PeArray::run(const Job& job) {
  const Tile& tile = job.tile;
  TileValues operands;
  if (values_ != nullptr) {
    operands = values_->tile_values(job);
  } else {
    const ScheduledOperation& operation =
        schedule_.operations[static_cast<std::size_t>(job.operation)];
    operands.left = zeros(operation.left, tile.m.size(), tile.k.size());
    operands.right = zeros(tile.wide_right ? operation.wide_right : operation.right, tile.n.size(),
                           tile.k.size());
    operands.sums.assign(static_cast<std::size_t>(tile.m.size() * tile.n.size()), 0);
  }
  PeProduct product;
  product.sums = std::move(operands.sums);
  shown_ = observer_ != nullptr && observer_->wants(job.operation);
  step_product(array_, schedule_.unit, operands.left, operands.right, product,
               shown_ ? observer_ : nullptr);
  // The registers are there to prove the closed forms, so they do in every run.
  promise(product.preload == tile.preload.count() && product.beats == tile.beats.count() &&
              product.skew == tile.skew.count(),
          fmt::format("a tile of {} x {} x {} took {} + {} + {} cycles by registers, {} + {} + {} "
                      "by closed forms",
                      tile.m.size(), tile.n.size(), tile.k.size(), product.preload, product.beats,
                      product.skew, tile.preload.count(), tile.beats.count(), tile.skew.count()));
  if (values_ != nullptr) values_->store(job, product.sums);
  return {CoreCycles(product.preload), CoreCycles(product.beats), CoreCycles(product.skew),
          product.counters.overflows};
}

void PeArray::placed(const Job& job, Picoseconds cycle_0) {
  if (shown_) observer_->placed(cycle_0, job.tile.m.begin, job.tile.n.begin);
}

}  // namespace razorsim
