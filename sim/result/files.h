// SPDX-License-Identifier: Apache-2.0
// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace razorsim {

/// Writes a temporary file beside `path` and renames it. An interrupt can't come between, so
/// nothing half-written stays behind. Throws OutputError.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Creates the folder and those above it. Throws OutputError.
void make_folder(const std::filesystem::path& folder);

}  // namespace razorsim
