// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/product_program.h"

#include <algorithm>

#include "models/base/errors.h"

namespace razorsim {
namespace {

IndexRange block(std::int64_t index, std::int64_t size, std::int64_t whole) {
  return {index * size, std::min((index + 1) * size, whole)};
}

/// Address of a window that starts at (row, col) of an encoded matrix stored block by block.
std::int64_t address_of(std::int64_t base, const FormatSpec& format, IndexRange rows,
                        std::int64_t row_length, std::int64_t col) {
  return base + panel_bytes(format, rows.begin, row_length, true).padded().count() +
         panel_bytes(format, rows.size(), col, false).padded().count();
}

/// Emits one head of a plan; remembers which slabs of the resident operand are in the buffer.
class Emitter {
 public:
  Emitter(const ProductPlan& plan, StepSink& sink, std::int64_t head)
      : plan_(plan), sink_(sink), head_(head) {}

  void run() {
    const ProductShape& shape = plan_.shape;
    const ProductMapping& map = plan_.mapping;
    const std::int64_t m_blocks = ceil_div(shape.m, map.tile_m);
    const std::int64_t n_blocks = ceil_div(shape.n, map.tile_n);
    const bool rows_first = map.order == LoopOrder::mnk;
    const std::int64_t outer = rows_first ? m_blocks : n_blocks;
    const std::int64_t inner = rows_first ? n_blocks : m_blocks;
    for (std::int64_t o = 0; o < outer; ++o) {
      resident_.assign(static_cast<std::size_t>(slabs() * shape.products), no_panel);
      for (std::int64_t i = 0; i < inner; ++i) {
        const IndexRange m = block(rows_first ? o : i, map.tile_m, shape.m);
        const IndexRange n = block(rows_first ? i : o, map.tile_n, shape.n);
        const bool last = o + 1 == outer && i + 1 == inner && head_ + 1 == plan_.heads;
        output_tile(m, n, i == 0, i + 1 == inner, last);
      }
    }
  }

 private:
  [[nodiscard]] std::int64_t slabs() const { return ceil_div(plan_.shape.k, plan_.mapping.tile_k); }

  void output_tile(IndexRange m, IndexRange n, bool first_inner, bool last_inner, bool last) {
    const std::int64_t products = plan_.shape.products;
    for (std::int64_t p = 0; p < products; ++p) {
      for (std::int64_t s = 0; s < slabs(); ++s) {
        Job job;
        job.pass = plan_.pass;
        job.operation = plan_.operations[static_cast<std::size_t>(p)];
        job.vector_operation = plan_.vector_operation;
        job.has_tile = true;
        job.rows = m;
        job.cols = n;
        job.head = head_;
        Tile& tile = job.tile;
        tile.head = head_;
        tile.m = m;
        tile.n = n;
        tile.k = block(s, plan_.mapping.tile_k, plan_.shape.k);
        tile.first_k = s == 0;
        operands(job, p, s, first_inner, last_inner);
        plan_.cost(tile);
        const std::int64_t sums = m.size() * n.size() * plan_.shape.accumulator.count();
        if (tile.first_k) job.accumulator_room = Bytes(sums);
        job.to_accumulator = s + 1 == slabs();
        if (job.to_accumulator) finish(job, p, sums, last_inner, last);
        sink_.job(job);
      }
    }
  }

  /// Loads what is not in the buffers yet, and says what the array may drop after this tile.
  void operands(Job& job, std::int64_t p, std::int64_t s, bool first_inner, bool last_inner) {
    const ProductShape& shape = plan_.shape;
    const ProductMapping& map = plan_.mapping;
    const bool keeps_left = map.resident && map.order == LoopOrder::mnk;
    const bool keeps_right = map.resident && map.order == LoopOrder::nmk;
    Tile& tile = job.tile;
    // The same left panel serves both products of a pair when it stays.
    std::int64_t& held_left = resident_[static_cast<std::size_t>(s)];
    std::int64_t& held_right = resident_[static_cast<std::size_t>(p * slabs() + s)];
    if (!keeps_left || (first_inner && p == 0)) {
      Load load = sink_.new_load(job.operation, false);
      load.bytes = panel_bytes(shape.left, tile.m.size(), tile.k.size(), s == 0);
      load.address = address_of(plan_.left_address + head_ * left_head_bytes(), shape.left, tile.m,
                                shape.k, tile.k.begin);
      sink_.load(load);
      tile.left = load.panel;
      if (keeps_left) held_left = load.panel;
    } else {
      tile.left = held_left;
    }
    tile.release_left = !keeps_left || (last_inner && p + 1 == shape.products);
    if (!keeps_right || first_inner) {
      Load load = sink_.new_load(job.operation, true);
      load.bytes = panel_bytes(shape.right, tile.n.size(), tile.k.size(), s == 0);
      const std::int64_t right = plan_.right_addresses[static_cast<std::size_t>(p)] +
                                 head_ / plan_.heads_per_right * right_head_bytes();
      load.address = address_of(right, shape.right, tile.n, shape.k, tile.k.begin);
      sink_.load(load);
      tile.right = load.panel;
      if (keeps_right) held_right = load.panel;
    } else {
      tile.right = held_right;
    }
    tile.release_right = !keeps_right || last_inner;
  }

  void finish(Job& job, std::int64_t p, std::int64_t sums, bool last_inner, bool last) {
    const OutputPlan& output = plan_.output;
    const std::int64_t elements = job.rows.size() * job.cols.size();
    const bool complete = p + 1 == plan_.shape.products;
    job.vector_elements = elements;
    job.vector_steps = elements * (output.first_steps + (complete ? output.last_steps : 0));
    job.ends_vector = complete;
    if (!complete) return;
    job.accumulator_release = Bytes(sums * plan_.shape.products);
    if (output.aux.count() > 0) {
      Load load = sink_.new_load(plan_.vector_operation, false);
      load.bytes.codes = Bytes(elements * output.aux.count());
      load.address = plan_.aux_address +
                     round_up((job.rows.begin * plan_.shape.n + job.cols.begin * job.rows.size()) *
                                  output.aux.count(),
                              request_bytes.count());
      sink_.load(load);
      job.aux = load.panel;
      job.aux_bytes = load.bytes;
    }
    const OutputCost cost = output_cost(output, job.rows, job.cols.size());
    job.razor_groups = cost.groups;
    job.razor_sweeps = output.sweeps;
    job.output = cost.bytes;
    job.output_address = address_of(plan_.output_address + head_ * output_head_bytes(),
                                    output.format, job.rows, plan_.shape.n, job.cols.begin);
    job.holds_rows = output.whole_rows && !last_inner;
    job.last_of_pass = last;
  }

  [[nodiscard]] std::int64_t left_head_bytes() const {
    return panel_bytes(plan_.shape.left, plan_.shape.m, plan_.shape.k, true).padded().count();
  }
  [[nodiscard]] std::int64_t right_head_bytes() const {
    return panel_bytes(plan_.shape.right, plan_.shape.n, plan_.shape.k, true).padded().count();
  }
  [[nodiscard]] std::int64_t output_head_bytes() const {
    return panel_bytes(plan_.output.format, plan_.shape.m, plan_.shape.n, true).padded().count();
  }

  const ProductPlan& plan_;
  StepSink& sink_;
  std::int64_t head_;
  std::vector<std::int64_t> resident_;
};

}  // namespace

OutputCost output_cost(const OutputPlan& plan, IndexRange rows, std::int64_t cols) {
  OutputCost cost;
  const std::int64_t group = plan.format.group;
  if (!plan.along_rows) {
    if (plan.encoded) cost.groups = rows.size() * ceil_div(cols, group);
    cost.bytes = panel_bytes(plan.format, rows.size(), cols, true);
    return cost;
  }
  // Groups of tokens that become complete with these rows; the tail stays at its base.
  const std::int64_t complete = (plan.past + rows.end) / group - (plan.past + rows.begin) / group;
  cost.groups = complete * cols;
  cost.bytes = panel_bytes(plan.format, cols, complete * group, false);
  if (plan.keeps_base)
    cost.bytes.codes +=
        Bytes(ceil_div(rows.size() * cols * plan.format.base_bits, std::int64_t{8}));
  return cost;
}

void run_program(const ProductPlan& plan, StepSink& sink) {
  promise(plan.operations.size() == static_cast<std::size_t>(plan.shape.products),
          "one operation a product");
  for (std::int64_t head = 0; head < plan.heads; ++head) Emitter(plan, sink, head).run();
}

}  // namespace razorsim
