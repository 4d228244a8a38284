// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), with the processor's own instructions where it has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace razorsim {

/// Takes bytes in any number of pieces.
class Sha256 {
 public:
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// The digest of everything so far, 64 lower-case hexadecimal digits. Call once, last.
  [[nodiscard]] std::string hex();

 private:
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

[[nodiscard]] std::string sha256_hex(std::span<const std::byte> bytes);
[[nodiscard]] std::string sha256_hex(std::string_view text);
/// Of a file's content. Throws TraceError when it cannot be read.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

namespace detail {
/// The two block functions, for the test that compares them. The second needs SHA-NI.
using Sha256Blocks = void (*)(std::uint32_t* state, const std::byte* blocks, std::size_t count);
void sha256_blocks_portable(std::uint32_t* state, const std::byte* blocks, std::size_t count);
[[nodiscard]] Sha256Blocks sha256_blocks_fastest();
}  // namespace detail

}  // namespace razorsim
