// SPDX-License-Identifier: Apache-2.0
// Work in a forked child, its result over a pipe. SystemC elaborates once a process, so every
// simulation has a process of its own; several run side by side.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace razorsim {

/// Runs `work` in a child and returns the bytes it returned. An exception of ours (ConfigError,
/// TraceError, OutputError, Defect, any std::exception) is thrown again here; a child that dies is
/// a Defect. Fork before any thread starts. The child ends without running exit handlers.
[[nodiscard]] std::string run_in_child(const std::function<std::string()>& work);

/// Children side by side.
class ChildPool {
 public:
  /// What becomes of the bytes a child returned.
  using Taker = std::function<void(std::string)>;

  explicit ChildPool(std::size_t at_once);
  ~ChildPool();
  ChildPool(const ChildPool&) = delete;
  ChildPool& operator=(const ChildPool&) = delete;

  /// Starts `work` in a child once fewer than `at_once` are at work; `take` gets its bytes here, in
  /// this process, during a later call. After a fault nothing is started any more.
  void start(const std::function<std::string()>& work, Taker take);
  /// Waits for all. Throws what the first child to be started among those that failed threw.
  void finish();

 private:
  struct Child;
  void wait_for_one();

  std::size_t at_once_;
  std::size_t started_ = 0;
  std::vector<Child> running_;
  std::exception_ptr fault_;
  std::size_t fault_of_ = 0;
};

}  // namespace razorsim
