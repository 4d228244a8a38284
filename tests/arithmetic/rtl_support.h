// SPDX-License-Identifier: Apache-2.0
// What tests of Verilated benches share: bit fields of ports, codes as the hardware writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace razorsim::testing_rtl {

/// The low `bits` of `word` as a signed number.
inline std::int64_t as_signed(std::uint64_t word, int bits) {
  return static_cast<std::int64_t>(word << (64 - bits)) >> (64 - bits);
}

/// Writes a field into a Verilated port of several 32-bit words.
template <class Port>
void put(Port& port, int at, int bits, unsigned value) {
  for (int i = 0; i < bits; ++i) {
    auto& word = port[static_cast<std::size_t>((at + i) / 32)];
    const unsigned mask = 1U << ((at + i) % 32);
    word = (value >> i & 1U) != 0 ? word | mask : word & ~mask;
  }
}

/// Reads one of at most 64 bits.
template <class Port>
std::uint64_t get(const Port& port, int at, int bits) {
  std::uint64_t value = 0;
  for (int i = 0; i < bits; ++i) {
    const std::uint64_t bit = port[static_cast<std::size_t>((at + i) / 32)] >> ((at + i) % 32) & 1U;
    value |= bit << i;
  }
  return value;
}

/// The same for a port of at most 32 bits.
inline unsigned with_field(unsigned word, int at, int bits, unsigned value) {
  const unsigned mask = ((1U << bits) - 1U) << at;
  return (word & ~mask) | (value << at & mask);
}

inline unsigned sign_magnitude(int code, int magnitude_bits) {
  const auto sign = static_cast<unsigned>(code < 0 ? 1 : 0);
  return sign << magnitude_bits | static_cast<unsigned>(std::abs(code));
}

template <class Bench>
void clock(Bench& bench) {
  bench.clk = 0;
  bench.eval();
  bench.clk = 1;
  bench.eval();
}

}  // namespace razorsim::testing_rtl
