// SPDX-License-Identifier: Apache-2.0
// Files of token ids, as `razorsim-tools tokenize` writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace razorsim {

/// Non-negative integers separated by white space or commas, in square brackets (JSON) or not. Throws
/// TraceError naming the line of anything else.
[[nodiscard]] std::vector<std::int32_t> read_token_ids(const std::string& path);

}  // namespace razorsim
