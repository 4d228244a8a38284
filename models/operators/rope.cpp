// SPDX-License-Identifier: Apache-2.0
#include "models/operators/rope.h"

#include "models/base/errors.h"
#include "models/operators/elementary.h"

namespace razorsim {

std::vector<double> rope_frequencies(const NetworkSpec& network) {
  promise(network.head_dim % 2 == 0, "rotary embedding turns pairs, so head_dim is even");
  constexpr double two_pi = 0x1.921fb54442d18p+2;
  const auto dim = static_cast<double>(network.head_dim);
  const auto context = static_cast<double>(network.rope_original_context);
  const double low = network.rope_low_frequency_factor;
  const double high = network.rope_high_frequency_factor;
  std::vector<double> frequencies;
  for (std::int64_t i = 0; i < network.head_dim / 2; ++i) {
    double frequency = exp_f64(-(static_cast<double>(2 * i) / dim) * log_f64(network.rope_theta));
    if (network.rope_factor != 1) {
      // How many turns the pair makes within the original context decides: many, kept; few, slowed
      // by the factor; between, a blend.
      const double turns = context * frequency / two_pi;
      if (turns < low) {
        frequency /= network.rope_factor;
      } else if (turns <= high && high > low) {
        const double keep = (turns - low) / (high - low);
        frequency = (1 - keep) * (frequency / network.rope_factor) + keep * frequency;
      }
    }
    frequencies.push_back(frequency);
  }
  return frequencies;
}

RopeTable::RopeTable(const NetworkSpec& network, std::int64_t first_position, std::int64_t count)
    : count_(count), pairs_(network.head_dim / 2) {
  const std::vector<double> frequencies = rope_frequencies(network);
  sines_.reserve(static_cast<std::size_t>(count * pairs_));
  cosines_.reserve(static_cast<std::size_t>(count * pairs_));
  for (std::int64_t position = first_position; position < first_position + count; ++position) {
    for (const double frequency : frequencies) {
      const auto [sine, cosine] = sine_cosine(static_cast<double>(position) * frequency);
      sines_.push_back(static_cast<float>(sine));
      cosines_.push_back(static_cast<float>(cosine));
    }
  }
}

void RopeTable::rotate(MatrixView<const float> x, MatrixView<float> out,
                       std::int64_t offset) const {
  promise(x.cols() == 2 * pairs_ && out.cols() == x.cols() && out.rows() == x.rows(),
          "rotate takes whole heads");
  promise(offset >= 0 && offset + x.rows() <= count_, "rotate takes positions of its table");
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    const auto sine = sines().row(offset + row);
    const auto cosine = cosines().row(offset + row);
    for (std::int64_t i = 0; i < pairs_; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const float left = x(row, i);
      const float right = x(row, i + pairs_);
      out(row, i) = left * cosine[at] - right * sine[at];
      out(row, i + pairs_) = right * cosine[at] + left * sine[at];
    }
  }
}

}  // namespace razorsim
