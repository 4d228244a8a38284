// SPDX-License-Identifier: Apache-2.0
// Token ids of a text: read from a .json file of ids, else made by the Python side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace razorsim {

/// Ids in `text` where its name ends in .json; else what `razorsim-tools tokenize --model M --text
/// T` prints. That program is $RAZORSIM_TOOLS, else .venv/bin/razorsim-tools in a root of shipped
/// files, else found on PATH. Call before any thread is started. Throws TraceError for a text or
/// vocabulary that cannot be read, ConfigError (path `option`) where there is no razorsim-tools.
[[nodiscard]] std::vector<std::int32_t> token_ids(const std::string& model, const std::string& text,
                                                  const std::string& option);

}  // namespace razorsim
