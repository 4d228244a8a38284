// SPDX-License-Identifier: Apache-2.0
// Passes whose numbers are computed beside the simulation of time, one after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "sim/values/pass_work.h"

namespace razorsim {

class PassQueue {
 public:
  /// `compute` is called on a thread of the queue's own, which starts with the first pass.
  explicit PassQueue(std::function<void(const PassWork&)> compute) : compute_(std::move(compute)) {}

  void push(PassWork work);
  /// Waits until all passes are computed; rethrows what `compute` threw. After a throw nothing more
  /// is computed.
  void wait();

 private:
  void run(const std::stop_token& stop);

  std::function<void(const PassWork&)> compute_;
  std::mutex guard_;
  std::condition_variable_any changed_;
  std::deque<PassWork> passes_;  // the first is under way
  std::exception_ptr failure_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace razorsim
