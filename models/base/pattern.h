// SPDX-License-Identifier: Apache-2.0
// Names with wildcards.
#pragma once

#include <string_view>

namespace razorsim {

/// '*' in `pattern` matches any run of characters, everything else itself.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace razorsim
