// SPDX-License-Identifier: Apache-2.0
#include "traces/io/untrusted.h"

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;  // chosen: fits a terminal line with the rest of the message
  std::string out = "'";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + (text.size() > longest ? "...'" : "'");
}

std::span<const std::byte> ByteReader::take(std::uint64_t count, std::string_view where) {
  if (count > remaining()) throw TraceError(fmt::format("{}: truncated in {}", path_, where));
  const auto part = bytes_.subspan(position_, count);
  position_ += count;
  return part;
}

}  // namespace razorsim
