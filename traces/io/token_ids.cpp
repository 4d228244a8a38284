// SPDX-License-Identifier: Apache-2.0
#include "traces/io/token_ids.h"

#include <charconv>

#include <fmt/format.h>

#include "models/base/errors.h"
#include "traces/io/mapped_file.h"

namespace razorsim {

std::vector<std::int32_t> read_token_ids(const std::string& path) {
  return parse_token_ids(read_text(path), path);
}

std::vector<std::int32_t> parse_token_ids(std::string_view text, const std::string& source) {
  std::vector<std::int32_t> tokens;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (std::string_view(" \t\r\n,[]").find(c) != std::string_view::npos) {
      line += c == '\n' ? 1 : 0;
      ++at;
      continue;
    }
    std::int32_t token = -1;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), token);
    if (error != std::errc() || token < 0) {
      throw TraceError(
          fmt::format("{}: line {} holds something that is no token id", source, line));
    }
    tokens.push_back(token);
    at = static_cast<std::size_t>(end - text.data());
  }
  if (tokens.empty()) throw TraceError(fmt::format("{}: holds no token ids", source));
  return tokens;
}

}  // namespace razorsim
