// SPDX-License-Identifier: Apache-2.0
#include "sim/values/pass_work.h"

#include <algorithm>

namespace razorsim {

using Kind = AttentionStep::Kind;

void PassWork::attend(const Job& job, Kind kind) {
  attention_operation = job.operation;
  attention.push_back({kind, heads_of(job), job.rows, job.tile.n, job.tile.k, job.tile.first_k,
                       job.tile.wide_right, job.ends_vector, job.cols.end});
}

void PassWork::multiply(const Job& job, const Operation& operation) {
  const Tile& tile = job.tile;
  switch (operation.kind) {
    case OperationKind::scores: attend(job, Kind::scores); break;
    case OperationKind::context: attend(job, Kind::context); break;
    default: {
      Product& product = products[job.operation];
      product.multiplied.add({tile.m, tile.n, tile.k, tile.first_k});
      product.slab = std::max(product.slab, tile.k.size());
    }
  }
}

void PassWork::vector(const Job& job, const Operation& operation) {
  if (job.has_tile) {
    switch (operation.kind) {
      case OperationKind::scores: attend(job, Kind::rescale_scores); break;
      case OperationKind::context: attend(job, Kind::rescale_context); break;
      default: products[job.operation].rescaled.add(job.tile.m, job.tile.n);
    }
  }
  if (job.ends_vector && job.vector_operation >= 0)
    vectors[job.vector_operation].add(job.rows, job.cols);
}

void PassWork::razor(const Job& job, const Operation& operation) {
  if (job.has_tile && operation.kind == OperationKind::scores) {
    attend(job, Kind::encode);
  } else if (job.razor_groups > 0) {
    encoded[job.vector_operation >= 0 ? job.vector_operation : job.operation] +=
        job.output_elements();
  }
}

}  // namespace razorsim
