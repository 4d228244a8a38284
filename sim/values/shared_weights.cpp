// SPDX-License-Identifier: Apache-2.0
#include "sim/values/shared_weights.h"

#include <algorithm>

#include "models/base/errors.h"
#include "traces/llama/parallel.h"

namespace razorsim {

void SharedWeights::make(const std::vector<Wanted>& wanted, int threads) {
  struct Missing {
    Wanted wanted;
    std::shared_ptr<RightOperand> operand;
  };
  std::vector<Missing> missing;
  for (const Wanted& each : wanted) {
    if (find(each) != nullptr) continue;
    missing.push_back({each, std::make_shared<RightOperand>()});
    by_tensor_[each.tensor].push_back({each, missing.back().operand});
  }
  parallel_for(static_cast<std::int64_t>(missing.size()), threads, [&](std::int64_t i) {
    const Missing& each = missing[static_cast<std::size_t>(i)];
    each.operand->encoded = encode_tensor(*source_, each.wanted.tensor, each.wanted.format, true);
    each.operand->factor.prepare(each.operand->encoded, each.wanted.floating, each.wanted.least);
  });
}

std::shared_ptr<const RightOperand> SharedWeights::get(const Wanted& wanted) const {
  const Entry* const found = find(wanted);
  promise(found != nullptr, wanted.tensor, ": not made in this format");
  return found->operand;
}

const SharedWeights::Entry* SharedWeights::find(const Wanted& wanted) const {
  const auto entries = by_tensor_.find(wanted.tensor);
  if (entries == by_tensor_.end()) return nullptr;
  const auto found = std::ranges::find(entries->second, wanted, &Entry::made);
  return found == entries->second.end() ? nullptr : &*found;
}

}  // namespace razorsim
