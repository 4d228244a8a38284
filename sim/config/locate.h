// SPDX-License-Identifier: Apache-2.0
// Where shipped files are: configs/<folder>/<name>.json and traces/data, wherever we are installed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace razorsim {

/// Roots that may hold `configs`, best first: $RAZORSIM_HOME, ../share/razorsim beside the program,
/// the source tree, the install prefix. Only those that exist.
[[nodiscard]] std::vector<std::filesystem::path> shipped_roots();

/// Names of the files configs/<folder>/*.json, sorted.
[[nodiscard]] std::vector<std::string> shipped_names(std::string_view folder);

/// The file meant by `name`: a path where it contains '/' or ends in .json (relative to `beside`,
/// the folder of the file that names it), else the shipped configs/<folder>/<name>.json. Throws
/// ConfigError with the nearest shipped name and all of them.
[[nodiscard]] std::filesystem::path find_config(std::string_view folder, std::string_view name,
                                                const std::filesystem::path& beside = {});

/// A shipped file by its path below a root, e.g. "traces/data/x.safetensors"; empty when absent.
[[nodiscard]] std::filesystem::path find_shipped(const std::filesystem::path& relative);

/// The project's version, e.g. "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace razorsim
