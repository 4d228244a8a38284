// SPDX-License-Identifier: Apache-2.0
#include "sim/eval/token_quality.h"

#include <algorithm>
#include <array>

#include "models/base/errors.h"
#include "models/operators/elementary.h"

namespace razorsim {
namespace {

constexpr std::size_t chains = 16;  // side by side, so that none waits for its own last step

/// Sum of term(i) for i < count in a fixed order: term i goes to chain i % 16, then the chains add
/// up.
template <class Term>
double sum_of(std::size_t count, const Term& term) {
  std::array<double, chains> sums{};
  std::size_t i = 0;
  for (; i + chains <= count; i += chains) {
    for (std::size_t j = 0; j < chains; ++j) sums[j] += term(i + j);
  }
  for (std::size_t j = 0; i + j < count; ++j) sums[j] += term(i + j);
  double sum = 0;
  for (const double each : sums) sum += each;
  return sum;
}

float largest_of(std::span<const float> numbers) {
  std::array<float, chains> most{};
  most.fill(numbers.front());
  std::size_t i = 0;
  for (; i + chains <= numbers.size(); i += chains) {
    for (std::size_t j = 0; j < chains; ++j)
      most[j] = numbers[i + j] > most[j] ? numbers[i + j] : most[j];
  }
  for (std::size_t j = 0; i + j < numbers.size(); ++j) most[j] = std::max(most[j], numbers[i + j]);
  return *std::ranges::max_element(most);
}

}  // namespace

Prediction predict(std::span<float> logits, std::span<float> powers) {
  promise(!logits.empty() && powers.size() == logits.size(), "one power a logit");
  const float largest = largest_of(logits);
  Prediction prediction{logits, powers, 0, 0, 0};
  prediction.most_likely = std::ranges::find(logits, largest) - logits.begin();
  for (float& each : logits) each -= largest;
  exp_f32(logits, powers);
  prediction.sum =
      sum_of(powers.size(), [&](std::size_t i) { return static_cast<double>(powers[i]); });
  // The largest alone gives 1; NaN fails.
  if (!(prediction.sum >= 1)) throw TraceError("the logits of the model are no finite numbers");
  prediction.log_sum = log_f64(prediction.sum);
  return prediction;
}

TokenQuality token_quality(const Prediction& reference, const Prediction& candidate,
                           std::int32_t target) {
  promise(reference.shifted.size() == candidate.shifted.size(), "both rows cover the vocabulary");
  const float* from = reference.shifted.data();
  const float* to = candidate.shifted.data();
  const float* powers = reference.powers.data();
  const double weighted = sum_of(reference.shifted.size(), [=](std::size_t i) {
    return static_cast<double>(powers[i]) *
           (static_cast<double>(from[i]) - static_cast<double>(to[i]));
  });
  TokenQuality quality;
  quality.loss = candidate.log_sum - static_cast<double>(to[target]);
  quality.divergence = weighted / reference.sum - reference.log_sum + candidate.log_sum;
  quality.agrees = reference.most_likely == candidate.most_likely;
  return quality;
}

}  // namespace razorsim
