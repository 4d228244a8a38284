// SPDX-License-Identifier: Apache-2.0
#include "models/base/pattern.h"

namespace razorsim {

bool matches_pattern(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view after = pattern.substr(star + 1);
  for (std::size_t from = star; from <= text.size(); ++from) {
    if (matches_pattern(after, text.substr(from))) return true;
  }
  return false;
}

}  // namespace razorsim
