// SPDX-License-Identifier: Apache-2.0
// What logits say about the next token, and how they differ from the reference's.
#pragma once

#include <cstdint>
#include <span>

namespace razorsim {

/// Of one predicted token, in nats.
struct TokenQuality {
  double loss = 0;        ///< - log of the probability of the true token
  double divergence = 0;  ///< KL from the reference's distribution to this one
  bool agrees = false;    ///< the same most likely token as the reference (the first among equals)
};

/// A distribution over the vocabulary, in the caller's memory: the logarithm of a probability is
/// `shifted` - log_sum, the probability itself power / sum. Sums run in double in a fixed order.
struct Prediction {
  std::span<const float> shifted;  ///< logits less the largest
  std::span<const float> powers;   ///< e to them
  double sum = 1;                  ///< of the powers
  double log_sum = 0;
  std::int64_t most_likely = 0;
};

/// Makes `logits` the shifted ones, in place, and fills `powers`, as many.
[[nodiscard]] Prediction predict(std::span<float> logits, std::span<float> powers);

/// Compares two predictions of one token.
[[nodiscard]] TokenQuality token_quality(const Prediction& reference, const Prediction& candidate,
                                         std::int32_t target);

}  // namespace razorsim
