// SPDX-License-Identifier: Apache-2.0
#include "sim/values/attention_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "models/arithmetic/units.h"
#include "models/base/errors.h"
#include "models/base/units.h"
#include "models/formats/format.h"
#include "models/operators/softmax.h"
#include "sim/values/accumulators.h"
#include "traces/llama/parallel.h"

namespace razorsim {

using Kind = AttentionStep::Kind;

namespace {

/// Takes the slab of k after its own into a step, which changes no sum; false where none follows.
bool join(AttentionStep& step, const AttentionStep& next) {
  if (step.kind != Kind::context || next.kind != Kind::context || next.first_k ||
      next.k.begin != step.k.end || next.wide_right != step.wide_right)
    return false;
  step.k.end = next.k.end;
  return true;
}

}  // namespace

AttentionValues::AttentionValues(AttentionInputs inputs)
    : in_(std::move(inputs)),
      tokens_(in_.scores_operation.m),
      columns_(in_.scores_operation.n),
      head_dim_(in_.scores_operation.k),
      group_heads_(in_.scores_operation.heads / in_.scores_operation.kv_heads),
      probability_has_groups_(traits_of(in_.probability).has_groups) {
  const std::vector<EncodedMatrix>& value = in_.value.right();
  const std::vector<EncodedMatrix>& base = in_.value.base;
  scores_plan_ = plan(in_.unit, in_.query.format, in_.key.format);
  context_plan_ = plan(in_.unit, in_.probability, value.front().format);
  if (!base.empty()) window_plan_ = plan(in_.unit, in_.probability, base.front().format);
  for (const EncodedMatrix& head : in_.query.heads) {
    if (scores_plan_.floating) query_.emplace_back(head, true);
  }
  const bool few_rows = tokens_ < kernel_few_rows;
  const Packing beside_query = least_packing(in_.query.format, few_rows);
  const Packing beside_probability = least_packing(in_.probability, few_rows);
  const auto pack = [&](const std::vector<EncodedMatrix>& heads, bool floating, Packing least,
                        std::vector<RightFactor>& factors) {
    // Few tokens read each head once, one after the other.
    PackedRoom room(std::ssize(heads) * columns_ * head_dim_);
    for (const EncodedMatrix& head : heads)
      factors.emplace_back(head, floating, least, few_rows ? &room : nullptr);
  };
  pack(in_.key.heads, scores_plan_.floating, beside_query, key_);
  pack(value, context_plan_.floating, beside_probability, value_);
  pack(base, window_plan_.floating, least_packing(in_.probability), base_);
  if (!scores_plan_.floating) {
    require_room(in_.scores_operation, traits_of(in_.query.format).largest_value *
                                           traits_of(in_.key.format).largest_value * head_dim_);
  }
  const auto rows = static_cast<std::size_t>(in_.scores_operation.heads * tokens_);
  compared_scores_.resize(rows);
  compared_probabilities_.resize(rows);
}

void AttentionValues::require_room(const Operation& operation, std::int64_t largest) const {
  const int needed = 1 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(largest)));
  if (needed <= in_.unit.accumulator_bits) return;
  throw ConfigError("array.unit.accumulator_bits",
                    "is " + std::to_string(in_.unit.accumulator_bits) +
                        "; allowed with values on: at least " + std::to_string(needed) +
                        ", which the sums of " + operation.name + " need");
}

std::int64_t AttentionValues::largest_value() const {
  std::int64_t largest = traits_of(in_.value.right().front().format).largest_value;
  if (!in_.value.base.empty())
    largest = std::max(largest, traits_of(in_.value.base.front().format).largest_value);
  return largest;
}

std::int64_t AttentionValues::run(const std::vector<AttentionStep>& steps) {
  // The steps of each block in their order; the blocks of a head one after the other, as their
  // operands and references lie in memory.
  const auto place = [&](std::int64_t head, const AttentionStep& step) {
    return static_cast<std::size_t>(head * tokens_ + step.rows.begin);
  };
  const auto each = [&](const auto& visit) {
    for (const AttentionStep& step : steps) {
      for (std::int64_t head = step.heads.begin; head < step.heads.end; ++head) visit(head, step);
    }
  };
  std::vector<std::uint32_t> ends(static_cast<std::size_t>(in_.scores_operation.heads * tokens_) +
                                  1);
  each([&](std::int64_t head, const AttentionStep& step) { ++ends[place(head, step) + 1]; });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<const AttentionStep*> in_order(ends.back());
  each([&](std::int64_t head, const AttentionStep& step) {
    in_order[ends[place(head, step)]++] = &step;
  });
  struct Work {
    Block* block;
    std::span<const AttentionStep* const> steps;
  };
  std::vector<Work> work;
  for (std::size_t i = 0, begin = 0; i + 1 < ends.size(); begin = ends[i++]) {
    if (begin == ends[i]) continue;
    const auto own = std::span(in_order).subspan(begin, ends[i] - begin);
    work.push_back({&block_at(static_cast<std::int64_t>(i) / tokens_, own.front()->rows), own});
  }
  parallel_for(static_cast<std::int64_t>(work.size()), in_.threads, [&](std::int64_t i) {
    const Work& own = work[static_cast<std::size_t>(i)];
    for (std::size_t step = 0; step < own.steps.size();) {
      AttentionStep joined = *own.steps[step++];
      while (step < own.steps.size() && join(joined, *own.steps[step])) ++step;
      run(*own.block, joined);
    }
  });
  std::int64_t made = 0;
  for (const Work& own : work) {
    // Rows of a softmax sum to one, so what they really weigh is far below their length's worst.
    if (!context_plan_.floating)
      require_room(in_.context_operation, own.block->heaviest_row * largest_value());
    if (!own.block->done) continue;
    made += own.block->rows.size() * head_dim_;
    blocks_.erase({own.block->head, own.block->rows.begin});
  }
  return made;
}

void AttentionValues::release() {
  for (AttentionOperand* operand : {&in_.query, &in_.key, &in_.value}) *operand = {};
  query_.clear();
  for (std::vector<RightFactor>* factors : {&key_, &value_, &base_}) factors->clear();
}

OutputComparison AttentionValues::compared_scores() const {
  OutputComparison all;
  for (const OutputComparison& row : compared_scores_) all.add(row);
  return all;
}

OutputComparison AttentionValues::compared_probabilities() const {
  OutputComparison all;
  for (const OutputComparison& row : compared_probabilities_) all.add(row);
  return all;
}

void AttentionValues::run(Block& block, const AttentionStep& step) {
  switch (step.kind) {
    case Kind::scores: multiply_scores(block, step); break;
    case Kind::rescale_scores:
      rescale_scores(block, step.n);
      if (step.softens) soften(block, step.visible);
      break;
    case Kind::encode: encode(block, step.visible); break;
    case Kind::context: multiply_context(block, step); break;
    case Kind::rescale_context: rescale_context(block); break;
  }
}

void AttentionValues::multiply_scores(Block& block, const AttentionStep& step) {
  const auto head = static_cast<std::size_t>(block.head);
  const bool whole = scores_plan_.floating;
  if (!whole && block.query.packed().rows() == 0)
    block.query = LeftFactor(packed_left(in_.query.heads[head], block.rows));
  const auto columns = [&](auto rows) {
    return rows.block(0, step.n.begin, block.rows.size(), step.n.size());
  };
  const auto beside = in_.reference_scores ? columns(rows_of(*in_.reference_scores, block))
                                           : MatrixView<const float>();
  multiply(scores_plan_, whole ? query_[head] : block.query,
           whole ? block.rows : IndexRange{0, block.rows.size()}, key_[kv_of(block)], step.n,
           step.k, columns(part_of(block, &Room::sums)), false, 1, beside);
}

AttentionValues::Room& AttentionValues::spare_room() {
  static thread_local Room room;
  return room;
}

template <class T>
MatrixView<T> AttentionValues::part_of(Block& block, std::unique_ptr<T[]> Room::*part) const {
  const std::int64_t rows = block.rows.size();
  const std::int64_t size = rows * columns_;
  if (block.room.size == 0 && spare_room().size >= size)
    block.room = std::exchange(spare_room(), {});
  block.room.size = std::max(block.room.size, size);
  std::unique_ptr<T[]>& room = block.room.*part;
  if (!room) room = std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(block.room.size));
  return {room.get(), rows, columns_};
}

MatrixView<std::int64_t> AttentionValues::context_of(Block& block) const {
  block.context.resize(static_cast<std::size_t>(block.rows.size() * head_dim_));
  return {block.context.data(), block.rows.size(), head_dim_};
}

AttentionValues::Block& AttentionValues::block_at(std::int64_t head, IndexRange rows) {
  Block& block = blocks_[{head, rows.begin}];
  block.head = head;
  block.rows = rows;
  return block;
}

std::size_t AttentionValues::kv_of(const Block& block) const {
  return static_cast<std::size_t>(block.head / group_heads_);
}

void AttentionValues::rescale_scores(Block& block, IndexRange n) {
  const auto slab = [&](auto whole) {
    return whole.block(0, n.begin, block.rows.size(), n.size());
  };
  rescale_accumulators(
      scores_plan_, slab(part_of(block, &Room::sums)),
      scales_of(real_scales(in_.query.heads[static_cast<std::size_t>(block.head)]), block.rows),
      scales_of(real_scales(in_.key.heads[kv_of(block)]), n), slab(part_of(block, &Room::scores)));
}

void AttentionValues::soften(Block& block, std::int64_t visible) {
  const auto seen = [&](auto rows) { return rows.block(0, 0, block.rows.size(), visible); };
  const MatrixView<const float> made = part_of(block, &Room::scores);
  compare(block, made, in_.reference_scores, 0, compared_scores_);
  const bool given = in_.isolated && in_.reference_scores;
  const MatrixView<float> out = part_of(block, &Room::probabilities);
  softmax(seen(given ? rows_of(*in_.reference_scores, block) : made),
          1.0F / std::sqrt(static_cast<float>(head_dim_)),
          in_.scores_operation.past + block.rows.begin, seen(out));
  // Those of scores came with them; of these the next block's are asked for.
  const std::int64_t next_block = block.rows.size() * columns_;
  compare(block, out, in_.reference_probabilities, next_block, compared_probabilities_);
}

void AttentionValues::compare(const Block& block, MatrixView<const float> made,
                              const std::optional<MatrixView<const float>>& reference,
                              std::ptrdiff_t ahead, std::vector<OutputComparison>& rows) const {
  if (!reference) return;
  const MatrixView<const float> wanted = rows_of(*reference, block);
  for (std::int64_t row = 0; row < block.rows.size(); ++row) {
    const auto visible =
        static_cast<std::size_t>(in_.scores_operation.past + block.rows.begin + row + 1);
    rows[static_cast<std::size_t>(block.head * tokens_ + block.rows.begin + row)] =
        compare_row(wanted.row(row).first(visible), made.row(row).first(visible), ahead);
  }
}

void AttentionValues::encode(Block& block, std::int64_t visible) {
  // What no row of the block sees is left out; groups are whole.
  const std::int64_t width =
      probability_has_groups_
          ? std::min(columns_, round_up<std::int64_t>(visible, in_.probability.group))
          : visible;
  const MatrixView<float> made = part_of(block, &Room::probabilities);
  for (std::int64_t row = 0; row < made.rows(); ++row) {
    for (std::int64_t col = visible; col < width; ++col) made(row, col) = 0;
  }
  const bool given = in_.isolated && in_.reference_probabilities;
  const MatrixView<const float> numbers =
      given ? rows_of(*in_.reference_probabilities, block) : made;
  block.probability =
      encode_numbers(numbers.block(0, 0, block.rows.size(), width), in_.probability, 1.0F);
  block.factor = LeftFactor(block.probability, context_plan_.floating);
  block.heaviest_row = block.factor.packed().heaviest_row();
  block.query = {};
  spare_room() = std::exchange(block.room, {});
}

void AttentionValues::multiply_context(Block& block, const AttentionStep& step) {
  // Tokens of groups that are not complete for this block enter at their base.
  const std::vector<RightFactor>& value = step.wide_right ? base_ : value_;
  multiply(step.wide_right ? window_plan_ : context_plan_, block.factor, {0, block.rows.size()},
           value[kv_of(block)], {0, head_dim_}, step.k, context_of(block), !step.first_k);
}

void AttentionValues::rescale_context(Block& block) {
  const std::int64_t heads = in_.output.cols() / head_dim_;
  rescale_accumulators(
      context_plan_, context_of(block), real_scales(block.probability),
      real_scales(in_.value.heads[kv_of(block)]),
      in_.output.block(block.head / heads * tokens_ + block.rows.begin,
                       block.head % heads * head_dim_, block.rows.size(), head_dim_));
  // What a block needed is in cache, and the next one's room.
  block.probability = {};
  block.factor = {};
  block.context = {};
  block.done = true;
}

TileValues AttentionValues::tile_values(const Job& job, bool is_scores) const {
  TileValues values;
  const IndexRange heads = heads_of(job);
  const auto kv = static_cast<std::size_t>(heads.begin / group_heads_);
  // Scores reduce over one head's features, in one slab.
  const bool from_zero = is_scores || job.tile.first_k;
  const auto sums = static_cast<std::size_t>(job.rows.size() * job.tile.n.size());
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    if (is_scores) {
      append_rows(values.left,
                  window(in_.query.heads[static_cast<std::size_t>(head)], job.rows, job.tile.k));
    } else {
      const Block& block = blocks_.at({head, job.rows.begin});
      // A row's groups are cut at the last column it may see; the rest of the row is zero.
      const EncodedMatrix& rows = block.probability;
      const std::int64_t end =
          rows.group_codes.empty()
              ? job.tile.k.end
              : std::min(rows.cols, round_up<std::int64_t>(job.tile.k.end, rows.format.group));
      append_rows(values.left, window(rows, {0, job.rows.size()}, {job.tile.k.begin, end}));
      if (!from_zero)
        values.sums.insert(values.sums.end(), block.context.begin(), block.context.end());
    }
    if (from_zero) values.sums.insert(values.sums.end(), sums, 0);
  }
  if (is_scores) {
    values.right = window(in_.key.heads[kv], job.tile.n, job.tile.k);
  } else {
    const EncodedMatrix& right = (job.tile.wide_right ? in_.value.base : in_.value.right())[kv];
    values.right =
        window(right, {0, head_dim_}, {job.tile.k.begin, job.tile.k.begin + values.left.cols});
  }
  return values;
}

void AttentionValues::store(const Job& job, bool is_scores, const std::vector<std::int64_t>& sums) {
  const IndexRange heads = heads_of(job);
  auto next = sums.begin();
  for (std::int64_t head = heads.begin; head < heads.end; ++head) {
    Block& block = block_at(head, job.rows);
    const MatrixView<std::int64_t> to =
        (is_scores ? part_of(block, &Room::sums) : context_of(block))
            .block(0, job.tile.n.begin, job.rows.size(), job.tile.n.size());
    for (std::int64_t row = 0; row < to.rows(); ++row, next += to.cols())
      std::copy_n(next, to.cols(), to.row(row).begin());
  }
}

}  // namespace razorsim
