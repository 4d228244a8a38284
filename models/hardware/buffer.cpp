// SPDX-License-Identifier: Apache-2.0
#include "models/hardware/buffer.h"

#include <algorithm>

#include "models/base/errors.h"
#include "models/hardware/clock.h"

namespace razorsim {

void Buffer::take(Bytes bytes, Picoseconds& at) {
  promise(bytes <= capacity_, name_, ": a panel larger than the buffer");
  for (;;) {
    for (; !returns_.empty() && returns_.front().at <= at; returns_.pop_front())
      returning_ -= returns_.front().bytes;
    if (used_ + returning_ + bytes <= capacity_) break;
    // Another module may yet give back sooner, so the time of a return must have come.
    if (!returns_.empty()) freed_.notify(as_time(returns_.front().at - now()));
    taker_waits_ = true;
    sc_core::wait(freed_);
    taker_waits_ = false;
    at = std::max(at, now());
  }
  used_ += bytes;
  gauge_.grow(at, bytes.count());
}

void Buffer::give_back(Bytes bytes, Picoseconds at) {
  promise(bytes <= used_, name_, ": more given back than taken");
  used_ -= bytes;
  returning_ += bytes;
  const auto later =
      std::upper_bound(returns_.begin(), returns_.end(), at,
                       [](Picoseconds time, const Return& each) { return time < each.at; });
  returns_.insert(later, {at, bytes});
  gauge_.grow(at, -bytes.count());
  if (!taker_waits_) return;
  if (at <= now()) {
    freed_.notify();
  } else {
    freed_.notify(as_time(at - now()));  // the soonest counts
  }
}

void Buffer::reserve(std::int64_t panel, Bytes bytes, Picoseconds& at) {
  take(bytes, at);
  promise(panels_.try_emplace(panel, Panel{.bytes = bytes}).second, name_,
          ": a panel reserved twice");
}

void Buffer::fill(std::int64_t panel, Cause cause, Picoseconds at) {
  Panel& filled = panels_.at(panel);
  filled.filled = true;
  filled.cause = cause;
  filled.filled_at = at;
  if (waiting_ > 0) filled_.notify();
}

Cause Buffer::await(std::int64_t panel, Picoseconds& at) {
  for (;;) {
    const auto found = panels_.find(panel);
    if (found != panels_.end() && found->second.filled) {
      at = std::max(at, found->second.filled_at);
      return found->second.cause;
    }
    ++waiting_;
    sc_core::wait(filled_);
    --waiting_;
  }
}

void Buffer::release(std::int64_t panel, Picoseconds at) {
  const auto found = panels_.find(panel);
  promise(found != panels_.end() && found->second.filled, name_,
          ": release of a panel that is not there");
  const Bytes bytes = found->second.bytes;
  panels_.erase(found);
  give_back(bytes, at);
}

}  // namespace razorsim
