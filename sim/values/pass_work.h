// SPDX-License-Identifier: Apache-2.0
// What the modules of a machine handed over in one pass: which tiles were multiplied, rescaled,
// operated on and encoded. Recorded while time is simulated, computed when the pass is over; the
// numbers of a tile nobody handed over are never made.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/base/operation.h"
#include "models/mapping/step.h"
#include "sim/values/coverage.h"

namespace razorsim {

/// What one module did to one block of rows of some heads.
struct AttentionStep {
  enum class Kind { scores, rescale_scores, encode, context, rescale_context };
  Kind kind = Kind::scores;
  IndexRange heads;
  IndexRange rows;  ///< tokens of the block
  IndexRange n;
  IndexRange k;
  bool first_k = true;
  bool wide_right = false;   ///< V at its base
  bool softens = false;      ///< the scores of the block are whole: softmax
  std::int64_t visible = 0;  ///< columns that any row of the block may see, where it softens
};

class PassWork {
 public:
  struct Product {
    Coverage multiplied;
    Coverage rescaled;
    std::int64_t slab = 0;  ///< k of a tile; the last may be shorter
  };

  /// The array, the vector unit, the razor unit did this job, whose tile is of `operation`.
  void multiply(const Job& job, const Operation& operation);
  void vector(const Job& job, const Operation& operation);
  void razor(const Job& job, const Operation& operation);

  [[nodiscard]] bool empty() const {
    return products.empty() && attention.empty() && vectors.empty() && encoded.empty();
  }

  // By operation, in the order of the list of operations.
  std::map<int, Product> products;
  std::vector<AttentionStep> attention;
  int attention_operation = -1;         ///< one of the attention's
  std::map<int, Coverage> vectors;      ///< blocks of rows and columns
  std::map<int, std::int64_t> encoded;  ///< elements that passed the razor unit

 private:
  void attend(const Job& job, AttentionStep::Kind kind);
};

/// The heads whose rows stand one below the other in an attention job's tile.
[[nodiscard]] inline IndexRange heads_of(const Job& job) {
  return {job.head, job.head + job.tile.m.size() / job.rows.size()};
}

}  // namespace razorsim
