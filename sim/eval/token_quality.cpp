// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/token_quality.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/operators/elementary.h"

namespace razorsim {

std::vector<double> log_probabilities(std::span<const float> logits) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  std::vector<float> shifted(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) shifted[i] = logits[i] - largest;
  std::vector<float> powers(logits.size());
  exp_f32(shifted, powers);
  double sum = 0;
  for (const float each : powers) sum += static_cast<double>(each);
  promise(sum >= 1, "logits are numbers");  // the largest alone gives 1; NaN fails
  const double log_sum = log_f64(sum);
  std::vector<double> logs(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i)
    logs[i] = static_cast<double>(shifted[i]) - log_sum;
  return logs;
}

TokenQuality token_quality(std::span<const double> reference, std::span<const double> candidate,
                           std::int32_t target) {
  promise(reference.size() == candidate.size(), "both rows cover the vocabulary");
  TokenQuality quality;
  quality.loss = -candidate[static_cast<std::size_t>(target)];
  std::vector<float> powers(reference.begin(), reference.end());
  exp_f32(powers, powers);
  for (std::size_t i = 0; i < reference.size(); ++i) {
    quality.divergence += static_cast<double>(powers[i]) * (reference[i] - candidate[i]);
  }
  quality.agrees = std::max_element(reference.begin(), reference.end()) - reference.begin() ==
                   std::max_element(candidate.begin(), candidate.end()) - candidate.begin();
  return quality;
}

}  // namespace razorsim
