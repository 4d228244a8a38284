// SPDX-License-Identifier: Apache-2.0
#include "sim/values/linear_values.h"

#include <algorithm>
#include <utility>

#include "models/arithmetic/factors.h"
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/saturating.h"
#include "models/arithmetic/units.h"
#include "models/base/units.h"
#include "models/hardware/fold_layout.h"
#include "sim/values/accumulators.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

// Sums of a piece stay in the level 2 cache until they are rescaled; its sides are the kernel's
// own blocking (kernel.cpp).
constexpr std::int64_t piece_rows = 128;
constexpr std::int64_t piece_cols = 12 * kernel_panel;

}  // namespace

LinearValues::LinearValues(const std::vector<Operation>& operations, ProductOperands& operands,
                           MadeTensors& made, Options options)
    : operations_(operations), operands_(operands), made_(made), options_(std::move(options)) {}

void LinearValues::run(int operation, const PassWork::Product& work) {
  const std::vector<Box>& multiplied = work.multiplied.boxes();
  const std::vector<Box>& rescaled = work.rescaled.boxes();
  const bool exact = multiplied.empty() || !may_overflow(operation);
  if (exact && !options_.keep_sums && multiplied.size() == 1 && rescaled.size() == 1) {
    const Box& box = multiplied.front();
    if (box.first_k && box.k == IndexRange{0, at(operation).k} && box.m == rescaled.front().m &&
        box.n == rescaled.front().n)
      return multiply_and_rescale(operation, box);
  }
  if (!exact) multiply_in_order(operation, work.slab);
  for (const Box& box : multiplied) {
    if (!exact) break;
    multiply(operands_.plan_of(at(operation)), operands_.left(at(operation)).factor, box.m,
             operands_.right(at(operation)).factor, box.n, box.k,
             all_sums(operation).block(box.m.begin, box.n.begin, box.m.size(), box.n.size()),
             !box.first_k, options_.threads);
  }
  for (const Box& box : rescaled) {
    rescale_block(operation,
                  all_sums(operation).block(box.m.begin, box.n.begin, box.m.size(), box.n.size()),
                  box.m, box.n);
    made_.output_of(operation).made += box.m.size() * box.n.size();
  }
  const MadeTensor& made = made_.output_of(operation);
  if (!options_.keep_sums && made.made == made.size()) kept_.erase(operation);
}

void LinearValues::multiply_and_rescale(int operation, const Box& box) {
  const UnitPlan plan = operands_.plan_of(at(operation));
  const LeftFactor& left = operands_.left(at(operation)).factor;
  const RightFactor& right = operands_.right(at(operation)).factor;
  made_.output_of(operation).made += box.m.size() * box.n.size();
  const std::int64_t down = ceil_div(box.m.size(), piece_rows);
  const std::int64_t across = ceil_div(box.n.size(), piece_cols);
  // Down first: the weights of a column of pieces are read once.
  parallel_for(down * across, options_.threads, [&](std::int64_t piece) {
    const std::int64_t row = box.m.begin + piece % down * piece_rows;
    const std::int64_t col = box.n.begin + piece / down * piece_cols;
    const IndexRange m{row, std::min(row + piece_rows, box.m.end)};
    const IndexRange n{col, std::min(col + piece_cols, box.n.end)};
    static thread_local std::vector<std::int64_t> room(piece_rows * piece_cols);
    const MatrixView<std::int64_t> sums(room.data(), m.size(), n.size());
    multiply(plan, left, m, right, n, box.k, sums);
    rescale_block(operation, sums, m, n);
  });
}

void LinearValues::rescale_block(int operation, MatrixView<const std::int64_t> sums, IndexRange m,
                                 IndexRange n) {
  rescale_accumulators(
      operands_.plan_of(at(operation)), sums,
      scales_of(real_scales(operands_.left(at(operation)).encoded), m),
      scales_of(real_scales(operands_.right(at(operation)).encoded), n),
      made_.output_of(operation).view().block(m.begin, n.begin, m.size(), n.size()));
}

TileValues LinearValues::tile_values(const Job& job) {
  const Tile& tile = job.tile;
  TileValues values{window(operands_.left(at(job.operation)).encoded, tile.m, tile.k),
                    window(operands_.right(at(job.operation)).encoded, tile.n, tile.k),
                    {}};
  const MatrixView<std::int64_t> sums = all_sums(job.operation);
  for (std::int64_t m = tile.m.begin; m < tile.m.end; ++m) {
    for (std::int64_t n = tile.n.begin; n < tile.n.end; ++n)
      values.sums.push_back(tile.first_k ? 0 : sums(m, n));
  }
  return values;
}

void LinearValues::store(const Job& job, const std::vector<std::int64_t>& tile_sums) {
  const MatrixView<std::int64_t> sums = all_sums(job.operation);
  auto next = tile_sums.begin();
  for (std::int64_t m = job.tile.m.begin; m < job.tile.m.end; ++m) {
    for (std::int64_t n = job.tile.n.begin; n < job.tile.n.end; ++n) sums(m, n) = *next++;
  }
}

std::int64_t LinearValues::overflows(int operation) const {
  const auto found = overflows_.find(operation);
  return found == overflows_.end() ? 0 : found->second;
}

const std::vector<std::int64_t>& LinearValues::sums(int operation) const {
  static const std::vector<std::int64_t> none;
  const auto found = kept_.find(operation);
  // FP32 sums are no integers; outputs are what a product of theirs is known by.
  return found == kept_.end() || operands_.plan_of(at(operation)).floating ? none : found->second;
}

MatrixView<std::int64_t> LinearValues::all_sums(int operation) {
  const Operation& shape = at(operation);
  std::vector<std::int64_t>& sums = kept_[operation];
  if (sums.empty()) sums.resize(static_cast<std::size_t>(shape.m * shape.n));
  return {sums.data(), shape.m, shape.n};
}

/// Found once an operation. The formats' own bound is free; only where it fails are the elements
/// looked at.
bool LinearValues::may_overflow(int operation) {
  const auto [entry, added] = may_overflow_.try_emplace(operation, false);
  if (added && !operands_.plan_of(at(operation)).floating) {
    const EncodedMatrix& a = operands_.left(at(operation)).encoded;
    const EncodedMatrix& w = operands_.right(at(operation)).encoded;
    entry->second = accumulator_bits_needed(a.format, w.format, at(operation).k) >
                        options_.unit.accumulator_bits &&
                    !never_overflows(options_.unit, a, w);
  }
  return entry->second;
}

/// An accumulator that overflows depends on the order of its additions, so the product is made
/// once, whole, in the array's own: slab of K after slab.
void LinearValues::multiply_in_order(int operation, std::int64_t slab) {
  if (!kept_[operation].empty()) return;
  const Operation& shape = at(operation);
  const EncodedMatrix& left = operands_.left(shape).encoded;
  const EncodedMatrix& right = operands_.right(shape).encoded;
  const UnitPlan how = plan(options_.unit, left.format, right.format);
  std::vector<std::int64_t> sums;
  for (std::int64_t begin = 0; begin < shape.k; begin += slab) {
    const IndexRange k{begin, std::min(begin + slab, shape.k)};
    UnitProduct product = multiply_on_unit(options_.unit, window(left, {0, shape.m}, k),
                                           window(right, {0, shape.n}, k), options_.threads,
                                           order_of(options_.array, how, k.size()), sums);
    sums = std::move(product.accumulators);
    overflows_[operation] += product.counters.overflows;
  }
  kept_[operation] = std::move(sums);
}

}  // namespace razorsim
