// SPDX-License-Identifier: Apache-2.0
#include "traces/io/sha256.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace razorsim {
namespace {

// FIPS 180-4 examples and NIST's byte-oriented test vectors.
TEST(Sha256, EqualsPublishedDigests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (std::size_t first = 0; first <= text.size(); first += 13) {
    for (std::size_t second = first; second <= text.size(); second += 29) {
      Sha256 hash;
      hash.update(std::string_view(text).substr(0, first));
      hash.update(std::string_view(text).substr(first, second - first));
      hash.update(std::string_view(text).substr(second));
      ASSERT_EQ(hash.hex(), sha256_hex(text)) << first << ' ' << second;
    }
  }
}

TEST(Sha256, InstructionsEqualPlainCode) {
  std::vector<std::byte> blocks(64 * 33);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = static_cast<std::byte>(i * i + 3 * i);
  std::vector<std::uint32_t> plain{1, 2, 3, 4, 5, 6, 7, 0xffffffff};
  std::vector<std::uint32_t> fast = plain;
  detail::sha256_blocks_portable(plain.data(), blocks.data(), 33);
  detail::sha256_blocks_fastest()(fast.data(), blocks.data(), 33);
  EXPECT_EQ(plain, fast);
}

}  // namespace
}  // namespace razorsim
