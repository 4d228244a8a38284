// SPDX-License-Identifier: Apache-2.0
// Broken files made of good ones, always the same from the same seed: what a hostile or a damaged
// file may look like.
#pragma once

#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace razorsim::testing {

class Mutants {
 public:
  explicit Mutants(std::uint64_t seed) : random_(seed) {}

  /// `bytes` with up to three of: a flipped bit, an absurd integer, an end cut off, a part left
  /// out, a part repeated. Only the first `header` bytes are touched, or lost.
  std::string of(std::string bytes, std::size_t header) {
    for (std::size_t left = 1 + below(3); left > 0; --left) {
      const std::size_t at = below(std::min(header, bytes.size()));
      const std::size_t length = 1 + below(std::min<std::size_t>(bytes.size() - at, 40));
      switch (below(5)) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
        case 1: absurd_integer(bytes, at); break;
        case 2: bytes.resize(at); break;
        case 3: bytes.erase(at, length); break;
        default: bytes.insert(at, bytes.substr(at, length)); break;
      }
      if (bytes.empty()) break;
    }
    return bytes;
  }

  /// The same for JSON: up to three tokens left out, repeated, or replaced by something absurd or
  /// by another token of the text.
  std::string of_json(const std::string& text) {
    std::vector<std::string> tokens = tokens_of(text);
    for (std::size_t left = 1 + below(3); left > 0 && !tokens.empty(); --left) {
      const auto at = tokens.begin() + static_cast<std::ptrdiff_t>(below(tokens.size()));
      switch (below(6)) {
        case 0: tokens.erase(at); break;
        case 1: tokens.insert(at, std::string(*at)); break;
        case 2: *at = std::string(tokens[below(tokens.size())]); break;
        default: *at = absurd_token(); break;
      }
    }
    std::string mutant;
    for (const std::string& each : tokens) mutant += each;
    return mutant;
  }

  /// A number below `count`, which is not 0.
  std::size_t below(std::size_t count) { return random_() % count; }

 private:
  void absurd_integer(std::string& bytes, std::size_t at) {
    constexpr auto absurd = std::to_array<std::uint64_t>(
        {0, 1, 2, 31, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
         1ULL << 32, 1ULL << 40, 1ULL << 61, ~0ULL >> 1, 1ULL << 63, ~0ULL - 7, ~0ULL});
    const std::uint64_t value = absurd[below(absurd.size())];
    const std::size_t size = std::size_t{1} << below(4);
    std::memcpy(bytes.data() + at, &value, std::min(size, bytes.size() - at));
  }

  std::string absurd_token() {
    static const auto absurd = std::to_array<std::string>({"0",
                                                           "-1",
                                                           "-0.0",
                                                           "1.5",
                                                           "1e15",
                                                           "1e308",
                                                           "1e999",
                                                           "-1e999",
                                                           "2147483648",
                                                           "4294967296",
                                                           "9223372036854775807",
                                                           "9223372036854775808",
                                                           "18446744073709551615",
                                                           "18446744073709551616",
                                                           "NaN",
                                                           "null",
                                                           "true",
                                                           "[]",
                                                           "{}",
                                                           "\"\"",
                                                           "\"\\u0000\"",
                                                           "\"\\ud800\"",
                                                           "\"\xff\"",
                                                           "\"..\"",
                                                           "\"\n\"",
                                                           "[[[[[[[[",
                                                           "{\"a\":",
                                                           "//",
                                                           std::string(1, '\0'),
                                                           std::string(100'000, '['),
                                                           '"' + std::string(100'000, 'x') + '"'});
    return absurd[below(absurd.size())];
  }

  static std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    for (std::size_t at = 0; at < text.size();) {
      const auto is_word = [&](std::size_t i) {
        return std::isalnum(static_cast<unsigned char>(text[i])) != 0 ||
               std::string_view("+-.").find(text[i]) != std::string_view::npos;
      };
      std::size_t end = at + 1;
      if (text[at] == '"') {
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        end = std::min(end + 1, text.size());
      } else if (is_word(at)) {
        while (end < text.size() && is_word(end)) ++end;
      }
      tokens.emplace_back(text.substr(at, end - at));
      at = end;
    }
    return tokens;
  }

  std::mt19937_64 random_;
};

}  // namespace razorsim::testing
