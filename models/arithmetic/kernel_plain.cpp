// SPDX-License-Identifier: Apache-2.0
// The kernel without intrinsics: the definition, and the block function for machines without SIMD.
#include "models/arithmetic/kernel.h"
#include "models/arithmetic/kernel_block.h"
#include "models/base/errors.h"

namespace razorsim {
namespace kernel_detail {
namespace {

template <class Element>
void sum_blocks_of(const BlockJob& job) {
  for (std::int64_t row = 0; row < job.rows; ++row) {
    for (std::int64_t visit = 0; visit < job.panels; ++visit) {
      std::int32_t sums[panel] = {};
      for (std::int64_t block = 0; block < job.blocks; ++block) {
        const std::int16_t* a = job.a + block * job.a_block_stride + row * k_block;
        const auto* w = reinterpret_cast<const Element*>(job.w + visit * job.w_panel_stride +
                                                         block * job.w_block_bytes);
        const IndexRange pairs = pairs_of(job, block);
        for (std::int64_t pair = pairs.begin; pair < pairs.end; ++pair) {
          for (std::int64_t col = 0; col < panel; ++col) {
            const Element* two = w + (pair * panel + col) * 2;
            sums[col] += a[2 * pair] * two[0] + a[2 * pair + 1] * two[1];
          }
        }
      }
      drain_row(job, sums, row, valid_columns(job, visit, 1));
    }
  }
}

}  // namespace

void sum_blocks_plain(const BlockJob& job) {
  if (job.packing == Packing::bytes) {
    sum_blocks_of<std::int8_t>(job);
  } else {
    sum_blocks_of<std::int16_t>(job);
  }
}

}  // namespace kernel_detail

void multiply_plain(MatrixView<const std::int16_t> a, MatrixView<const std::int16_t> w,
                    MatrixView<std::int64_t> c, bool accumulate) {
  promise(a.cols() == w.cols() && c.rows() == a.rows() && c.cols() == w.rows(),
          "shapes of a product do not fit");
  for (std::int64_t row = 0; row < a.rows(); ++row) {
    for (std::int64_t col = 0; col < w.rows(); ++col) {
      std::int64_t sum = accumulate ? c(row, col) : 0;
      for (std::int64_t k = 0; k < a.cols(); ++k) sum += std::int64_t{a(row, k)} * w(col, k);
      c(row, col) = sum;
    }
  }
}

}  // namespace razorsim
