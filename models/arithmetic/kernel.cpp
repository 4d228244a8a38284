// SPDX-License-Identifier: Apache-2.0
#include "models/arithmetic/kernel.h"

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include <hwy/highway.h>
#include <hwy/targets.h>

#include "models/arithmetic/kernel_block.h"
#include "models/base/errors.h"
#include "models/base/units.h"

namespace razorsim {
namespace {

using namespace kernel_detail;

// Chosen by measurement on Zen 4: the left rows of a visit stay in the level 2 cache, the right
// panels of a k chunk in level 1.
constexpr std::int64_t rows_per_visit = 128;
constexpr std::int64_t panels_per_visit = 12;  // a multiple of every tile's width
constexpr std::int64_t blocks_per_visit = 4;
constexpr std::int64_t macs_worth_a_thread = std::int64_t{1}
                                             << 24;  // about 0.3 ms, ten thread starts

/// What the instruction set in use has: sums of words times words or bytes and, which not all have,
/// of bytes times nibbles or quads and of words in halves times nibbles.
struct BlockFunctions {
  BlockFunction words = &sum_blocks_simd;
  BlockFunction codes = nullptr;
  BlockFunction halves = nullptr;
};
constexpr BlockFunctions by_vnni512{&sum_blocks_vnni512, &sum_codes_vnni512, &sum_halves_vnni512};

BlockFunctions& chosen() {
  static BlockFunctions functions = has_vnni512() ? by_vnni512 : BlockFunctions{};
  return functions;
}

/// Blocks of k whose sums surely fit int32, of `all`; 0 where not even one does. Mostly what a
/// whole row weighs tells; a row of nothing but large elements is cut.
std::int64_t safe_blocks(const PackedLeft& a, const PackedRight& w, std::int64_t all) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  if (a.heaviest_row() * w.largest() <= most) return all;
  return std::min(most / (std::int64_t{a.largest()} * w.largest() * k_block), all);
}

/// Rows of the left operand over a range of k as the block functions want them: one of these.
struct LeftWindow {
  const std::int16_t* words = nullptr;
  const CodedRow* codes = nullptr;
  const SplitRow* halves = nullptr;
  std::int64_t block_stride = 0;  ///< of its elements
};

/// Which part of each element a copied window holds; a = 256 * high + low, low in -128..127.
enum class Part { whole, high, low };

std::int16_t part_of(std::int16_t element, Part part) {
  const int high = (element + 128) >> 8;
  switch (part) {
    case Part::high: return static_cast<std::int16_t>(high);
    case Part::low: return static_cast<std::int16_t>(element - 256 * high);
    default: return element;
  }
}

/// A copy of rows x k of `a`, zero in the rest of the touched blocks.
LeftWindow copy_window(const PackedLeft& a, IndexRange rows, IndexRange k, Part part,
                       std::vector<std::int16_t>& storage) {
  const std::int64_t first = k.begin / k_block;
  const std::int64_t blocks = ceil_div(k.end, k_block) - first;
  storage.assign(static_cast<std::size_t>(blocks * rows.size() * k_block), 0);
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t base = (first + block) * k_block;
    const std::int64_t from = std::max(k.begin - base, std::int64_t{0});
    const std::int64_t to = std::min(k.end - base, k_block);
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      std::int16_t* target = storage.data() + (block * rows.size() + row) * k_block;
      std::int16_t words[k_block];
      const std::int16_t* source = words;
      if (a.packing() == Packing::words) {
        source = a.words(first + block) + (rows.begin + row) * k_block;
      } else {
        a.codes(first + block)[rows.begin + row].to_words(words);
      }
      for (std::int64_t i = from; i < to; ++i) target[i] = part_of(source[i], part);
    }
  }
  return {storage.data(), nullptr, nullptr, rows.size() * k_block};
}

/// Rows of words in halves, of all blocks that k touches.
LeftWindow split_window(const PackedLeft& a, IndexRange rows, IndexRange k,
                        std::vector<SplitRow>& storage) {
  const std::int64_t first = k.begin / k_block;
  const std::int64_t blocks = ceil_div(k.end, k_block) - first;
  storage.resize(static_cast<std::size_t>(blocks * rows.size()));
  for (std::int64_t block = 0; block < blocks; ++block) {
    for (std::int64_t row = 0; row < rows.size(); ++row) {
      split_row_vnni512(a.words(first + block) + (rows.begin + row) * k_block,
                        storage[static_cast<std::size_t>(block * rows.size() + row)]);
    }
  }
  return {nullptr, nullptr, storage.data(), rows.size()};
}

/// One thread's share: all ranges, one part of the left elements.
class Product {
 public:
  Product(const PackedRight& w, IndexRange k, std::int64_t blocks_per_sum)
      : w_(w),
        first_block_(k.begin / k_block),
        end_block_(ceil_div(k.end, k_block)),
        first_pair_((k.begin - first_block_ * k_block) / 2),
        last_pair_(ceil_div<std::int64_t>(k.end - (end_block_ - 1) * k_block, 2)),
        blocks_per_sum_(blocks_per_sum) {}

  /// c (+)= rows of the window times columns n, times 2^shift; `beside` is empty or like c.
  void run(const LeftWindow& a, std::int64_t rows, IndexRange n, MatrixView<std::int64_t> c,
           MatrixView<const float> beside, int shift, bool accumulate) {
    const std::int64_t last_panel = ceil_div(n.end, panel);
    // Few rows read each panel once, at memory speed: from end to end, one after the other.
    const bool once = rows < kernel_few_rows && lies_ready(a.words == nullptr, rows);
    const bool whole = blocks_per_sum_ >= end_block_ - first_block_;
    const std::int64_t visit = once && !whole ? 1 : panels_per_visit;
    const std::int64_t step = once ? blocks_per_sum_ : std::min(blocks_per_sum_, blocks_per_visit);
    for (std::int64_t first = n.begin / panel; first < last_panel; first += visit) {
      const std::int64_t end = std::min(first + visit, last_panel);
      const std::int64_t begin_col = std::max(n.begin, first * panel);
      BlockJob job;
      job.rows = rows;
      job.panels = end - first;
      job.a_block_stride = a.block_stride;
      job.c = c.data() + (begin_col - n.begin);
      job.c_stride = c.stride();
      job.beside_stride = beside.stride();
      job.skip_cols = begin_col - first * panel;
      job.cols = std::min(n.end, end * panel) - begin_col;
      job.shift = shift;
      for (std::int64_t block = first_block_; block < end_block_; block += step) {
        const std::int64_t block_end = std::min(block + step, end_block_);
        const std::int64_t a_offset = (block - first_block_) * a.block_stride;
        job.a = a.words == nullptr ? nullptr : a.words + a_offset;
        job.codes = a.codes == nullptr ? nullptr : a.codes + a_offset;
        job.halves = a.halves == nullptr ? nullptr : a.halves + a_offset;
        job.blocks = block_end - block;
        job.first_pair = block == first_block_ ? first_pair_ : 0;
        job.last_pair = block_end == end_block_ ? last_pair_ : pairs_per_block;
        job.accumulate = accumulate || block > first_block_;
        if (block_end == end_block_ && !beside.empty())
          job.beside = beside.data() + (begin_col - n.begin);
        take_panels(first, block, job);
        const BlockFunction sum = a.words != nullptr   ? chosen().words
                                  : a.codes != nullptr ? chosen().codes
                                                       : chosen().halves;
        sum(job);
      }
    }
  }

 private:
  /// Whether the block function takes the right operand as it is packed; few rows of bytes, which
  /// halves are too, take nibbles.
  [[nodiscard]] bool lies_ready(bool by_bytes, std::int64_t rows) const {
    if (w_.packing() == Packing::nibbles) return by_bytes && rows < kernel_few_rows;
    return by_bytes || w_.packing() != Packing::quads;
  }

  /// The job's part of the right operand: where it lies, or brought to what the block function
  /// takes.
  void take_panels(std::int64_t first, std::int64_t block, BlockJob& job) {
    job.packing = w_.packing();
    job.w = w_.panel(first) + block * w_.block_bytes();
    job.w_block_bytes = w_.block_bytes();
    job.w_panel_stride = w_.panel_bytes();
    const bool coded = job.codes != nullptr;
    if (lies_ready(job.a == nullptr, job.rows)) return;
    const bool nibbles = job.packing == Packing::nibbles;
    constexpr std::int64_t bytes = panel * k_block;
    if (!bytes_) bytes_ = allocate_bytes(panels_per_visit * job.blocks * bytes);
    for (std::int64_t i = 0; i < job.panels; ++i) {
      for (std::int64_t j = 0; j < job.blocks; ++j) {
        const std::byte* const from = job.w + i * job.w_panel_stride + j * job.w_block_bytes;
        std::byte* const to = bytes_.get() + (i * job.blocks + j) * bytes;
        const IndexRange groups = groups_of(job, j);
        if (nibbles) to_quads(*reinterpret_cast<const NibbleBlock*>(from), groups, to);
        if (!coded) to_bytes(nibbles ? to : from, groups, to);
      }
    }
    job.packing = coded ? Packing::quads : Packing::bytes;
    job.w = bytes_.get();
    job.w_block_bytes = bytes;
    job.w_panel_stride = job.blocks * bytes;
  }

  const PackedRight& w_;
  std::int64_t first_block_;
  std::int64_t end_block_;
  std::int64_t first_pair_;
  std::int64_t last_pair_;
  std::int64_t blocks_per_sum_;
  AlignedBytes bytes_;  ///< of nibbles or quads
};

void multiply_serial(const PackedLeft& a, IndexRange m, const PackedRight& w, IndexRange n,
                     IndexRange k, MatrixView<std::int64_t> c, bool accumulate,
                     MatrixView<const float> beside) {
  // A pair that straddles an end of k needs its outer element zeroed, in a copy.
  const bool straddles = k.begin % 2 != 0 || (k.end % 2 != 0 && k.end != a.k());
  const std::int64_t safe = safe_blocks(a, w, ceil_div(k.end, k_block) - k.begin / k_block);
  const bool split = safe == 0;
  const bool whole_groups =
      k.begin % code_group == 0 && (k.end % code_group == 0 || k.end == a.k());
  const bool by_bytes = multiplies_bytes() && whole_groups && !split;
  const bool coded = a.packing() == Packing::bytes && w.packing() < Packing::bytes && by_bytes;
  const bool halved = a.packing() == Packing::words && w.packing() == Packing::nibbles &&
                      m.size() < kernel_few_rows && by_bytes;
  Product product(w, k, split ? 1 : safe);
  std::vector<std::int16_t> storage;
  std::vector<SplitRow> halves;
  for (std::int64_t row = m.begin; row < m.end; row += rows_per_visit) {
    const IndexRange rows{row, std::min(row + rows_per_visit, m.end)};
    const auto part_of = [&](auto whole) {
      return whole.empty() ? whole : whole.block(row - m.begin, 0, rows.size(), n.size());
    };
    const MatrixView<std::int64_t> part = part_of(c);
    const MatrixView<const float> near = part_of(beside);
    if (split) {
      product.run(copy_window(a, rows, k, Part::high, storage), rows.size(), n, part, near, 8,
                  accumulate);
      product.run(copy_window(a, rows, k, Part::low, storage), rows.size(), n, part, near, 0, true);
    } else if (coded) {
      product.run({nullptr, a.codes(k.begin / k_block) + row, nullptr, a.rows()}, rows.size(), n,
                  part, near, 0, accumulate);
    } else if (halved) {
      product.run(split_window(a, rows, k, halves), rows.size(), n, part, near, 0, accumulate);
    } else if (straddles || a.packing() == Packing::bytes) {
      product.run(copy_window(a, rows, k, Part::whole, storage), rows.size(), n, part, near, 0,
                  accumulate);
    } else {
      product.run(
          {a.words(k.begin / k_block) + row * k_block, nullptr, nullptr, a.rows() * k_block},
          rows.size(), n, part, near, 0, accumulate);
    }
  }
}

}  // namespace

bool kernel_detail::multiplies_bytes() { return chosen().codes != nullptr; }

void multiply(const PackedLeft& a, IndexRange m, const PackedRight& w, IndexRange n, IndexRange k,
              MatrixView<std::int64_t> c, bool accumulate, int threads,
              MatrixView<const float> beside) {
  promise(0 <= m.begin && m.end <= a.rows() && 0 <= n.begin && n.end <= w.rows() && 0 <= k.begin &&
              k.end <= std::min(a.k(), w.k()) && c.rows() == m.size() && c.cols() == n.size(),
          "a product's ranges leave its operands");
  if (c.empty()) return;
  if (k.size() <= 0) {
    for (std::int64_t row = 0; row < c.rows() && !accumulate; ++row) {
      std::fill(c.row(row).begin(), c.row(row).end(), 0);
    }
    return;
  }
  const std::int64_t macs = m.size() * n.size() * k.size();
  const std::int64_t shares = std::clamp<std::int64_t>(
      std::min(macs / macs_worth_a_thread, ceil_div(n.size(), panel)), 1, std::max(threads, 1));
  const std::int64_t width = round_up(ceil_div(n.size(), shares), panel);
  std::vector<std::jthread> helpers;
  for (std::int64_t from = n.begin; from < n.end; from += width) {
    const IndexRange part{from, std::min(from + width, n.end)};
    const auto columns_of = [&](auto whole) {
      return whole.empty() ? whole : whole.block(0, from - n.begin, m.size(), part.size());
    };
    const MatrixView<std::int64_t> columns = columns_of(c);
    const MatrixView<const float> near = columns_of(beside);
    if (part.end < n.end) {
      helpers.emplace_back(
          [=, &a, &w] { multiply_serial(a, m, w, part, k, columns, accumulate, near); });
    } else {
      multiply_serial(a, m, w, part, k, columns, accumulate, near);
    }
  }
}

void multiply(const PackedLeft& a, const PackedRight& w, MatrixView<std::int64_t> c, int threads) {
  promise(a.k() == w.k(), "operands of a product differ in k");
  multiply(a, {0, a.rows()}, w, {0, w.rows()}, {0, a.k()}, c, false, threads);
}

bool use_kernel_target(KernelTarget target) {
  std::int64_t targets = 0;  // all
  switch (target) {
    case KernelTarget::automatic: break;
    case KernelTarget::vnni512: break;
    case KernelTarget::avx512: targets = HWY_AVX3; break;
    case KernelTarget::avx2: targets = HWY_AVX2; break;
    case KernelTarget::sse4: targets = HWY_SSE4; break;
    case KernelTarget::plain: break;
  }
  hwy::SetSupportedTargetsForTest(0);
  const bool able = (targets & ~hwy::SupportedTargets()) == 0;
  if (!able || (target == KernelTarget::vnni512 && !has_vnni512())) return false;
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  const bool vnni = has_vnni512() && targets == 0;
  chosen() = vnni ? by_vnni512 : BlockFunctions{};
  if (target == KernelTarget::plain) chosen() = {&sum_blocks_plain, nullptr};
  return true;
}

std::string_view kernel_target_name() {
  if (chosen().words == &sum_blocks_vnni512) return "AVX-512 VNNI";
  if (chosen().words == &sum_blocks_plain) return "plain";
  const std::int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(targets & -targets);
}

}  // namespace razorsim
