// SPDX-License-Identifier: Apache-2.0
#include "sim/values/linear_values.h"

#include <algorithm>
#include <optional>
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

/// What an operation's sums are multiplied by, looked up once.
struct LinearValues::Rescale {
  UnitPlan plan;
  std::span<const float> left;
  std::span<const float> right;

  /// Sums of rows m and columns n, into `out`.
  void operator()(MatrixView<const std::int64_t> sums, IndexRange m, IndexRange n,
                  MatrixView<float> out) const {
    rescale_accumulators(plan, sums, scales_of(left, m), scales_of(right, n), out);
  }
};

LinearValues::Rescale LinearValues::rescale_of(int operation) {
  return {operands_.plan_of(at(operation)), real_scales(operands_.left(at(operation)).encoded),
          real_scales(operands_.right(at(operation)).encoded)};
}

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
  MadeTensor& made = made_.output_of(operation);
  for (const Box& box : rescaled) {
    const auto block = [&](auto whole) {
      return whole.block(box.m.begin, box.n.begin, box.m.size(), box.n.size());
    };
    rescale_of(operation)(block(all_sums(operation)), box.m, box.n, block(made.room()));
    made.made += box.m.size() * box.n.size();
  }
  if (!options_.keep_sums && made.whole()) kept_.erase(operation);
}

template <class Take>
void LinearValues::multiply_pieces(int operation, const Box& box, IndexRange pieces,
                                   const Take& take) {
  const UnitPlan plan = operands_.plan_of(at(operation));
  const LeftFactor& left = operands_.left(at(operation)).factor;
  const RightFactor& right = operands_.right(at(operation)).factor;
  // What sums are compared with comes while they are made.
  const std::optional<MatrixView<const float>> reference = made_.output_of(operation).reference;
  const std::int64_t down = ceil_div(box.m.size(), piece_rows);
  static thread_local std::vector<std::int64_t> room;
  const std::int64_t needed = std::min(box.m.size(), piece_rows) * piece_cols;
  if (std::ssize(room) < needed) room.resize(static_cast<std::size_t>(needed));
  for (std::int64_t piece = pieces.begin; piece < pieces.end; ++piece) {
    // Down first: the weights of a column of pieces are read once.
    const std::int64_t row = box.m.begin + piece % down * piece_rows;
    const std::int64_t col = box.n.begin + piece / down * piece_cols;
    const IndexRange m{row, std::min(row + piece_rows, box.m.end)};
    const IndexRange n{col, std::min(col + piece_cols, box.n.end)};
    const MatrixView<std::int64_t> sums(room.data(), m.size(), n.size());
    const MatrixView<const float> beside =
        reference ? reference->block(m.begin, n.begin, m.size(), n.size())
                  : MatrixView<const float>();
    multiply(plan, left, m, right, n, box.k, sums, false, 1, beside);
    take(sums, m, n);
  }
}

void LinearValues::multiply_and_rescale(int operation, const Box& box) {
  MadeTensor& made = made_.output_of(operation);
  made.made += box.m.size() * box.n.size();
  (void)operands_.left(at(operation));  // made ready before the threads start
  const Rescale rescale = rescale_of(operation);
  const std::int64_t down = ceil_div(box.m.size(), piece_rows);
  const std::int64_t across = ceil_div(box.n.size(), piece_cols);
  // A row is compared from left to right, so that its pieces are one thread's.
  if (made.passes() && box.n.size() == made.cols && down >= options_.threads) {
    (void)made.compared();  // ready before the threads start
    const std::int64_t strips = options_.threads == 1 ? 1 : down;
    parallel_for(strips, options_.threads, [&](std::int64_t strip) {
      if (strips == 1) return multiply_and_compare(operation, box, rescale, made);
      Box part = box;
      part.m.begin = box.m.begin + strip * piece_rows;
      part.m.end = std::min(part.m.begin + piece_rows, box.m.end);
      multiply_and_compare(operation, part, rescale, made);
    });
    return;
  }
  const MatrixView<float> out = made.room();
  parallel_for(down * across, options_.threads, [&](std::int64_t piece) {
    multiply_pieces(operation, box, {piece, piece + 1},
                    [&](MatrixView<const std::int64_t> sums, IndexRange m, IndexRange n) {
                      rescale(sums, m, n, out.block(m.begin, n.begin, m.size(), n.size()));
                    });
  });
}

/// Whole rows that nobody reads: rescaled, a few at a time, and compared.
void LinearValues::multiply_and_compare(int operation, const Box& box, const Rescale& rescale,
                                        MadeTensor& made) {
  constexpr std::int64_t at_once = 16;
  float numbers[at_once * piece_cols];
  std::vector<RowComparison> compared(static_cast<std::size_t>(box.m.size()));
  const IndexRange all{0, ceil_div(box.m.size(), piece_rows) * ceil_div(box.n.size(), piece_cols)};
  multiply_pieces(
      operation, box, all, [&](MatrixView<const std::int64_t> sums, IndexRange m, IndexRange n) {
        for (std::int64_t first = m.begin; first < m.end && made.reference; first += at_once) {
          const IndexRange rows{first, std::min(first + at_once, m.end)};
          const MatrixView<float> out(numbers, rows.size(), n.size());
          rescale(sums.block(first - m.begin, 0, rows.size(), n.size()), rows, n, out);
          const MatrixView<const float> wanted =
              made.reference->block(first, n.begin, rows.size(), n.size());
          for (std::int64_t row = 0; row < rows.size(); ++row) {
            compared[static_cast<std::size_t>(first - box.m.begin + row)].add(wanted.row(row),
                                                                              out.row(row), 0);
          }
        }
      });
  for (std::int64_t row = box.m.begin; row < box.m.end; ++row) {
    made.compared()[static_cast<std::size_t>(row)] =
        compared[static_cast<std::size_t>(row - box.m.begin)].result();
  }
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
