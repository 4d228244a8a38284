// SPDX-License-Identifier: Apache-2.0
// What logits say about the next token, and how they differ from the reference's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace razorsim {

/// Of one predicted token, in nats.
struct TokenQuality {
  double loss = 0;        ///< - log of the probability of the true token
  double divergence = 0;  ///< KL from the reference's distribution to this one
  bool agrees = false;    ///< the same most likely token as the reference (the first among equals)
};

/// Logarithms of the softmax of `logits`, in double, summed in order.
[[nodiscard]] std::vector<double> log_probabilities(std::span<const float> logits);

/// Compares two rows of log probabilities.
[[nodiscard]] TokenQuality token_quality(std::span<const double> reference,
                                         std::span<const double> candidate, std::int32_t target);

}  // namespace razorsim
