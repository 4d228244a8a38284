// SPDX-License-Identifier: Apache-2.0
// Takes a program's steps as the machine would, and checks what every program must keep.
#pragma once

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "models/mapping/product_mapping.h"
#include "models/mapping/step.h"

namespace razorsim::testing {

/// Plays both operand buffers: a panel is there from its load until a tile releases it.
class Recorder : public StepSink {
 public:
  void load(const Load& load) override {
    EXPECT_TRUE(panels_.emplace(load.panel, load).second)
        << "panel " << load.panel << " loaded twice";
    (load.to_weight_buffer ? weights_ : activations_) += load.bytes.padded().count();
    most_weights = std::max(most_weights, weights_);
    most_activations = std::max(most_activations, activations_);
    if (!load.reserved) read += load.bytes.total().count();
    loads.push_back(load);
  }

  void job(const Job& job) override {
    if (job.has_tile) {
      use(job.tile.left, false, job.tile.release_left);
      if (!job.tile.right_cached) use(job.tile.right, true, job.tile.release_right);
    }
    if (job.aux != no_panel) use(job.aux, false, true);
    jobs.push_back(job);
  }

  [[nodiscard]] bool empty() const { return panels_.empty(); }

  std::vector<Load> loads;
  std::vector<Job> jobs;
  std::int64_t most_weights = 0;
  std::int64_t most_activations = 0;
  std::int64_t read = 0;

 private:
  void use(std::int64_t panel, bool is_weight, bool release) {
    const auto found = panels_.find(panel);
    ASSERT_NE(found, panels_.end()) << "a tile uses panel " << panel << ", which is not there";
    EXPECT_EQ(found->second.to_weight_buffer, is_weight);
    if (!release) return;
    (is_weight ? weights_ : activations_) -= found->second.bytes.padded().count();
    panels_.erase(found);
  }

  std::map<std::int64_t, Load> panels_;
  std::int64_t weights_ = 0;
  std::int64_t activations_ = 0;
};

inline FormatSpec sdr4(int group = 16) {
  FormatSpec format;
  format.name = "sdr";
  format.group = group;
  format.base_bits = 16;
  return format;
}

/// A product of sdr4 operands on a plain array of 16 x 16 elements with 16 lanes.
inline ProductShape product(std::int64_t m, std::int64_t n, std::int64_t k) {
  ProductShape shape;
  shape.m = m;
  shape.n = n;
  shape.k = k;
  shape.left = sdr4();
  shape.right = sdr4();
  shape.k_unit = 16;
  shape.k_step = 64;
  shape.n_step = 16;
  shape.tile_cycles = [](std::int64_t tile_m, std::int64_t tile_n, std::int64_t slab) {
    return ceil_div<std::int64_t>(tile_m, 16) * ceil_div<std::int64_t>(tile_n, 16) *
           ceil_div<std::int64_t>(slab, 16);
  };
  return shape;
}

/// Costs of a plain array of 16 x 16 elements with 16 lanes; only MACs matter to the laws here.
inline TileCost plain_cost() {
  return [](Tile& tile) {
    tile.macs = tile.m.size() * tile.n.size() * tile.k.size();
    tile.products = tile.macs;
    tile.beats = CoreCycles(ceil_div<std::int64_t>(tile.m.size(), 16) *
                            ceil_div<std::int64_t>(tile.n.size(), 16) *
                            ceil_div<std::int64_t>(tile.k.size(), 16));
  };
}

}  // namespace razorsim::testing
