// SPDX-License-Identifier: Apache-2.0
// Independent pieces of work on some threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace razorsim {

/// Calls work(0) .. work(count - 1) on up to `threads` threads, in any order; the calls must not
/// depend on each other, so that the result depends on no thread count. Rethrows the first
/// exception.
template <class Work>
void parallel_for(std::int64_t count, int threads, const Work& work) {
  std::atomic<std::int64_t> next{0};
  std::mutex guard;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      for (std::int64_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      const std::scoped_lock lock(guard);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::int64_t i = 1; i < threads && i < count; ++i) helpers.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace razorsim
