// SPDX-License-Identifier: Apache-2.0
// Standard input and output as the program uses them.
#pragma once

#include <string>
#include <string_view>

namespace razorsim {

/// Writes to standard output. Throws OutputError when that can't be written (a full disk).
void print(std::string_view text);

/// Flushes standard output. Throws OutputError.
void flush_output();

/// Our one line of an error on standard error, "razorsim: ...", control characters made visible.
void print_error(std::string_view line);

/// All of standard input.
[[nodiscard]] std::string read_standard_input();

/// A progress bar on standard error, drawn only where that is a terminal, wiped at the end.
class Progress {
 public:
  Progress(std::string_view what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Redraws when the share of `done` in `all` moved by a visible step.
  void show(double done, double all);

 private:
  std::string what_;
  bool drawn_ = false;
  bool active_ = false;
  int last_ = -1;
};

}  // namespace razorsim
