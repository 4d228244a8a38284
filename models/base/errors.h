// SPDX-License-Identifier: Apache-2.0
// Three words for three faults: the user's configuration, an input file, and a defect of ours.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace razorsim {

/// One thing wrong with a configuration or a command line.
struct Problem {
  std::string path;     ///< key path as written in JSON or `--set`, e.g. "array.rows"
  std::string message;  ///< the value found and what is allowed, e.g. "is 0; allowed: 1 to 1024"
};

/// The user's configuration or usage is wrong: exit code 2. Carries every problem of the file.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<Problem> problems);
  ConfigError(std::string path, std::string message);

  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// A trace, model or other data file is unreadable, corrupt or of another kind: exit code 3.
class TraceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Output that cannot be written: exit code 2.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A promise of ours is broken: exit code 1.
class Defect : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Throws Defect with the parts of `what` put together unless `holds`.
template <class... Parts>
void promise(bool holds, const Parts&... what) {
  if (holds) return;
  std::string text;
  (text.append(what), ...);
  throw Defect(text);
}

/// The member of `known` nearest to `word` by edit distance, or "" when none is near enough to be a
/// plausible misspelling (distance above half the word's length, and neither contains the other).
[[nodiscard]] std::string_view nearest_name(std::string_view word,
                                            std::span<const std::string_view> known);

/// "; did you mean 'rows'?" or "".
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> known);

}  // namespace razorsim
