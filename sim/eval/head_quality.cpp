// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/head_quality.h"

#include <algorithm>
#include <memory>

#include "models/base/units.h"
#include "models/operators/rms_norm.h"
#include "traces/llama/parallel.h"

namespace razorsim {
namespace {

constexpr std::int64_t rows_per_block = 48;  // tokens whose logits a thread holds at once, chosen

PackedF32 packed_head(const Model& model) {
  const std::vector<float> weight = model.weight("head.weight");
  return PackedF32::transposed({weight.data(), model.network().vocabulary, model.network().hidden});
}

/// `count` rows of floats with their storage, and nothing in them yet.
struct Rows {
  Rows(std::int64_t count, std::int64_t cols)
      : elements(std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(count * cols))),
        view(elements.get(), count, cols) {}
  std::unique_ptr<float[]> elements;
  MatrixView<float> view;
};

}  // namespace

struct HeadQuality::Work {
  const std::vector<MatrixView<const float>>& streams;
  std::span<const std::int32_t> tokens;
  std::vector<std::int64_t> rows;  // that predict their successor
  std::vector<std::vector<TokenQuality>> qualities;
};

HeadQuality::HeadQuality(const Model& model, int threads)
    : threads_(threads),
      epsilon_(static_cast<float>(model.network().norm_epsilon)),
      norm_(model.weight("final_norm.weight")),
      head_(packed_head(model)) {}

std::vector<std::vector<TokenQuality>> HeadQuality::judge(
    const std::vector<MatrixView<const float>>& streams, std::span<const std::int32_t> tokens,
    std::span<const std::int64_t> lengths, const std::function<void(double)>& progress) const {
  Work work{streams, tokens, {}, {}};
  std::int64_t first = 0;
  for (const std::int64_t length : lengths) {
    for (std::int64_t row = first; row + 1 < first + length; ++row) work.rows.push_back(row);
    first += length;
  }
  work.qualities.assign(streams.size(), std::vector<TokenQuality>(work.rows.size()));
  const std::int64_t blocks = ceil_div<std::int64_t>(std::ssize(work.rows), rows_per_block);
  // In rounds, so that progress is told by the calling thread alone.
  for (std::int64_t round = 0; round < blocks; round += threads_) {
    parallel_for(std::min<std::int64_t>(threads_, blocks - round), threads_,
                 [&](std::int64_t offset) { block(work, (round + offset) * rows_per_block); });
    progress(static_cast<double>(std::min(round + threads_, blocks)) / static_cast<double>(blocks));
  }
  return std::move(work.qualities);
}

void HeadQuality::block(Work& work, std::int64_t first) const {
  const std::int64_t count = std::min(rows_per_block, std::ssize(work.rows) - first);
  const Rows normed(count, head_.k());
  const Rows reference(count, head_.n());
  const Rows reference_powers(count, head_.n());
  const Rows candidate(work.streams.size() > 1 ? count : 0, head_.n());
  std::vector<float> powers(static_cast<std::size_t>(head_.n()));
  std::vector<Prediction> truths;
  for (std::size_t i = 0; i < work.streams.size(); ++i) {
    for (std::int64_t r = 0; r < count; ++r) {
      const auto from = work.streams[i].row(work.rows[static_cast<std::size_t>(first + r)]);
      std::ranges::copy(from, normed.view.row(r).begin());
    }
    rms_norm(normed.view, norm_, epsilon_, normed.view);
    const MatrixView<float> logits = i == 0 ? reference.view : candidate.view;
    matmul_f32(normed.view, head_, logits);
    for (std::int64_t r = 0; r < count; ++r) {
      const auto at = static_cast<std::size_t>(first + r);
      const std::int32_t target = work.tokens[static_cast<std::size_t>(work.rows[at]) + 1];
      if (i == 0) truths.push_back(predict(logits.row(r), reference_powers.view.row(r)));
      const Prediction& truth = truths[static_cast<std::size_t>(r)];
      work.qualities[i][at] =
          token_quality(truth, i == 0 ? truth : predict(logits.row(r), powers), target);
    }
  }
}

}  // namespace razorsim
