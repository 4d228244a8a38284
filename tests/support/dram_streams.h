// SPDX-License-Identifier: Apache-2.0
// Request streams of public DRAM comparisons, by their rules; 64 bytes a request.
#pragma once

#include <cstdint>
#include <vector>

#include "models/hardware/dram_trace_run.h"

namespace razorsim::testing {

/// 64-bit linear congruential generator with the constants of Knuth's MMIX; the upper 31 bits are
/// used.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {
    for (int i = 0; i < 8; ++i) next();
  }
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

using Stream = std::vector<DramTraceRequest>;

inline Stream sequential(bool is_write, std::uint64_t count = 65536) {
  Stream stream;
  for (std::uint64_t i = 0; i < count; ++i) stream.push_back({0, i * 64, is_write});
  return stream;
}

/// Uniform over 1 GiB.
inline Stream random_reads(std::uint64_t count = 65536, std::uint64_t seed = 0x5EED0001) {
  Lcg lcg(seed);
  Stream stream;
  for (std::uint64_t i = 0; i < count; ++i)
    stream.push_back({0, lcg.below((1u << 30) / 64) * 64, false});
  return stream;
}

/// A 4096 x 4096 matrix of 4 bits in tiles of 128 rows x 64 bytes: left to right, then down.
inline Stream tile_stream(std::uint64_t rows = 4096, std::uint64_t row_bytes = 2048,
                          std::uint64_t tile_rows = 128) {
  Stream stream;
  for (std::uint64_t down = 0; down < rows; down += tile_rows) {
    for (std::uint64_t right = 0; right < row_bytes; right += 64) {
      for (std::uint64_t row = down; row < down + tile_rows; ++row)
        stream.push_back({0, row * row_bytes + right, false});
    }
  }
  return stream;
}

/// `streams` sequential streams `distance` bytes apart take turns of one request; the last one
/// writes.
inline Stream mixed_streams(std::uint64_t count, std::uint64_t streams, std::uint64_t distance,
                            bool last_writes) {
  Stream stream;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t which = i % streams;
    stream.push_back({0, which * distance + i / streams * 64, last_writes && which == streams - 1});
  }
  return stream;
}

}  // namespace razorsim::testing
