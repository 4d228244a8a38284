// SPDX-License-Identifier: Apache-2.0
// Files of token ids, as `razorsim-tools tokenize` writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace razorsim {

/// Non-negative integers separated by white space or commas, in square brackets (JSON) or not.
/// Throws TraceError naming the line of anything else.
[[nodiscard]] std::vector<std::int32_t> read_token_ids(const std::string& path);
/// The same from text; `source` stands for the file's name in messages.
[[nodiscard]] std::vector<std::int32_t> parse_token_ids(std::string_view text,
                                                        const std::string& source);

}  // namespace razorsim
