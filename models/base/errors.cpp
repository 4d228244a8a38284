// SPDX-License-Identifier: Apache-2.0
#include "models/base/errors.h"

#include <algorithm>
#include <numeric>

namespace razorsim {
namespace {

std::string one_line(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
  }
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  std::iota(cost[0].begin(), cost[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
      // Two neighbouring letters swapped ("rwos") are one slip of the finger, not two.
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

ConfigError::ConfigError(std::vector<Problem> problems)
    : std::runtime_error(one_line(problems)), problems_(std::move(problems)) {}

ConfigError::ConfigError(std::string path, std::string message)
    : ConfigError(std::vector<Problem>{{std::move(path), std::move(message)}}) {}

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = 0;
  for (std::string_view name : known) {
    const std::size_t distance = edit_distance(word, name);
    const bool contained =
        word.size() >= 3 && (name.find(word) != name.npos || word.find(name) != word.npos);
    if (2 * distance > std::max(word.size(), name.size()) && !contained) continue;
    if (best.empty() || distance < least) {
      best = name;
      least = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view near = nearest_name(word, known);
  return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

}  // namespace razorsim
