// SPDX-License-Identifier: Apache-2.0
#include "sim/config/locate.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "models/base/errors.h"

namespace razorsim {
namespace fs = std::filesystem;

std::vector<fs::path> shipped_roots() {
  std::vector<fs::path> roots;
  std::error_code failure;
  const auto add = [&](const fs::path& root) {
    if (fs::is_directory(root / "configs", failure)) roots.push_back(root);
  };
  if (const char* home = std::getenv("RAZORSIM_HOME"); home && *home) add(home);
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  // An installed tree may have been moved, so the program's own place comes before the built-in
  // one.
  if (!failure) add(program.parent_path().parent_path() / "share" / "razorsim");
  add(RAZORSIM_SOURCE_DIR);
  add(RAZORSIM_INSTALL_DATADIR);
  return roots;
}

std::vector<std::string> shipped_names(std::string_view folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (const fs::path& root : shipped_roots()) {
    for (const auto& entry : fs::directory_iterator(root / "configs" / folder, failure)) {
      if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

fs::path find_config(std::string_view folder, std::string_view name, const fs::path& beside) {
  if (name.find('/') != name.npos || name.ends_with(".json")) {
    fs::path path = beside / name;
    std::error_code failure;
    if (!fs::exists(path, failure)) throw ConfigError(path.string(), "there is no such file");
    return path;
  }
  const std::string file = fmt::format("{}.json", name);
  if (fs::path found = find_shipped(fs::path("configs") / folder / file); !found.empty()) {
    return found;
  }
  const std::vector<std::string> names = shipped_names(folder);
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw ConfigError(
      std::string(name),
      fmt::format("no such name in configs/{}{}; shipped: {} (a file needs a '/' or .json "
                  "in its name)",
                  folder, did_you_mean(name, known), fmt::join(names, ", ")));
}

fs::path find_shipped(const fs::path& relative) {
  std::error_code failure;
  for (const fs::path& root : shipped_roots()) {
    if (fs::exists(root / relative, failure)) return root / relative;
  }
  return {};
}

std::string_view version() { return RAZORSIM_VERSION; }

}  // namespace razorsim
