// SPDX-License-Identifier: Apache-2.0
// K and V on chip: which tensors lie there, and how much room they take. Pure.
#pragma once

#include <vector>

#include "models/base/operation.h"
#include "models/base/scheme.h"
#include "models/base/units.h"
#include "models/hardware/specs.h"

namespace razorsim {

/// Of each operation, whether a cache on chip takes its output: K and V of attention that runs as
/// one pass.
[[nodiscard]] std::vector<bool> cached_outputs(const std::vector<Operation>& operations);

/// What a cache on chip holds at the end of a forward pass over `operations`: K and V of all layers
/// and sequences, razored groups of V and its incomplete last group at its base; and beside that
/// the base of the tokens whose groups the pass completes, of one layer at a time.
[[nodiscard]] Bytes kv_cache_bytes(const std::vector<Operation>& operations, const Scheme& scheme);

/// Throws ConfigError at "kv_cache.size_kib" where a cache on chip holds less than that.
void require_room(const KvCacheSpec& cache, const std::vector<Operation>& operations,
                  const Scheme& scheme);

}  // namespace razorsim
