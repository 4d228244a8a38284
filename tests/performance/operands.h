// SPDX-License-Identifier: Apache-2.0
// Integers to multiply, made up.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace razorsim {

inline std::vector<std::int16_t> random_elements(std::int64_t count, int largest, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> pick(-largest, largest);
  std::vector<std::int16_t> elements(static_cast<std::size_t>(count));
  for (auto& each : elements) each = static_cast<std::int16_t>(pick(random));
  return elements;
}

/// 4-bit codes, each 16 of them times a power of two of at most 2^`most_shift`.
inline std::vector<std::int16_t> razored_elements(std::int64_t count, int most_shift,
                                                  unsigned seed) {
  std::vector<std::int16_t> elements = random_elements(count, 7, seed);
  std::mt19937 random(seed);
  int factor = 1;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i % 16 == 0) factor = 1 << random() % (static_cast<unsigned>(most_shift) + 1);
    elements[i] = static_cast<std::int16_t>(elements[i] * factor);
  }
  return elements;
}

}  // namespace razorsim
