// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/kv_cache.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "models/mapping/geometry.h"
#include "models/mapping/passes.h"

namespace razorsim {
namespace {

/// Calls `visit(scores, context)` for each attention that runs as one pass.
template <class Visitor>
void for_each_attention(const std::vector<Operation>& operations, const Visitor& visit) {
  for (const Pass& pass : passes_of(operations)) {
    if (pass.kind != PassKind::attention) continue;
    visit(operations[static_cast<std::size_t>(pass.operations.front())],
          operations[static_cast<std::size_t>(pass.operations.back())]);
  }
}

}  // namespace

std::vector<bool> cached_outputs(const std::vector<Operation>& operations) {
  std::vector<bool> cached(operations.size());
  for_each_attention(operations, [&](const Operation& scores, const Operation& context) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      const std::string& output = operations[i].output;
      if (output == scores.inputs[1] || output == context.inputs[1]) cached[i] = true;
    }
  });
  return cached;
}

Bytes kv_cache_bytes(const std::vector<Operation>& operations, const Scheme& scheme) {
  Bytes held;
  Bytes most_base;
  for_each_attention(operations, [&](const Operation& scores, const Operation& context) {
    const std::int64_t heads = scores.kv_heads;
    const std::int64_t head_dim = scores.k;
    const std::int64_t tokens = scores.past + scores.m;
    held += panel_bytes(formats_of(scores, scheme).right, heads * tokens, head_dim, true).total();
    const FormatSpec value = formats_of(context, scheme).right;
    if (value.name != "sdr" || scheme.value_axis != ValueAxis::tokens) {
      held += panel_bytes(value, heads * tokens, head_dim, true).total();
      return;
    }
    const auto base = [&](std::int64_t rows) {
      return bytes_of(Bits(rows * heads * head_dim * value.base_bits));
    };
    const std::int64_t complete = tokens / value.group * value.group;
    held += panel_bytes(value, heads * head_dim, complete, false).total() + base(tokens - complete);
    // Rows of the pass see V at its base from the group of its first token on.
    const std::int64_t first = scores.past / value.group * value.group;
    if (first < complete) most_base = std::max(most_base, base(complete - first));
  });
  return held + most_base;
}

void require_room(const KvCacheSpec& cache, const std::vector<Operation>& operations,
                  const Scheme& scheme) {
  if (!cache.on_chip()) return;
  const std::int64_t needed =
      ceil_div<std::int64_t>(kv_cache_bytes(operations, scheme).count(), 1024);
  if (needed <= cache.size_kib) return;
  throw ConfigError("kv_cache.size_kib",
                    fmt::format("is {}; allowed: at least {}, which K and V need, or "
                                "kv_cache.place = dram",
                                cache.size_kib, needed));
}

}  // namespace razorsim
