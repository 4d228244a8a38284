// SPDX-License-Identifier: Apache-2.0
// Runs the built program as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace razorsim::testing {

struct ProgramRun {
  int exit_code = -1;  ///< 128 + signal where one ended it
  std::string out;
  std::string error;
};

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file below it and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

/// `program` with these arguments in `folder`, `input` on standard input.
[[nodiscard]] ProgramRun run_program(const std::string& program,
                                     const std::vector<std::string>& arguments,
                                     const std::string& input = "",
                                     const std::filesystem::path& folder = ".");

[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace razorsim::testing
