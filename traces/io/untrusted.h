// SPDX-License-Identifier: Apache-2.0
// Small guards for reading files that nobody vouches for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace razorsim {

/// `text` in single quotes and on one line: control and non-ASCII bytes become \xNN, long text is
/// cut, so that a hostile name cannot break an error message.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// False when the product leaves int64; `product` is then unspecified.
[[nodiscard]] inline bool multiply(std::int64_t a, std::int64_t b, std::int64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}

/// A plain value read from bytes that may be unaligned. The caller has checked the length.
template <class T>
[[nodiscard]] T load(const std::byte* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Walks over `bytes`; every step is checked and throws TraceError "<path>: truncated in <where>".
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string path)
      : bytes_(bytes), path_(std::move(path)) {}

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t remaining() const { return bytes_.size() - position_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  std::span<const std::byte> take(std::uint64_t count, std::string_view where);
  template <class T>
  T read(std::string_view where) {
    return load<T>(take(sizeof(T), where).data());
  }

 private:
  std::span<const std::byte> bytes_;
  std::string path_;
  std::uint64_t position_ = 0;
};

}  // namespace razorsim
