// SPDX-License-Identifier: Apache-2.0
// How many random cases a property test runs. RAZORSIM_RANDOM_TIMES=N in the environment runs N
// times as many, RAZORSIM_RANDOM_SEED=S others: tools/reproduce/array_proof.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace razorsim {

inline unsigned random_setting(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}
[[nodiscard]] inline unsigned random_cases(unsigned usual) {
  return usual * random_setting("RAZORSIM_RANDOM_TIMES", 1);
}
[[nodiscard]] inline unsigned random_seed(unsigned usual) {
  return usual + random_setting("RAZORSIM_RANDOM_SEED", 0);
}
/// For whoever adds them up.
inline void record_random_cases(std::int64_t compared) {
  ::testing::Test::RecordProperty("random_cases", std::to_string(compared));
}

}  // namespace razorsim
