// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/pe_fold_sequence.h"

namespace razorsim {

FoldSequence::FoldSequence(const StationaryRoles& roles, const FoldLayout& layout,
                           std::int64_t cols)
    : layout_(layout),
      moving_planes_(roles.moving_planes),
      beats_(roles.moving.rows * roles.moving_planes * layout.beats()) {
  const std::int64_t k = roles.still.cols;
  for (std::int64_t wave = 0; wave < ceil_div(roles.still.rows, cols); ++wave) {
    for (std::int64_t f = 0; f < layout.folds(k); ++f) {
      for (int plane = 0; plane < roles.still_planes; ++plane)
        folds_.push_back({wave, layout.fold(f, k), plane});
    }
  }
  sums_ = layout.folds(k) * roles.still_planes * roles.moving_planes * roles.still.rows *
          roles.moving.rows;
}

BeatControl FoldSequence::next_beat() {
  ++cycle_;
  if (entered_ == beats_) {
    ++fold_;
    entered_ = 0;
  }
  if (fold_ >= static_cast<std::int64_t>(folds_.size())) return {};
  if (entered_ == 0) {
    if (loaded_ < fold_) return {};
    loading_ = fold_ + 1;
    load_step_ = 0;
  }
  if (first_entry_ < 0) first_entry_ = cycle_;
  last_entry_ = cycle_;
  const std::int64_t visit = entered_ / layout_.beats();
  const BeatControl control{true,
                            entered_ == 0,
                            fold_,
                            visit / moving_planes_,
                            static_cast<int>(visit % moving_planes_),
                            entered_ % layout_.beats()};
  ++entered_;
  return control;
}

LoadControl FoldSequence::next_load() {
  if (loading_ >= static_cast<std::int64_t>(folds_.size()) || loading_ == loaded_) return {};
  const LoadControl control{true, loading_, load_step_++};
  if (load_step_ == layout_.load_cycles(fold(loading_).k.size())) loaded_ = loading_;
  return control;
}

}  // namespace razorsim
