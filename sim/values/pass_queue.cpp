// SPDX-License-Identifier: Apache-2.0
#include "sim/values/pass_queue.h"

#include <utility>

namespace razorsim {

void PassQueue::push(PassWork work) {
  {
    const std::scoped_lock lock(guard_);
    if (failure_) return;
    passes_.push_back(std::move(work));
  }
  if (!thread_.joinable())
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  changed_.notify_all();
}

void PassQueue::wait() {
  std::unique_lock lock(guard_);
  changed_.wait(lock, [&] { return passes_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
}

void PassQueue::run(const std::stop_token& stop) {
  std::unique_lock lock(guard_);
  while (changed_.wait(lock, stop, [&] { return !passes_.empty(); })) {
    const PassWork& work = passes_.front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      compute_(work);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    passes_.pop_front();
    if (failure) {
      failure_ = failure;
      passes_.clear();
    }
    changed_.notify_all();
  }
}

}  // namespace razorsim
